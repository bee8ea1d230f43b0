package simulate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/sync/simulate"
)

// The answers are what the official description of Graph says, where that is at hand: every status that is
// answered is described, and every body fits its schema.
func TestContract(t *testing.T) {
	c := openContract(t, "graph.openapi.yaml")
	g := start(t, simulate.Options{}).signedIn()
	set := inACall(g.ClientID())
	me, user := "/me/presence", "/users/"+simulate.UserID+"/presence"
	tests := []struct {
		fault, method, path, template, body string
	}{
		{"", "get", "/me", "/me", ""},
		{"", "get", me, me, ""},
		{"", "get", user, "/users/{user-id}/presence", ""},
		{"", "post", me + "/setPresence", me + "/setPresence", set},
		{"", "post", me + "/setUserPreferredPresence", me + "/setUserPreferredPresence", `{"availability":"Busy","activity":"Busy","expirationDuration":"PT1H"}`},
		{"", "post", me + "/setStatusMessage", me + "/setStatusMessage", `{"statusMessage":{"message":{"content":"back at two","contentType":"text"},"expiryDateTime":{"dateTime":"2126-01-02T03:04:05","timeZone":"UTC"}}}`},
		{"", "get", me, me, ""}, // the stale one
		{"", "get", me, me, ""}, // with a message
		{"", "post", me + "/clearUserPreferredPresence", me + "/clearUserPreferredPresence", `{}`},
		{"", "post", me + "/clearPresence", me + "/clearPresence", fmt.Sprintf(`{"sessionId":%q}`, g.ClientID())},
		{"", "post", me + "/clearPresence", me + "/clearPresence", fmt.Sprintf(`{"sessionId":%q}`, g.ClientID())}, // 404
		{"", "post", me + "/setPresence", me + "/setPresence", `{}`},                                              // 400
		{"", "post", user + "/setPresence", "/users/{user-id}/presence/setPresence", set},
		{"401", "get", me, me, ""},
		{"403", "get", me, me, ""},
		{"429", "post", me + "/setPresence", me + "/setPresence", set},
		{"503", "get", me, me, ""},
	}
	for _, tt := range tests {
		g.play("fault", `{"graph":"none"}`)
		if tt.fault != "" {
			g.play("fault", `{"graph":"`+tt.fault+`"}`)
		}
		r := g.must(strings.ToUpper(tt.method), g.GraphURL()+tt.path, g.bearer, tt.body)
		if err := c.answer(tt.template, tt.method, r); err != nil {
			t.Errorf("%s %s %s: %v\n%d %s", tt.fault, tt.method, tt.path, err, r.Status, r.Body)
		}
	}
}

// The check itself finds what is wrong.
func TestContractFindsFaults(t *testing.T) {
	c := openContract(t, "graph.openapi.yaml")
	for body, legal := range map[string]bool{
		`{"id":"1","availability":"Busy","activity":"InACall"}`:                        true,
		`{"id":"1","statusMessage":null,"outOfOfficeSettings":{"isOutOfOffice":true}}`: true,
		`{"id":1}`:              false,
		`{"availability":true}`: false,
		`{"outOfOfficeSettings":{"isOutOfOffice":"no"}}`:      false,
		`{"statusMessage":{"publishedDateTime":"yesterday"}}`: false,
		`{"availabilty":"Busy"}`:                              false,
		`[]`:                                                  false,
	} {
		err := c.answer("/me/presence", "get", reply{Status: 200, Body: body})
		if (err == nil) != legal {
			t.Errorf("%s: legal %v, but %v", body, legal, err)
		}
	}
	if err := c.answer("/me/presence/setPresence", "post", reply{Status: 302}); err == nil {
		t.Error("a status that is not described passes")
	}
}

// contract is an OpenAPI description, as far as answers go.
type contract map[string]any

// openContract reads a description from beside the project, or skips the test.
func openContract(t *testing.T, name string) contract {
	t.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("this test is in no module")
		}
		root = filepath.Dir(root)
	}
	b, err := os.ReadFile(filepath.Join(root, "..", "shared", "contracts", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here, so the answers are not checked against it", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	var c contract
	if err := yaml.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// at walks down by keys.
func (c contract) at(keys ...string) map[string]any {
	m := map[string]any(c)
	for _, k := range keys {
		m, _ = m[k].(map[string]any)
	}
	return m
}

// resolve follows a $ref.
func (c contract) resolve(m map[string]any) map[string]any {
	for {
		ref, ok := m["$ref"].(string)
		if !ok {
			return m
		}
		m = c.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
}

func (c contract) answer(path, method string, r reply) error {
	responses := c.at("paths", path, method, "responses")
	if responses == nil {
		return fmt.Errorf("%s %s is not described", method, path)
	}
	described, ok := responses[strconv.Itoa(r.Status)].(map[string]any)
	if !ok {
		if described, ok = responses[strconv.Itoa(r.Status/100)+"XX"].(map[string]any); !ok {
			return fmt.Errorf("the status %d is not described", r.Status)
		}
	}
	described = c.resolve(described)
	if described["content"] == nil {
		if r.Body != "" {
			return errors.New("there is a body, and none is described")
		}
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(r.Body), &v); err != nil {
		return err
	}
	schema, _ := contract(described).at("content", "application/json")["schema"].(map[string]any)
	return c.fits("$", schema, v)
}

// fits checks a value against a schema: types, required and unknown properties, enums and patterns.
func (c contract) fits(where string, schema map[string]any, v any) error {
	schema = c.resolve(schema)
	if choices, ok := schema["anyOf"].([]any); ok {
		var errs []error
		for _, s := range choices {
			choice := s.(map[string]any)
			if choice["nullable"] == true && choice["properties"] == nil { // it only says: or null
				if v == nil {
					return nil
				}
				continue
			}
			err := c.fits(where, choice, v)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
	if v == nil && schema["nullable"] == true {
		return nil
	}
	switch t := c.typeOf(schema); t {
	case "object":
		return c.fitsObject(where, schema, v)
	case "array":
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s is no array", where)
		}
		items, _ := schema["items"].(map[string]any)
		for i, e := range list {
			if err := c.fits(fmt.Sprintf("%s[%d]", where, i), items, e); err != nil {
				return err
			}
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("%s is no boolean", where)
		}
	case "integer", "number":
		if _, ok := v.(float64); !ok {
			return fmt.Errorf("%s is no number", where)
		}
	case "string":
		return fitsString(where, schema, v)
	default:
		return fmt.Errorf("%s has the unknown type %q", where, t)
	}
	return nil
}

func (c contract) typeOf(schema map[string]any) string {
	if schema["allOf"] != nil || schema["properties"] != nil {
		return "object"
	}
	t, _ := schema["type"].(string)
	return t
}

func fitsString(where string, schema map[string]any, v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("%s is no string", where)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, any(s)) {
		return fmt.Errorf("%s is %q, none of %v", where, s, enum)
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(s) {
		return fmt.Errorf("%s is %q, which does not fit %s", where, s, pattern)
	}
	return nil
}

func (c contract) fitsObject(where string, schema map[string]any, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no object", where)
	}
	properties, required := map[string]map[string]any{}, []string{}
	c.collect(schema, properties, &required)
	for _, name := range required {
		if _, ok := object[name]; !ok {
			return fmt.Errorf("%s lacks %s", where, name)
		}
	}
	for name, value := range object {
		property, known := properties[name]
		switch {
		case !known && strings.HasPrefix(name, "@odata."):
		case !known && len(properties) > 0:
			return fmt.Errorf("%s.%s is not described", where, name)
		case known:
			if err := c.fits(where+"."+name, property, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect gathers the properties of a schema and of those it is made of.
func (c contract) collect(schema map[string]any, properties map[string]map[string]any, required *[]string) {
	schema = c.resolve(schema)
	parts, _ := schema["allOf"].([]any)
	for _, part := range parts {
		c.collect(part.(map[string]any), properties, required)
	}
	names, _ := schema["required"].([]any)
	for _, name := range names {
		*required = append(*required, name.(string))
	}
	own, _ := schema["properties"].(map[string]any)
	for name, p := range own {
		properties[name], _ = p.(map[string]any)
	}
}
