package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/offhook/offhook/assets"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("profile.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("profile.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tree(t *testing.T, file []byte) any {
	t.Helper()
	data, err := yaml.YAMLToJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Whatever the engine takes the schema takes: the good file in all its forms, and every shipped preset.
func TestSchemaTakesWhatTheEngineTakes(t *testing.T) {
	s := compiled(t)
	files := map[string][]byte{"good.yaml": []byte(good), "reference.yaml": []byte(reference)}
	for name, part := range map[string]string{"websocket": socketPart, "signalr": hubPart, "long_poll": longPollPart} {
		files[name] = withEvents(t, part)
	}
	shipped, err := fs.Glob(assets.Presets, "presets/*.yaml")
	if err != nil || len(shipped) == 0 {
		t.Fatal(err, shipped)
	}
	for _, name := range shipped {
		if files[name], err = assets.Presets.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range files {
		if err := s.Validate(tree(t, file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, file := range map[string][]byte{
		"an unknown key":                   changed(t, "base: ${server}", "bse: ${server}"),
		"an unknown key deep inside":       changed(t, "path: /me}", "path: /me, verb: GET}"),
		"a missing key":                    changed(t, "title: Test PBX\n", ""),
		"a list for a text":                changed(t, "title: Test PBX", "title: [Test PBX]"),
		"what Graph does not take":         changed(t, "phone: On a call, teams: Busy/InACall", "phone: On a call, teams: Busy/InAMeeting"),
		"an unknown state":                 changed(t, "teams: Away/Away", "teams: Away/Gone"),
		"an unknown key of all the events": changed(t, "    silence: 40s", "    silense: 40s"),
	} {
		var wrong *jsonschema.ValidationError
		if err := s.Validate(tree(t, file)); !errors.As(err, &wrong) {
			t.Errorf("%s was taken: %v", name, err)
		}
	}
}

// Each object of the schema has the very keys that the decoder knows there: it is asked by a key it does not
// know.
func TestSchemaAndDecoderAgree(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	defs := schema["$defs"].(map[string]any)
	known := regexp.MustCompile(`unknown key "zzz"; remove or correct it; the keys here are: (.*)`)
	objects, seen := 0, map[string]bool{}
	var walk func(node map[string]any, at, before, after string)
	walk = func(node map[string]any, at, before, after string) {
		if ref, ok := node["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			if seen[name] {
				return
			}
			seen[name] = true
			node = defs[name].(map[string]any)
		}
		for _, one := range asList(node["anyOf"]) {
			walk(one.(map[string]any), at, before, after)
		}
		if items, ok := node["items"].(map[string]any); ok {
			walk(items, at+"[]", before+"[", "]"+after)
		}
		if each, ok := node["additionalProperties"].(map[string]any); ok {
			walk(each, at+".x", before+"{x: ", "}"+after)
		}
		properties, ok := node["properties"].(map[string]any)
		if !ok {
			return
		}
		objects++
		text := before + "{zzz: 1}" + after
		_, err := Parse("x.yaml", []byte(text))
		keys := known.FindStringSubmatch(fmt.Sprint(err))
		if keys == nil {
			t.Errorf("%s: the decoder takes %s for something else: %v", at, text, err)
			return
		}
		got := strings.Split(keys[1], ", ")
		slices.Sort(got)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(properties)), got); diff != "" {
			t.Errorf("%s: the schema (-) and the decoder (+) differ:\n%s", at, diff)
		}
		for name, p := range properties {
			walk(p.(map[string]any), at+"."+name, before+"{"+name+": ", "}"+after)
		}
	}
	walk(schema, "", "", "")
	if objects < 15 || len(defs) != len(seen) {
		t.Errorf("%d objects, %d of %d definitions looked at", objects, len(seen), len(defs))
	}
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// Whoever writes events finds in the schema what each key is for.
func TestSchemaDescribesTheEvents(t *testing.T) {
	var schema struct {
		Defs map[string]struct {
			Properties map[string]struct{ Description string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"events", "stream", "webSocket", "signalR", "longPoll", "opening", "renewal"} {
		for key, p := range schema.Defs[name].Properties {
			if p.Description == "" && key != "arguments" {
				t.Errorf("%s.%s has no description", name, key)
			}
		}
		if len(schema.Defs[name].Properties) == 0 {
			t.Errorf("there is no %s", name)
		}
	}
}
