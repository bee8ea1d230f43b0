package simulate_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/simulate"
)

const basic = "Basic MTAwOnNlY3JldC0xMDA=" // 100:secret-100

func (w *world) login() string {
	w.t.Helper()
	r := w.must("POST", w.PhoneURL()+"/login", "", `{"user":"100","password":"secret-100"}`)
	m := r.json(w.t)
	token, _ := m["token"].(string)
	if r.Status != http.StatusOK || token == "" || m["expires_in"] != 600.0 {
		w.t.Fatalf("login: %d %s", r.Status, r.Body)
	}
	return "Bearer " + token
}

func TestPhoneOverHTTP(t *testing.T) {
	w := start(t, simulate.Options{})
	bearer := w.login()
	for _, authorization := range []string{basic, bearer} {
		me := w.must("GET", w.PhoneURL()+"/me", authorization, "").json(t)
		if _, err := time.Parse(time.RFC3339, me["changed"].(string)); err != nil {
			t.Error(err)
		}
		delete(me, "changed")
		want := map[string]any{"extension": "100", "line": "idle", "status": "available"}
		if diff := cmp.Diff(want, me); diff != "" {
			t.Error(diff)
		}
	}
	if r := w.must("PUT", w.PhoneURL()+"/me/status", bearer, `{"status":"vacation"}`); r.Status != http.StatusNoContent {
		t.Errorf("status: %d %s", r.Status, r.Body)
	}
	if got := w.State().Phone; got.Status != "vacation" || got.StatusBy != "application" || got.Line != "idle" {
		t.Errorf("the phone is %+v", got)
	}
	// Once it is set back to what the person chose, it is theirs again.
	w.must("PUT", w.PhoneURL()+"/me/status", bearer, `{"status":"available"}`)
	if got := w.State().Phone; got.StatusBy != "person" {
		t.Errorf("given back, the status is still the %s's", got.StatusBy)
	}
	// The same over TLS.
	secure := strings.Replace(w.GraphURL(), "/v1.0", "/phone/v1/me", 1)
	if r := w.must("GET", secure, basic, ""); r.Status != http.StatusOK {
		t.Errorf("over TLS: %d", r.Status)
	}
}

func TestPhoneRefusals(t *testing.T) {
	w := start(t, simulate.Options{})
	bearer := w.login()
	late := w.login()
	tests := []struct {
		name, method, path, authorization, body string
		status                                  int
		says                                    string
	}{
		{"wrong password", "POST", "/login", "", `{"user":"100","password":"x"}`, 401, "password is wrong"},
		{"wrong user", "POST", "/login", "", `{"user":"101","password":"secret-100"}`, 401, "password is wrong"},
		{"no login", "GET", "/me", "", "", 401, "log in"},
		{"wrong basic", "GET", "/me", "Basic MTAwOng=", "", 401, "password is wrong"},
		{"made-up token", "GET", "/me", "Bearer x", "", 401, "log in again"},
		{"events without a login", "GET", "/me/events", "", "", 401, "log in"},
		{"unknown status", "PUT", "/me/status", bearer, `{"status":"lunch"}`, 422, "it has: available, busy, dnd, away, vacation, meeting"},
		{"a line's state is not chosen", "PUT", "/me/status", bearer, `{"status":"talking"}`, 422, "no status"},
		{"no JSON", "PUT", "/me/status", bearer, `dnd`, 400, "JSON"},
		{"no such address", "GET", "/you", bearer, "", 404, "no such address"},
		{"expired", "GET", "/me", late, "", 401, "expired"},
	}
	for _, tt := range tests {
		if tt.name == "expired" {
			w.Forward(10 * time.Minute)
		}
		r := w.must(tt.method, w.PhoneURL()+tt.path, tt.authorization, tt.body)
		e, _ := r.json(t)["error"].(map[string]any)
		message, _ := e["message"].(string)
		if r.Status != tt.status || !strings.Contains(message, tt.says) {
			t.Errorf("%s: %d %q, want %d %q", tt.name, r.Status, message, tt.status, tt.says)
		}
	}
	if got := w.State().Phone.Status; got != "available" {
		t.Errorf("a refusal changed the status to %s", got)
	}
}

// stream is an open stream of the phone's events.
type stream struct {
	*bufio.Scanner
	t    *testing.T
	body io.Closer
}

func (w *world) stream(authorization string) stream {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", w.PhoneURL()+"/me/events", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("events: %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	return stream{bufio.NewScanner(resp.Body), w.t, resp.Body}
}

// next answers "line status" of the next event, "" at the end of the stream.
func (s stream) next() string {
	s.t.Helper()
	var event string
	for s.Scan() {
		if e, ok := strings.CutPrefix(s.Text(), "event: "); ok {
			event = e
		}
		data, ok := strings.CutPrefix(s.Text(), "data: ")
		if !ok {
			continue
		}
		var me struct{ Line, Status string }
		if err := json.Unmarshal([]byte(data), &me); err != nil || event != "state" {
			s.t.Fatalf("%s %s: %v", event, data, err)
		}
		return me.Line + " " + me.Status
	}
	return ""
}

func TestPhoneEvents(t *testing.T) {
	w := start(t, simulate.Options{})
	s := w.stream(w.login())
	got := []string{s.next()}
	// Every change is told, however quickly one follows another.
	for _, act := range []func() error{w.Phone.Ring, w.Phone.Answer, w.Phone.Hold, w.Phone.Resume, w.Phone.HangUp,
		func() error { return w.Phone.Choose("dnd") }, func() error { return w.Phone.Choose("dnd") }, w.Phone.Dial} {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
	for range 7 {
		got = append(got, s.next())
	}
	want := []string{"idle available", "ringing available", "talking available", "held available", "talking available",
		"idle available", "idle dnd", "talking dnd"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A stream ends when the phone system fails or restarts, and can be taken up again.
func TestPhoneEventsEnd(t *testing.T) {
	w := start(t, simulate.Options{})
	for _, end := range []func(){
		func() { w.play("fault", `{"phone":"down"}`) },
		func() { w.play("fault", `{"phone":"401"}`) },
		func() { w.play("restart-phone", "") },
	} {
		s := w.stream(basic)
		if got := s.next(); got != "idle available" {
			t.Fatalf("first %q", got)
		}
		end()
		if got := s.next(); got != "" {
			t.Errorf("after the end: %q", got)
		}
		w.play("fault", `{"phone":"none"}`)
	}
	if n := w.State().Phone.Streams; n != 0 {
		t.Errorf("%d streams are still held", n)
	}
}

func TestPhoneFaults(t *testing.T) {
	w := start(t, simulate.Options{})
	bearer := w.login()
	for fault, want := range map[string]struct {
		status     int
		retryAfter string
	}{"401": {401, ""}, "403": {403, ""}, "429": {429, "10"}, "503": {503, ""}} {
		w.play("fault", `{"phone":"`+fault+`"}`)
		r := w.must("GET", w.PhoneURL()+"/me", bearer, "")
		if r.Status != want.status || r.Header.Get("Retry-After") != want.retryAfter || r.json(t)["error"] == nil {
			t.Errorf("%s: %d, Retry-After %q, %s", fault, r.Status, r.Header.Get("Retry-After"), r.Body)
		}
	}
	w.play("fault", `{"phone":"down"}`)
	if r, err := w.do("GET", w.PhoneURL()+"/me", bearer, ""); err == nil {
		t.Errorf("down, and yet it answers %d", r.Status)
	}
	w.play("fault", `{"phone":"none"}`)
	if r := w.must("GET", w.PhoneURL()+"/me", bearer, ""); r.Status != http.StatusOK {
		t.Errorf("mended: %d", r.Status)
	}
	w.play("restart-phone", "")
	if r := w.must("GET", w.PhoneURL()+"/me", bearer, ""); r.Status != http.StatusUnauthorized {
		t.Errorf("after a restart an old login is good: %d", r.Status)
	}
}
