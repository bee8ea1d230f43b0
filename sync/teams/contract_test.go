package teams

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/sync/presence"
)

// contract is the part of Microsoft Graph's OpenAPI description that a request can be checked against.
type contract struct {
	Paths map[string]map[string]struct {
		RequestBody *struct {
			Content map[string]struct {
				Schema struct {
					Properties map[string]struct {
						Type    string `yaml:"type"`
						Pattern string `yaml:"pattern"`
					} `yaml:"properties"`
				} `yaml:"schema"`
			} `yaml:"content"`
		} `yaml:"requestBody"`
	} `yaml:"paths"`
}

func readContract(t *testing.T) contract {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, "..", "shared", "contracts", "graph.openapi.yaml"))
	if err != nil {
		t.Skip("Graph's OpenAPI description is not here")
	}
	// Method maps hold other keys as well ("description"), so they are read loosely.
	var loose struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(text, &loose); err != nil {
		t.Fatal(err)
	}
	for _, item := range loose.Paths {
		for key := range item {
			if key != "get" && key != "post" {
				delete(item, key)
			}
		}
	}
	strict, err := yaml.Marshal(loose)
	if err != nil {
		t.Fatal(err)
	}
	var c contract
	if err := yaml.Unmarshal(strict, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// Every request stands in Graph's own description: method, path, the body's fields and their form.
func TestRequestsKeepTheContract(t *testing.T) {
	c := readContract(t)
	for _, tenant := range []string{"/me", "/users/{user-id}"} {
		t.Run(tenant, func(t *testing.T) {
			s := newStage(t)
			side := s.signedIn()
			s.answerGraph(func(got seen) reply {
				if tenant != "/me" && strings.HasPrefix(got.path, "/me/") {
					return reply{status: 404}
				}
				return reply{body: map[string]any{"availability": "Away", "activity": "Away"}}
			})
			ctx := t.Context()
			for _, err := range []error{
				read(ctx, side),
				side.SetSession(ctx, presence.InACall, 5*time.Minute),
				side.SetSession(ctx, presence.Presenting, 4*time.Hour),
				side.ClearSession(ctx),
				side.SetPreferred(ctx, presence.AppearOffline, 36*time.Hour),
				side.ClearPreferred(ctx),
				side.SetMessage(ctx, "On the phone", time.Hour),
			} {
				if err != nil {
					t.Fatal(s.hear(err))
				}
			}
			checked := map[string]bool{}
			for _, call := range s.graphCalls() {
				path := strings.Replace(call.path, "/users/oid-ada/", "/users/{user-id}/", 1)
				if !strings.HasPrefix(path, tenant+"/") {
					continue
				}
				op, ok := c.Paths[path][strings.ToLower(call.method)]
				if !ok {
					t.Errorf("%s %s is not in the contract", call.method, path)
					continue
				}
				checked[path] = true
				if call.method == "GET" {
					if call.body != "" {
						t.Errorf("%s has a body", path)
					}
					continue
				}
				if got := call.header.Get("Content-Type"); got != "application/json" {
					t.Errorf("%s: the content type is %q", path, got)
				}
				var body map[string]any
				if err := json.Unmarshal([]byte(call.body), &body); err != nil {
					t.Errorf("%s: the body is %q: %v", path, call.body, err)
				}
				if op.RequestBody == nil { // documents ask for an empty object all the same
					if len(body) != 0 {
						t.Errorf("%s: the body %q should be empty", path, call.body)
					}
					continue
				}
				properties := op.RequestBody.Content["application/json"].Schema.Properties
				for name, value := range body {
					property, ok := properties[name]
					if !ok {
						t.Errorf("%s: the contract has no field %q", path, name)
					} else if text, _ := value.(string); property.Pattern != "" && !regexp.MustCompile(property.Pattern).MatchString(text) {
						t.Errorf("%s: %s=%v does not match %s", path, name, value, property.Pattern)
					}
				}
				for name := range properties {
					if body[name] == nil || body[name] == "" {
						t.Errorf("%s: the field %q is missing", path, name)
					}
				}
				if id, ok := body["sessionId"]; ok && id != testClient {
					t.Errorf("%s: the session id is %q and not the client id", path, id)
				}
			}
			if len(checked) != 6 {
				t.Errorf("checked only %v", checked)
			}
		})
	}
}
