package teams

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestSettingsAreChecked(t *testing.T) {
	tests := map[string]struct {
		change func(*Config)
		says   string // empty: accepted
	}{
		"all defaults": {func(*Config) {}, ""},
		"a national cloud": {func(c *Config) {
			c.Authority, c.Graph = "https://login.microsoftonline.us/x", "https://graph.microsoft.us/v1.0"
		}, ""},
		"Graph on plain loopback": {func(c *Config) { c.Graph = "http://127.0.0.1:8080/v1.0" }, ""},
		"no client id":            {func(c *Config) { c.ClientID = " " }, "app registration"},
		"authority without TLS":   {func(c *Config) { c.Authority = "http://login.microsoftonline.com/x" }, "authority"},
		"authority no address":    {func(c *Config) { c.Authority = "login" }, "authority"},
		"authority, no tenant":    {func(c *Config) { c.Authority = "https://login.microsoftonline.com" }, "names no tenant"},
		"Graph without TLS":       {func(c *Config) { c.Graph = "http://graph.microsoft.com/v1.0" }, "graph"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Config{ClientID: testClient, Secrets: &memory{values: map[string][]byte{}}}
			test.change(&c)
			side, err := New(c)
			if test.says == "" {
				if err != nil || side == nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if p := problem.Of(err); p == nil || p.Kind != problem.Settings || !strings.Contains(p.What.String(), test.says) || p.Do.IsZero() {
				t.Errorf("%+v, want it saying %q", p, test.says)
			}
		})
	}
}

func TestMicrosoftHost(t *testing.T) {
	for host, want := range map[string]bool{
		"login.microsoftonline.com": true, "LOGIN.microsoftonline.US": true, "login.partner.microsoftonline.cn": true,
		"localhost": false, "login.microsoftonline.com.evil.example": false, "evilmicrosoftonline.com": false,
	} {
		if got := microsoftHost(host); got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}

// The whole side at work: signed out, signed in, read, written, read again soon, signed out.
func TestWatch(t *testing.T) {
	s := newStage(t)
	side := s.side()
	var mu sync.Mutex
	shows := presence.Available
	s.answerGraph(func(c seen) reply {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(c.path, "/setPresence") {
			shows = presence.InACall
			return reply{status: 204}
		}
		return reply{body: map[string]any{"availability": shows.Availability, "activity": shows.Activity}}
	})
	reports := make(chan string, 100)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		side.Watch(ctx, func(p presence.Presence, asked time.Time, err error) {
			if asked.IsZero() {
				t.Error("a report without a time")
			}
			if err != nil {
				reports <- string(s.hear(err).Kind)
				return
			}
			reports <- p.Pair.String()
		})
	}()
	expect := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-reports:
				if got == want {
					return
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%s was not reported", want)
			}
		}
	}
	expect("signed-out")
	if _, err := side.SignIn(t.Context(), s.browser(nil)); err != nil {
		t.Fatal(s.hear(err))
	}
	expect("Available/Available")
	if err := side.SetSession(t.Context(), presence.InACall, 5*time.Minute); err != nil {
		t.Fatal(s.hear(err))
	}
	expect("Busy/InACall")
	if at, because := side.Next(); time.Until(at) > 2*time.Second || because != "Offhook set your presence" {
		t.Errorf("the next read comes in %s because %q", time.Until(at), because)
	}
	if err := side.SignOut(t.Context()); err != nil {
		t.Fatal(s.hear(err))
	}
	expect("signed-out")
	stop()
	<-done
}

func TestRedact(t *testing.T) {
	token := "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl"
	if got := redact("Token " + token + " is bad"); got != "Token [removed] is bad" {
		t.Error(got)
	}
	const id = "request 7a2e0d5c-3f4b-4c1e-9d8a-1b2c3d4e5f60 failed at https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
	if got := redact(id); got != id {
		t.Error(got)
	}
	if got := redact(strings.Repeat("é ", 1000)); len(got) > 610 {
		t.Errorf("%d bytes", len(got))
	}
}
