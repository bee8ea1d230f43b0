package teams

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestReadingAPresence(t *testing.T) {
	tests := map[string]struct {
		body any
		want presence.Presence
	}{
		"everything": {
			map[string]any{
				"id": "1", "availability": "Busy", "activity": "InACall", "sequenceNumber": "A0129311063",
				"outOfOfficeSettings": map[string]any{"isOutOfOffice": true, "message": nil},
				"statusMessage":       map[string]any{"message": map[string]any{"content": "back at 3", "contentType": "text"}},
			},
			presence.Presence{Pair: presence.InACall, OutOfOffice: true, Message: "back at 3", Sequence: "A0129311063"},
		},
		"a national cloud's subset, lower camel case": {
			map[string]any{"availability": "doNotDisturb", "activity": "presenting"},
			presence.Presence{Pair: presence.Presenting},
		},
		"nulls": {
			map[string]any{"availability": "Away", "activity": "Away", "outOfOfficeSettings": nil, "statusMessage": map[string]any{"message": nil}},
			presence.Presence{Pair: presence.Away},
		},
		"unknown tokens are kept": {
			map[string]any{"availability": "Levitating", "activity": "AboveTheDesk"},
			presence.Presence{Pair: presence.Pair{Availability: "Levitating", Activity: "AboveTheDesk"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			side := s.signedIn()
			s.answerGraph(func(seen) reply { return reply{body: test.body} })
			before := time.Now()
			got, asked, err := side.graph.read(t.Context())
			if err != nil {
				t.Fatal(s.hear(err))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
			if asked.Before(before) || asked.After(time.Now()) {
				t.Errorf("asked at %s", asked)
			}
			call := s.graphCalls()[0]
			if call.method != "GET" || call.path != "/me/presence" || call.token == "" || call.header.Get("client-request-id") == "" {
				t.Errorf("the request was %+v", call)
			}
		})
	}
}

// Each failure of Graph, of a read and of a write, is one plain sentence of the right kind.
func TestGraphFailures(t *testing.T) {
	graphSays := func(code, message, inner string) any {
		return map[string]any{"error": map[string]any{"code": code, "message": message,
			inner: map[string]any{"request-id": "req-1", "client-request-id": "cli-1", "date": "2026-11-21"}}}
	}
	date := "Sat, 21 Nov 2026 10:00:00 GMT"
	tests := map[string]struct {
		answer   reply
		kind     problem.Kind
		read     string // what the problem of a read says
		write    string
		unsure   bool // of a write
		wait     time.Duration
		noAction bool
	}{
		"403 with an empty message": {
			answer: reply{status: 403, body: graphSays("Forbidden", "", "innerError")}, kind: problem.Forbidden,
			read: "permission to read presence is missing", write: "permission to change presence is missing",
		},
		"403 that says why": {
			answer: reply{status: 403, body: graphSays("Forbidden", "No licence.", "innerError")}, kind: problem.Forbidden,
			read: "No licence", write: "No licence",
		},
		"401 of another user": {
			answer: reply{status: 401, body: graphSays("Unauthorized", "Cannot set the presence of another user", "innerError")},
			kind:   problem.SignedOut, read: "does not accept the sign-in", write: "does not accept the sign-in",
		},
		"401 of service trouble": {
			answer: reply{status: 401, body: graphSays("ServiceError", "oops", "innererror")}, kind: problem.Server,
			read: "trouble of its own (401 ServiceError); the request was: read your presence", write: "the request was: set your presence", noAction: true,
		},
		"401 and a wrong clock": {
			answer: reply{status: 401, header: map[string]string{"Date": "Sat, 21 Nov 2020 10:00:00 GMT"}, body: "{}"},
			kind:   problem.SignedOut, read: "clock of this computer is wrong", write: "clock of this computer is wrong",
		},
		"429 with seconds": {
			answer: reply{status: 429, header: map[string]string{"Retry-After": "17"}, body: graphSays("TooManyRequests", "", "innerError")},
			kind:   problem.Throttled, read: "too many requests", write: "too many requests", wait: 17 * time.Second, noAction: true,
		},
		"429 with a date": {
			answer: reply{status: 429, header: map[string]string{"Retry-After": "Sat, 21 Nov 2026 10:01:30 GMT", "Date": date}},
			kind:   problem.Throttled, read: "too many requests", write: "too many requests", wait: 90 * time.Second, noAction: true,
		},
		"429 without a time": {
			answer: reply{status: 429, body: "slow down"}, kind: problem.Throttled, read: "too many requests", write: "too many requests", noAction: true,
		},
		"503": {
			answer: reply{status: 503, header: map[string]string{"Retry-After": "5"}, body: graphSays("ServiceUnavailable", "", "innererror")},
			kind:   problem.Server, read: "trouble of its own (503)", write: "trouble of its own (503)", unsure: true, wait: 5 * time.Second, noAction: true,
		},
		"502 of a proxy": {
			answer: reply{status: 502, body: "<html>bad gateway"}, kind: problem.Server,
			read: "trouble of its own (502)", write: "trouble of its own (502)", unsure: true, noAction: true,
		},
		"400": {
			answer: reply{status: 400, body: graphSays("InvalidArgument", "The provided [ExpirationDuration] is out of range.", "innerError")},
			kind:   problem.Refused, read: "turned the request down", write: "[ExpirationDuration] is out of range", noAction: true,
		},
		"404": {
			answer: reply{status: 404, body: graphSays("NotFound", "", "innerError")}, kind: problem.Refused,
			read: "knows no presence", write: "knows no presence",
		},
		"a redirect": {
			answer: reply{status: 302, header: map[string]string{"Location": "http://portal.example.com/"}}, kind: problem.Server,
			read: "in place of Microsoft Graph", write: "in place of Microsoft Graph",
		},
		"403 of a proxy": {
			answer: reply{status: 403, body: "<html>blocked"}, kind: problem.Server, read: "in place of Microsoft Graph", write: "in place of Microsoft Graph",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			side := s.signedIn()
			s.answerGraph(func(seen) reply { return test.answer })
			check := func(what string, p *problem.Problem, says string, unsure bool) {
				t.Helper()
				if p == nil || p.Kind != test.kind || !strings.Contains(p.What.String(), says) || p.Unsure != unsure {
					t.Fatalf("%s: %+v, want %s saying %q, unsure %v", what, p, test.kind, says, unsure)
				}
				if (p.Do.IsZero()) != test.noAction {
					t.Errorf("%s: what to do is %q", what, p.Do)
				}
				if strings.HasSuffix(p.What.String(), ".") || strings.HasSuffix(p.Do.String(), ".") {
					t.Errorf("%s: a full stop at the end of %q, %q", what, p.What, p.Do)
				}
				if p.RetryAfter != test.wait {
					t.Errorf("%s: retry after %s, want %s", what, p.RetryAfter, test.wait)
				}
			}
			check("read", s.hear(read(t.Context(), side)), test.read, false)
			side.reader.notBefore = time.Time{} // the wait has its own test
			p := s.hear(side.SetSession(t.Context(), presence.InACall, 5*time.Minute))
			check("write", p, test.write, test.unsure)
			if body, ok := test.answer.body.(map[string]any); ok && body["error"] != nil {
				if text := p.Err.Error(); !strings.Contains(text, "req-1") || !strings.Contains(text, "cli-1") {
					t.Errorf("the ids for support are not in %q", text)
				}
			}
		})
	}
}

// While told to wait, not a single request goes out.
func TestNothingIsSentBeforeRetryAfter(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.answerGraph(func(seen) reply { return reply{status: 429, header: map[string]string{"Retry-After": "60"}} })
	_ = side.ClearPreferred(t.Context())
	for range 3 {
		p := s.hear(side.SetPreferred(t.Context(), presence.DoNotDisturb, time.Hour))
		if p == nil || p.Kind != problem.Throttled || p.Unsure || p.RetryAfter <= 58*time.Second || p.RetryAfter > time.Minute {
			t.Errorf("%+v", p)
		}
		_ = read(t.Context(), side)
	}
	if n := len(s.graphCalls()); n != 1 {
		t.Errorf("%d requests, want the first alone", n)
	}
}

func TestReadingGarbage(t *testing.T) {
	for name, body := range map[string]any{
		"a web page":  "<html>Welcome to the hotel</html>",
		"nothing":     "",
		"other JSON":  map[string]any{"hello": "world"},
		"a list":      []string{"x"},
		"far too big": `{"availability":"` + strings.Repeat("x", bodySize) + `","activity":"y"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			side := s.signedIn()
			s.answerGraph(func(seen) reply { return reply{body: body} })
			if p := s.hear(read(t.Context(), side)); p == nil || p.Kind != problem.Server || p.Do.IsZero() {
				t.Errorf("%+v", p)
			}
		})
	}
}

// Any 2xx is success of a write, and what it says is not read.
func TestWritesThatSucceed(t *testing.T) {
	for _, answer := range []reply{{status: 200}, {status: 204}, {status: 202, body: "<html>"}} {
		s := newStage(t)
		side := s.signedIn()
		s.answerGraph(func(seen) reply { return answer })
		for name, err := range map[string]error{
			"SetSession":     side.SetSession(t.Context(), presence.InACall, 10*time.Minute),
			"ClearSession":   side.ClearSession(t.Context()),
			"SetPreferred":   side.SetPreferred(t.Context(), presence.DoNotDisturb, 24*time.Hour),
			"ClearPreferred": side.ClearPreferred(t.Context()),
			"SetMessage":     side.SetMessage(t.Context(), "On the phone", time.Hour),
			"ClearMessage":   side.ClearMessage(t.Context()),
		} {
			if err != nil {
				t.Errorf("%s, answered %d: %v", name, answer.status, s.hear(err))
			}
		}
	}
}

func TestClearingNoSessionIsSuccess(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.answerGraph(func(seen) reply { return reply{status: 404} })
	if err := side.ClearSession(t.Context()); err != nil {
		t.Error(s.hear(err))
	}
	if err := side.ClearPreferred(t.Context()); err == nil {
		t.Error("a 404 is success of ClearPreferred too")
	}
}

// Where a tenant does not answer under /me, /users/{id} is used from then on.
func TestTenantWithoutMe(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.answerGraph(func(c seen) reply {
		if strings.HasPrefix(c.path, "/me/") {
			return reply{status: 404}
		}
		return reply{body: map[string]any{"availability": "Away", "activity": "Away"}}
	})
	for range 2 {
		if err := read(t.Context(), side); err != nil {
			t.Fatal(s.hear(err))
		}
	}
	if err := side.SetSession(t.Context(), presence.InACall, 5*time.Minute); err != nil {
		t.Fatal(s.hear(err))
	}
	var got []string
	for _, c := range s.graphCalls() {
		got = append(got, c.method+" "+c.path)
	}
	want := []string{"GET /me/presence", "GET /users/oid-ada/presence", "GET /users/oid-ada/presence", "POST /users/oid-ada/presence/setPresence"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A 404 under /me after it has answered there means what it says.
func TestNotFoundAfterMeAnswered(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	_ = read(t.Context(), side)
	s.answerGraph(func(seen) reply { return reply{status: 404} })
	_ = side.ClearSession(t.Context())
	if n := len(s.graphCalls()); n != 2 {
		t.Errorf("%d requests, want two", n)
	}
}

// What Graph would refuse is not sent.
func TestIllegalWrites(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	for name, err := range map[string]error{
		"Busy/Busy as a session":      side.SetSession(t.Context(), presence.Busy, 5*time.Minute),
		"a meeting as a session":      side.SetSession(t.Context(), presence.InAMeeting, 5*time.Minute),
		"too short":                   side.SetSession(t.Context(), presence.InACall, 5*time.Minute-1),
		"too long":                    side.SetSession(t.Context(), presence.InACall, 4*time.Hour+1),
		"a call as a chosen status":   side.SetPreferred(t.Context(), presence.InACall, time.Hour),
		"out of office, chosen":       side.SetPreferred(t.Context(), presence.OutOfOffice, time.Hour),
		"a chosen status for no time": side.SetPreferred(t.Context(), presence.Busy, 0),
	} {
		if p := s.hear(err); p == nil || p.Kind != problem.Refused || p.Unsure {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if n := len(s.graphCalls()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestISO8601(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Minute: "PT5M", 4 * time.Hour: "PT4H", 90 * time.Minute: "PT1H30M", 24 * time.Hour: "PT24H",
		61 * time.Second: "PT1M1S", 0: "PT0S",
	} {
		if got := iso8601(d); got != want {
			t.Errorf("%s is %s, want %s", d, got, want)
		}
	}
}

func TestChallenge(t *testing.T) {
	const claims = `{"a":1}` // eyJhIjoxfQ==
	tests := map[string]struct {
		headers []string
		want    string
	}{
		"plain":               {[]string{`Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="`}, claims},
		"any order, no pad":   {[]string{`Bearer claims="eyJhIjoxfQ", realm="", ERROR="insufficient_claims"`}, claims},
		"the second header":   {[]string{`PoP alg="x"`, `Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="`}, claims},
		"another error":       {[]string{`Bearer error="invalid_token", claims="eyJhIjoxfQ=="`}, ""},
		"no claims":           {[]string{`Bearer error="insufficient_claims"`}, ""},
		"claims not readable": {[]string{`Bearer error="insufficient_claims", claims="!!"`}, ""},
		"nothing":             {nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := challenge(http.Header{"Www-Authenticate": test.headers}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
