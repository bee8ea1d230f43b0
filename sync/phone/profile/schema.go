package profile

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/offhook/offhook/sync/presence"
)

// Schema is the form of a profile's file as a JSON Schema, made from the same types as the file is read into,
// so that an editor knows every key.
func Schema() []byte {
	s := schemas{defs: map[string]any{}}
	whole := s.object(reflect.TypeFor[file]())
	whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	whole["title"] = "An Offhook phone system"
	whole["$defs"] = s.defs
	for at, values := range choices() {
		keys := strings.Split(at, ".")
		o := whole
		for _, key := range keys[:len(keys)-1] {
			o = s.inner(o["properties"].(map[string]any)[key].(map[string]any))
		}
		properties := o["properties"].(map[string]any)
		last := keys[len(keys)-1]
		properties[last] = described(map[string]any{"enum": values}, properties[last].(map[string]any)["description"])
	}
	data, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		panic("profile: the schema is no JSON: " + err.Error())
	}
	return append(data, '\n')
}

// choices are the keys that take one of a few values.
func choices() map[string][]string {
	var states []string
	for _, s := range presence.TeamsStates() {
		states = append(states, s.Pair.String())
	}
	var settable []string
	for _, p := range presence.LegalTargets() {
		settable = append(settable, p.String())
	}
	return map[string][]string{
		"proof":                        proofs,
		"statuses.means":               {"away", "available", "busy", "dnd"},
		"mapping.teams_to_phone.teams": states,
		"mapping.phone_to_teams.teams": settable,
	}
}

// schemas gathers the schemas of the structs in a file, each once.
type schemas struct{ defs map[string]any }

// inner is the object that a reference or a list of such stands for.
func (s *schemas) inner(o map[string]any) map[string]any {
	if items, ok := o["items"].(map[string]any); ok {
		o = items
	}
	if ref, ok := o["$ref"].(string); ok {
		o = s.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	return o
}

func (s *schemas) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	names, index := keysOf(t)
	for _, name := range names {
		f := t.FieldByIndex(index[name])
		about := f.Tag.Get("doc")
		if why, needed := f.Tag.Lookup("required"); needed {
			required = append(required, name)
			about = why
		}
		var says any
		if about != "" {
			says = about
		}
		properties[name] = described(s.of(f.Type), says)
	}
	o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func described(schema map[string]any, about any) map[string]any {
	if about != nil {
		schema["description"] = about
	}
	return schema
}

// of is the schema of a type, by the same rules by which decode fills it.
func (s *schemas) of(t reflect.Type) map[string]any {
	scalar := func(kinds ...string) map[string]any { return map[string]any{"type": kinds} }
	if l, ok := reflect.New(t).Interface().(interface {
		schema(*schemas) map[string]any
	}); ok {
		return l.schema(s)
	}
	if _, ok := reflect.New(t).Interface().(leaf); ok {
		return scalar("string", "number", "boolean")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Bool:
		return scalar("boolean")
	case reflect.Struct:
		if _, there := s.defs[t.Name()]; !there {
			s.defs[t.Name()] = nil // should it ever hold itself
			s.defs[t.Name()] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	}
	panic("profile: no schema for a " + t.String())
}

func (v *values) schema(s *schemas) map[string]any {
	one := s.of(reflect.TypeFor[text]())
	return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one}}}
}

// A body is any tree.
func (b *body) schema(*schemas) map[string]any { return map[string]any{} }

func (w *steps) schema(s *schemas) map[string]any {
	one := s.of(reflect.TypeFor[request]())
	return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one}}}
}

func (o *ordered[T]) schema(s *schemas) map[string]any {
	return map[string]any{"type": "object", "additionalProperties": s.of(reflect.TypeFor[T]())}
}
