package systems

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract is a published description of an API: OpenAPI 3, or Swagger 2. It is no part of the project.
type contract struct {
	doc    map[string]any
	prefix string   // what stands before each path
	beside []string // "METHOD host/path" of what the vendor describes elsewhere

	mu       sync.Mutex // a compiler serves one at a time
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	held     int
	asked    atomic.Int64
}

// describedBy reads a description. Where there is none it answers nil, against which nothing is held.
func describedBy(t *testing.T, file string, beside ...string) *contract {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "contracts", file))
	if errors.Is(err, os.ErrNotExist) {
		t.Logf("%s is not here, so nothing is held against it", file)
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{doc: doc.(map[string]any), beside: beside, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	inherited := map[string]bool{}
	inheritedIn(c.doc, inherited)
	strict(c.doc, "#", inherited)
	if err := c.compiler.AddResource("contract.json", c.doc); err != nil {
		t.Fatal(err)
	}
	c.prefix, _ = c.doc["basePath"].(string)
	if servers, ok := c.doc["servers"].([]any); ok {
		server := servers[0].(map[string]any)
		whole := server["url"].(string)
		variables, _ := server["variables"].(map[string]any)
		for name, v := range variables {
			whole = strings.ReplaceAll(whole, "{"+name+"}", v.(map[string]any)["default"].(string))
		}
		u, err := url.Parse(whole)
		if err != nil {
			t.Fatal(err)
		}
		c.prefix = u.Path
	}
	c.prefix = strings.TrimRight(c.prefix, "/")
	t.Cleanup(func() {
		if c.asked.Load() > 0 && c.held == 0 {
			t.Errorf("nothing was held against %s", file)
		}
	})
	return c
}

// inheritedIn finds the schemas that others are made of by allOf.
func inheritedIn(v any, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		all, _ := v["allOf"].([]any)
		for _, part := range all {
			if ref, ok := part.(map[string]any)["$ref"].(string); ok {
				found[ref] = true
			}
		}
		for _, inner := range v {
			inheritedIn(inner, found)
		}
	case []any:
		for _, inner := range v {
			inheritedIn(inner, found)
		}
	}
}

// strict makes JSON Schema of OpenAPI's: what may be null says so by its type, and a property that is not
// described is a mistake.
func strict(v any, at string, inherited map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if kind, ok := v["type"].(string); ok && v["nullable"] == true {
			v["type"] = []any{kind, "null"}
		}
		_, all := v["allOf"]
		_, properties := v["properties"].(map[string]any)
		_, more := v["additionalProperties"]
		_, isSchema := v["name"] // a property of this name, not a schema of it
		if (all || properties) && !more && !isSchema && !inherited[at] && !strings.Contains(at, "/allOf/") {
			v["unevaluatedProperties"] = false
		}
		for name, inner := range v {
			strict(inner, at+"/"+name, inherited)
		}
	case []any:
		for i, inner := range v {
			strict(inner, fmt.Sprintf("%s/%d", at, i), inherited)
		}
	}
}

// hold holds each request to a simulated server, and each answer, against the description.
func (c *contract) hold(t *testing.T, next http.Handler) http.Handler {
	if c == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(c.beside, r.Method+" "+r.Host+r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		c.asked.Add(1)
		path, operation := c.find(r)
		if operation == nil {
			t.Errorf("%s %s is not described", r.Method, r.URL.Path)
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		where := []string{"paths", path, strings.ToLower(r.Method)}
		if err := c.request(r, body, path, operation, where); err != nil {
			t.Errorf("the request %s %s: %v", r.Method, r.URL, err)
		}
		kept := &keeping{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(kept, r)
		if r.Context().Err() != nil && !strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
			return
		}
		if err := c.answer(kept, operation, where); err != nil {
			t.Errorf("the answer to %s %s: %v", r.Method, r.URL, err)
		}
	})
}

// keeping is a ResponseWriter that keeps what it wrote.
type keeping struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (k *keeping) Unwrap() http.ResponseWriter { return k.ResponseWriter }

func (k *keeping) WriteHeader(status int) {
	k.status = status
	k.ResponseWriter.WriteHeader(status)
}

func (k *keeping) Write(data []byte) (int, error) {
	k.body.Write(data)
	return k.ResponseWriter.Write(data)
}

var pathParameter = regexp.MustCompile(`\\\{[^}]+\\\}`)

// find answers the operation that a request is for. Of several paths that fit, the one with the fewest
// parameters is meant.
func (c *contract) find(r *http.Request) (found string, operation map[string]any) {
	path, ok := strings.CutPrefix(r.URL.Path, c.prefix)
	if !ok {
		return "", nil
	}
	paths := c.doc["paths"].(map[string]any)
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		form := "^" + pathParameter.ReplaceAllString(regexp.QuoteMeta(p), "[^/]+") + "$"
		o, there := paths[p].(map[string]any)[strings.ToLower(r.Method)].(map[string]any)
		if there && regexp.MustCompile(form).MatchString(path) && (operation == nil || strings.Count(p, "{") < strings.Count(found, "{")) {
			found, operation = p, o
		}
	}
	return found, operation
}

func (c *contract) request(r *http.Request, body []byte, path string, operation map[string]any, where []string) error {
	known := map[string]bool{}
	for _, list := range []any{operation["parameters"], c.doc["paths"].(map[string]any)[path].(map[string]any)["parameters"]} {
		parameters, _ := list.([]any)
		for i, p := range parameters {
			p := c.follow(p).(map[string]any)
			name := p["name"].(string)
			switch p["in"] {
			case "query":
				known[name] = true
				if p["required"] == true && !r.URL.Query().Has(name) {
					return fmt.Errorf("%s is missing in the address", name)
				}
			case "header":
				if p["required"] == true && r.Header.Get(name) == "" {
					return fmt.Errorf("the header %s is missing", name)
				}
			case "body": // Swagger 2
				return c.check(body, append(where, "parameters", fmt.Sprint(i), "schema")...)
			}
		}
	}
	for name := range r.URL.Query() {
		if !known[name] {
			return fmt.Errorf("%s in the address is not described", name)
		}
	}
	described, ok := c.follow(operation["requestBody"]).(map[string]any)
	if !ok {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	content := described["content"].(map[string]any)
	if _, ok := content[kind]; !ok {
		if len(body) == 0 && described["required"] != true {
			return nil
		}
		return fmt.Errorf("a body of the type %q is not described", kind)
	}
	if kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return err
		}
		values := map[string]string{}
		for name := range form {
			values[name] = form.Get(name)
		}
		body, _ = json.Marshal(values) // texts
	}
	return c.check(body, append(where, "requestBody", "content", kind, "schema")...)
}

func (c *contract) answer(w *keeping, operation map[string]any, where []string) error {
	responses := operation["responses"].(map[string]any)
	key := fmt.Sprint(w.status)
	if responses[key] == nil {
		key = "default"
	}
	if responses[key] == nil {
		if w.status >= 400 { // what a gateway answers before the operation is reached
			return nil
		}
		return fmt.Errorf("%d is not described", w.status)
	}
	kind, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
	place := append(where, "responses", key, "content", kind, "schema")
	if c.doc["swagger"] != nil {
		place = append(where, "responses", key, "schema")
	}
	response := c.follow(responses[key]).(map[string]any)
	content, _ := response["content"].(map[string]any)
	if c.doc["swagger"] == nil && content[kind] == nil || c.doc["swagger"] != nil && response["schema"] == nil {
		if len(content) > 0 && w.body.Len() > 0 {
			return fmt.Errorf("an answer of the type %q is not described", kind)
		}
		return nil
	}
	if ref, ok := responses[key].(map[string]any)["$ref"].(string); ok {
		place = append(strings.Split(strings.TrimPrefix(ref, "#/"), "/"), place[len(where)+2:]...)
	}
	data := w.body.Bytes()
	if kind == "text/event-stream" { // described as the list of what the events hold
		var events []string
		for line := range strings.Lines(string(data)) {
			if event, ok := strings.CutPrefix(line, "data:"); ok {
				events = append(events, event)
			}
		}
		data = []byte("[" + strings.Join(events, ",") + "]")
	}
	return c.check(data, place...)
}

// follow answers what a reference leads to, or the thing itself.
func (c *contract) follow(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	ref, ok := object["$ref"].(string)
	if !ok {
		return v
	}
	var at any = c.doc
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[step]
	}
	return at
}

// check holds JSON against the schema at a place of the description.
func (c *contract) check(data []byte, place ...string) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%q is no JSON: %w", data, err)
	}
	pointer := "contract.json#"
	for _, step := range place {
		pointer += "/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(step))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.schemas[pointer]
	if !ok {
		if s, err = c.compiler.Compile(pointer); err != nil {
			return err
		}
		c.schemas[pointer] = s
	}
	c.held++
	if err := s.Validate(value); err != nil {
		return fmt.Errorf("%s: %w", data, err)
	}
	return nil
}
