package teams

import (
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// The ids of writes and of failures are kept, in the order in which they were sent; reads that succeed are not.
func TestRequestsAreKeptForSupport(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.answerGraph(func(c seen) reply {
		if c.method == "GET" {
			return reply{body: map[string]any{"availability": "Away", "activity": "Away"}}
		}
		return reply{status: 204, header: map[string]string{"request-id": "of-" + c.path}}
	})
	ctx := t.Context()
	_ = read(ctx, side)
	_ = side.SetSession(ctx, presence.InACall, 5*time.Minute)
	s.answerGraph(func(seen) reply {
		return reply{status: 500, body: map[string]any{"error": map[string]any{"code": "x", "innererror": map[string]any{"request-id": "old-spelling"}}}}
	})
	err := read(ctx, side)
	side.graph.base = "http://" + closedPort(t)
	_ = side.ClearSession(ctx)

	want := []Request{
		{What: "POST setPresence", Status: 204, RequestID: "of-/me/presence/setPresence"},
		{What: "GET presence", Status: 500, RequestID: "old-spelling"},
		{What: "POST clearPresence"},
	}
	got := side.Requests()
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, q := range got {
		if q.What != want[i].What || q.Status != want[i].Status || q.RequestID != want[i].RequestID || q.ClientRequestID == "" || q.At.IsZero() {
			t.Errorf("%+v, want %+v", q, want[i])
		}
	}
	calls := s.graphCalls()
	ours := calls[len(calls)-1].header.Get("client-request-id")
	if ids := Support(s.hear(err)); !strings.HasPrefix(ids, "request-id old-spelling, client-request-id "+ours+", date ") {
		t.Errorf("for support: %s", ids)
	}
	for range 2 * keepRequests {
		_ = side.ClearSession(ctx)
	}
	if n := len(side.Requests()); n != keepRequests {
		t.Errorf("%d are kept", n)
	}
}

// Asked to wait without being told how long, nothing is sent for longer and longer, until something succeeds.
func TestTooManyRequestsWithoutATime(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.answerGraph(func(seen) reply { return reply{status: 429} })
	for _, least := range []time.Duration{7 * time.Second, 15 * time.Second, 30 * time.Second} {
		side.reader.notBefore = time.Time{} // the wait is over
		_ = read(t.Context(), side)
		if held := side.reader.held(); held < least || held > 2*least {
			t.Errorf("held for %s, want %s or some more", held, least)
		}
	}
	n := len(s.graphCalls())
	if p := s.hear(side.SetSession(t.Context(), presence.InACall, 5*time.Minute)); p == nil || p.RetryAfter < 20*time.Second || p.Unsure {
		t.Errorf("%+v", p)
	}
	if len(s.graphCalls()) != n {
		t.Error("a write was sent all the same")
	}
	side.reader.notBefore = time.Time{}
	s.answerGraph(func(seen) reply { return reply{status: 204} })
	_ = side.ClearSession(t.Context())
	s.answerGraph(func(seen) reply { return reply{status: 429} })
	_ = side.ClearSession(t.Context())
	if held := side.reader.held(); held > 13*time.Second {
		t.Errorf("after a success held for %s", held)
	}
}
