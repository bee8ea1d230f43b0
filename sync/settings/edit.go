package settings

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Change is one change of a settings file: what stands at Path becomes Value; nil takes it away. A step after
// "phones" is a phone's id.
type Change struct {
	Path  []string
	Value any // a text, a number, a bool, or a map or yaml.MapSlice of them
}

// Edit changes a settings file's text and leaves the rest of it, its comments included, as it is.
func Edit(text []byte, changes ...Change) ([]byte, error) {
	want, err := generic(text)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if line, ok := c.Value.(string); ok && strings.ContainsAny(line, "\r\n") {
			return nil, fmt.Errorf("%s must stand on one line", strings.Join(c.Path, "."))
		}
		if want, err = apply(want, c.Path, c.Value); err != nil {
			return nil, err
		}
		if text, err = editText(text, c, want); err != nil {
			return nil, err
		}
	}
	// What was written must say what was meant: a text that does not is never saved.
	got, err := generic(text)
	if err != nil || !reflect.DeepEqual(got, want) {
		return nil, errors.Join(errors.New("the settings file is written in a way that cannot be changed safely; change it by hand"), err)
	}
	return text, nil
}

// generic reads a file as plain values.
func generic(text []byte) (map[string]any, error) {
	m := map[string]any{}
	if err := yaml.Unmarshal(text, &m); err != nil {
		return nil, place(err)
	}
	if m == nil {
		m = map[string]any{}
	}
	return m, nil
}

// plain makes plain values of a Value, as a file would be read.
func plain(value any) (any, error) {
	text, err := yaml.Marshal(map[string]any{"v": value})
	if err != nil {
		return nil, err
	}
	m, err := generic(text)
	return m["v"], err
}

// apply is what a change means: it answers m with it.
func apply(m map[string]any, path []string, value any) (map[string]any, error) {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]any{}
	}
	key := path[0]
	switch {
	case len(path) == 1 && value == nil:
		delete(m, key)
		return m, nil
	case len(path) == 1:
		v, err := plain(value)
		m[key] = v
		return m, err
	case key == "phones":
		list, _ := m[key].([]any)
		list = slices.Clone(list)
		i := slices.IndexFunc(list, func(p any) bool { return idOf(p) == path[1] })
		switch {
		case i < 0 && value == nil:
			return m, nil
		case len(path) == 2 && value == nil:
			list = slices.Delete(list, i, i+1)
		case len(path) == 2:
			v, err := plain(value)
			if err != nil {
				return nil, err
			}
			if i < 0 {
				list = append(list, v)
			} else {
				list[i] = v
			}
		default:
			if i < 0 {
				list, i = append(list, map[string]any{"id": path[1]}), len(list)
			}
			one, _ := list[i].(map[string]any)
			var err error
			if list[i], err = apply(one, path[2:], value); err != nil {
				return nil, err
			}
		}
		m[key] = list
		return m, nil
	}
	under, isMap := m[key].(map[string]any)
	if value == nil && !isMap {
		return m, nil
	}
	var err error
	m[key], err = apply(under, path[1:], value)
	return m, err
}

// idOf is a phone's id in a file: its system's where it has none of its own.
func idOf(p any) string {
	m, _ := p.(map[string]any)
	for _, key := range []string{"id", "system"} {
		if id, ok := m[key].(string); ok && id != "" {
			return id
		}
	}
	return ""
}

// editText does to the text what want says of the change.
func editText(text []byte, c Change, want map[string]any) ([]byte, error) {
	file, err := parser.ParseBytes(text, parser.ParseComments)
	if err != nil {
		return nil, place(err)
	}
	var root *ast.MappingNode
	if len(file.Docs) > 0 {
		root, _ = file.Docs[0].Body.(*ast.MappingNode)
	}
	if root == nil || len(root.Values) == 0 { // nothing, or comments alone
		if root != nil || len(want) == 0 {
			text = nil
		}
		more, err := yaml.Marshal(want)
		if len(want) == 0 || err != nil {
			return text, err
		}
		if n := len(text); n > 0 && text[n-1] != '\n' {
			text = append(text, '\n')
		}
		return append(text, more...), nil
	}
	if err := edit(root, c.Path, c.Value); err != nil {
		return nil, err
	}
	return []byte(file.String()), nil
}

func edit(m *ast.MappingNode, path []string, value any) error {
	i := slices.IndexFunc(m.Values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == path[0] })
	switch {
	case value == nil && i < 0:
		return nil
	case len(path) == 1 && value == nil:
		m.Values = slices.Delete(m.Values, i, i+1)
		return nil
	case len(path) == 1:
		return put(m, i, path[0], value)
	case path[0] == "phones":
		return editPhones(m, i, path[1:], value)
	}
	if i >= 0 {
		if under, ok := m.Values[i].Value.(*ast.MappingNode); ok && len(under.Values) > 0 {
			if err := edit(under, path[1:], value); err != nil || len(under.Values) > 0 {
				return err
			}
			return put(m, i, path[0], map[string]any{}) // a map in lines cannot be empty
		}
	}
	if value == nil {
		return nil
	}
	return put(m, i, path[0], nested(path[1:], value))
}

// nested wraps a value into the maps that lead to it.
func nested(path []string, value any) any {
	for _, key := range slices.Backward(path) {
		value = map[string]any{key: value}
	}
	return value
}

// put sets the ith value of a map, or with i < 0 adds one.
func put(m *ast.MappingNode, i int, key string, value any) error {
	node, err := yaml.ValueToNode(map[string]any{key: value})
	if err != nil {
		return err
	}
	made, ok := node.(*ast.MappingNode)
	if !ok || len(made.Values) != 1 {
		return fmt.Errorf("%T is no map with one key", node)
	}
	if m.IsFlowStyle {
		made.SetIsFlowStyle(true)
	} else {
		column := m.Values[0].Key.GetToken().Position.Column
		made.AddColumn(column - made.Values[0].Key.GetToken().Position.Column)
	}
	if i < 0 {
		m.Values = append(m.Values, made.Values[0])
		return nil
	}
	was, now := m.Values[i].Value, made.Values[0].Value
	if comment := was.GetComment(); comment != nil && scalar(was) && scalar(now) {
		if err := now.SetComment(comment); err != nil {
			return err
		}
	}
	m.Values[i].Value = now
	return nil
}

func scalar(n ast.Node) bool { _, ok := n.(ast.ScalarNode); return ok }

func editPhones(m *ast.MappingNode, i int, path []string, value any) error {
	var list *ast.SequenceNode
	if i >= 0 {
		list, _ = m.Values[i].Value.(*ast.SequenceNode)
	}
	at := -1
	if list != nil {
		at = slices.IndexFunc(list.Values, func(n ast.Node) bool { return idOfNode(n) == path[0] })
	}
	switch {
	case value == nil && at < 0:
		return nil
	case len(path) == 1 && value == nil:
		if len(list.ValueHeadComments) == len(list.Values) {
			list.ValueHeadComments = slices.Delete(list.ValueHeadComments, at, at+1)
		}
		if list.Values = slices.Delete(list.Values, at, at+1); len(list.Values) == 0 {
			return put(m, i, "phones", []any{})
		}
		return nil
	case at >= 0 && len(path) > 1:
		one, ok := list.Values[at].(*ast.MappingNode)
		if !ok {
			return fmt.Errorf("the phone %q is written in a way that cannot be changed here", path[0])
		}
		return edit(one, path[1:], value)
	case at >= 0:
		return fmt.Errorf("the phone %q is there already", path[0])
	}
	if len(path) > 1 {
		value = yaml.MapSlice{{Key: "id", Value: path[0]}, {Key: path[1], Value: nested(path[2:], value)}}
	}
	if list == nil || len(list.Values) == 0 {
		return put(m, i, "phones", []any{value})
	}
	node, err := yaml.ValueToNode([]any{value})
	if err != nil {
		return err
	}
	more, ok := node.(*ast.SequenceNode)
	if !ok {
		return fmt.Errorf("%T is no list", node)
	}
	more.SetIsFlowStyle(list.IsFlowStyle)
	if missing := len(list.Values) - len(list.ValueHeadComments); missing > 0 {
		list.ValueHeadComments = append(list.ValueHeadComments, make([]*ast.CommentGroupNode, missing)...)
	}
	list.Merge(more)
	return nil
}

func idOfNode(n ast.Node) string {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return ""
	}
	found := map[string]any{}
	for _, v := range m.Values {
		if key := v.Key.GetToken().Value; key == "id" || key == "system" {
			found[key] = v.Value.GetToken().Value
		}
	}
	return idOf(found)
}
