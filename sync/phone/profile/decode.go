package profile

import (
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// leaf is a value that reads itself from one node of the file and knows its place there.
type leaf interface{ read(n ast.Node) error }

// branch is a value that reads itself and what lies in it.
type branch interface {
	decode(n ast.Node, bad *mistakes)
}

// decode fills a value from a node: structs by their yaml tags, lists, maps and leaves. It goes on after a
// mistake, so that a person sees all of them at once. A key of a struct tagged required must be there.
func decode(n ast.Node, into reflect.Value, bad *mistakes) {
	if l, ok := into.Addr().Interface().(leaf); ok {
		bad.add(l.read(n))
		return
	}
	if b, ok := into.Addr().Interface().(branch); ok {
		b.decode(n, bad)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		decode(n, into.Elem(), bad)
	case reflect.Struct:
		decodeStruct(n, into, bad)
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			bad.add(at(n).wrong("a list is expected here; write each entry on a line that begins with a dash"))
			return
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list.Values), len(list.Values)))
		for i, v := range list.Values {
			decode(v, into.Index(i), bad)
		}
	case reflect.Map:
		pairs, ok := pairsOf(n)
		if !ok {
			bad.add(at(n).wrong("keys and values are expected here; write each as key: value"))
			return
		}
		into.Set(reflect.MakeMap(into.Type()))
		for _, p := range pairs {
			v := reflect.New(into.Type().Elem()).Elem()
			decode(p.Value, v, bad)
			into.SetMapIndex(reflect.ValueOf(keyOf(p)), v)
		}
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			bad.add(at(n).wrong("%s is neither true nor false; write one of them", quoted(n)))
			return
		}
		into.SetBool(b.Value)
	default:
		panic("profile: no way to decode a " + into.Type().String())
	}
}

func decodeStruct(n ast.Node, into reflect.Value, bad *mistakes) {
	pairs, ok := pairsOf(n)
	names, index := keysOf(into.Type())
	if !ok {
		bad.add(at(n).wrong("keys and values are expected here; the keys are: %s", strings.Join(names, ", ")))
		return
	}
	if s, ok := into.Addr().Interface().(interface{ stand(place) }); ok {
		s.stand(at(n))
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		key := keyOf(p)
		i, known := index[key]
		switch {
		case !known:
			bad.add(at(p.Key).wrong("unknown key %q; remove or correct it; the keys here are: %s", key, strings.Join(names, ", ")))
		case p.Value.Type() == ast.NullType:
			bad.add(at(p.Key).wrong("%q is empty; give it a value or remove it", key))
		default:
			decode(p.Value, into.FieldByIndex(i), bad)
		}
		s, single := scalar(p.Value)
		seen[key] = !single || s != ""
	}
	for _, name := range names {
		why, needed := into.Type().FieldByIndex(index[name]).Tag.Lookup("required")
		if needed && !seen[name] {
			bad.add(at(n).wrong("%q is missing; add it: %s", name, why))
		}
	}
}

// keysOf lists a struct's keys in the order of its fields, those of inlined structs among them.
func keysOf(t reflect.Type) (names []string, index map[string][]int) {
	index = map[string][]int{}
	for i := range t.NumField() {
		switch name := t.Field(i).Tag.Get("yaml"); name {
		case "":
		case inlined:
			inner, at := keysOf(t.Field(i).Type)
			for _, name := range inner {
				names = append(names, name)
				index[name] = append([]int{i}, at[name]...)
			}
		default:
			names = append(names, name)
			index[name] = []int{i}
		}
	}
	return names, index
}

// inlined is the tag of an embedded struct whose keys stand among those of the struct around it.
const inlined = ",inline"

func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func keyOf(p *ast.MappingValueNode) string {
	s, _ := scalar(p.Key)
	return s
}

// scalar is a single value's text as the file has it, whatever YAML takes it for: a status may be 1 or true.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func quoted(n ast.Node) string {
	if s, ok := scalar(n); ok {
		return `"` + s + `"`
	}
	return "this"
}
