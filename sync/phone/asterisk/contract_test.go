package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/goccy/go-yaml"
)

// contract is ARI's published description.
type contract struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	Responses map[string]struct {
		Content map[string]struct{ Schema schema }
	}
}

type schema struct {
	Ref        string `yaml:"$ref"`
	Type       string
	Enum       []string
	Required   []string
	Properties map[string]schema
	Items      *schema
}

func readContract(t *testing.T) (c contract) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "contracts", "asterisk-ari.openapi.yaml"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("ARI's description is not here, so nothing is held against it")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// check says how a value departs from a schema.
func (c contract) check(s schema, value any, where string) error {
	if s.Ref != "" {
		return c.check(c.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]], value, where)
	}
	switch s.Type {
	case "object":
		object, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is no object", where)
		}
		for _, name := range s.Required {
			if _, ok := object[name]; !ok {
				return fmt.Errorf("%s has no %s", where, name)
			}
		}
		for name, property := range s.Properties {
			if v, ok := object[name]; ok {
				if err := c.check(property, v, where+"."+name); err != nil {
					return err
				}
			}
		}
	case "array":
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%s is no list", where)
		}
		for i, v := range list {
			if err := c.check(*s.Items, v, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
	case "string":
		text, ok := value.(string)
		if !ok || len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
			return fmt.Errorf("%s cannot be %v", where, value)
		}
	}
	return nil
}

// undescribed are the answers that ARI gives before an operation is reached.
var undescribed = []int{http.StatusUnauthorized, http.StatusForbidden}

// TestAnswersAreAsDescribed holds the simulated ARI, and a real one, against the description and each other.
func TestAnswersAreAsDescribed(t *testing.T) {
	c := readContract(t)
	t.Run("simulated", func(t *testing.T) {
		server := httptest.NewServer(newSimulated())
		defer server.Close()
		c.hold(t, server.URL+"/ari", secret)
	})
	t.Run("real", func(t *testing.T) { c.hold(t, running(t), "offhook-ari") })
}

func (c contract) hold(t *testing.T, server, password string) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: usualPatience}

	a := newARI(settings{server: server, user: "offhook", password: password}, client)
	conn, err := a.events(t.Context(), "offhook-contract")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()

	for _, r := range []struct {
		method, path, template, query, body, password string
		want                                          int
	}{
		{"GET", "/deviceStates/PJSIP%2F100", "/deviceStates/{deviceName}", "", "", password, 200},
		{"GET", "/deviceStates/PJSIP%2F999", "/deviceStates/{deviceName}", "", "", password, 200},
		{"GET", "/deviceStates/Custom:never-set", "/deviceStates/{deviceName}", "", "", password, 200},
		{"GET", "/deviceStates/PJSIP%2F100", "/deviceStates/{deviceName}", "", "", "wrong", 401},
		{"PUT", "/deviceStates/Stasis:contract", "/deviceStates/{deviceName}", "deviceState=BUSY", "", password, 204},
		{"PUT", "/deviceStates/Custom:contract", "/deviceStates/{deviceName}", "deviceState=BUSY", "", password, 409},
		{"POST", "/asterisk/variable", "/asterisk/variable", "variable=DEVICE_STATE(Custom:contract)&value=BUSY", "", password, 204},
		{"POST", "/asterisk/variable", "/asterisk/variable", "variable=DEVICE_STATE(Custom:contract)&value=LUNCH", "", password, 204},
		{"POST", "/asterisk/variable", "/asterisk/variable", "variable=DB(DND/contract)&value=YES", "", password, 204},
		{"PUT", "/applications/offhook-contract/eventFilter", "/applications/{applicationName}/eventFilter", "", `{"allowed":[{"type":"DeviceStateChanged"}]}`, password, 200},
		{"PUT", "/applications/offhook-contract/eventFilter", "/applications/{applicationName}/eventFilter", "", `{"allowed":`, password, 400},
		{"PUT", "/applications/nobody/eventFilter", "/applications/{applicationName}/eventFilter", "", `{}`, password, 404},
		{"POST", "/applications/offhook-contract/subscription", "/applications/{applicationName}/subscription", "eventSource=deviceState:PJSIP/100,deviceState:Stasis:contract", "", password, 200},
		{"POST", "/applications/offhook-contract/subscription", "/applications/{applicationName}/subscription", "eventSource=endpoint:PJSIP/999", "", password, 422},
		{"POST", "/applications/nobody/subscription", "/applications/{applicationName}/subscription", "eventSource=deviceState:PJSIP/100", "", password, 404},
	} {
		name := fmt.Sprintf("%s %s?%s", r.method, r.path, r.query)
		query, _ := url.ParseQuery(r.query)
		req, err := http.NewRequestWithContext(t.Context(), r.method, server+r.path+"?"+query.Encode(), strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth("offhook", r.password)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != r.want {
			t.Errorf("%s: answered %d %s, want %d", name, resp.StatusCode, body, r.want)
			continue
		}
		described, ok := c.Paths[r.template][strings.ToLower(r.method)].Responses[fmt.Sprint(r.want)]
		if !ok && !slices.Contains(undescribed, r.want) {
			t.Errorf("%s: ARI is not described to answer %d", name, r.want)
		}
		if content, ok := described.Content["application/json"]; ok {
			var value any
			if err := json.Unmarshal(body, &value); err != nil {
				t.Errorf("%s: %v in %s", name, err, body)
			} else if err := c.check(content.Schema, value, "the answer"); err != nil {
				t.Errorf("%s: %v: %s", name, err, body)
			}
		}
	}

	// What was said to be done and was not, and an event.
	if state, err := a.state(t.Context(), "Custom:contract"); state != "BUSY" {
		t.Errorf("Custom:contract reads %s, %v", state, err)
	}
	if err := a.set(t.Context(), "Stasis:contract", "NOT_INUSE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	kind, frame, err := conn.Read(ctx)
	var event map[string]any
	if err != nil || kind != websocket.MessageText || json.Unmarshal(frame, &event) != nil {
		t.Fatalf("the event is %s, %v", frame, err)
	}
	for _, name := range []string{"DeviceStateChanged", "Event", "Message"} {
		if err := c.check(c.Components.Schemas[name], event, "the event"); err != nil {
			t.Errorf("%v: %s", err, frame)
		}
	}
}
