package profile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const longPollPart = `  long_poll:
    subscribe: {method: POST, path: /monitor}
    keep: {monitor: .monitor}
    request: {path: "/monitor/${monitor}", query: {after: "${cursor}"}}
    first: "0"
    cursor: .last
    each: .events
    when: .kind == "state"
    state: .state
    hold: 30s
`

// monitors is a phone system whose events are fetched by requests that wait.
type monitors struct {
	b       *bench
	mu      sync.Mutex
	made    int
	events  []map[string]any
	changed chan struct{}
	hasty   bool // answers at once
}

func newMonitors(b *bench) *monitors {
	m := &monitors{b: b, changed: make(chan struct{})}
	b.fault("/monitor", func(w http.ResponseWriter, r *http.Request) {
		if !m.allowed(w, r) {
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.made++
		path := fmt.Sprintf("/monitor/m0nitor-%d", m.made)
		b.fault(path, m.serve)
		fmt.Fprintf(w, `{"monitor":"m0nitor-%d"}`, m.made)
	})
	return m
}

func (m *monitors) allowed(w http.ResponseWriter, r *http.Request) bool {
	return (&hub{b: m.b}).allowed(w, r)
}

func (m *monitors) serve(w http.ResponseWriter, r *http.Request) {
	if !m.allowed(w, r) {
		return
	}
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	late := time.NewTimer(25 * time.Second)
	defer late.Stop()
	for {
		m.mu.Lock()
		events, changed, hasty := m.events[min(after, len(m.events)):], m.changed, m.hasty
		last := len(m.events)
		m.mu.Unlock()
		if len(events) > 0 || hasty {
			_ = json.NewEncoder(w).Encode(map[string]any{"events": events, "last": last})
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-late.C: // nothing to tell: nothing is said at all
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
}

func (m *monitors) tell(kind string, state any) {
	m.mu.Lock()
	m.events = append(m.events, map[string]any{"kind": kind, "state": state})
	close(m.changed)
	m.changed = make(chan struct{})
	m.mu.Unlock()
	synctest.Wait()
}

func state(line string) map[string]string {
	return map[string]string{"line": line, "status": "available"}
}

func TestLongPollTellsOfChanges(t *testing.T) {
	inBubble(t, withEvents(t, longPollPart), secret, func(t *testing.T, b *bench) {
		m := newMonitors(b)
		stop := b.watch()
		synctest.Wait()
		b.shows(t, "", "Available")
		m.tell("state", state("ringing"))
		b.shows(t, "Ringing", "Available")
		m.tell("other", nil)
		m.tell("state", state("talking"))
		b.shows(t, "On a call", "Available")
		forward(4 * time.Minute)
		b.shows(t, "On a call", "Available")
		if n := len(b.requests("GET /me")); n != 2 {
			t.Errorf("%d readings although events hold the state", n)
		}
		if n := len(b.requests("GET /monitor/m0nitor-1?after=3")); n != 10 {
			t.Errorf("%d requests after the third event in 4 minutes, of which each waits for 25 s", n)
		}
		m.tell("state", "something") // no state that can be understood: the phone is asked
		b.shows(t, "", "Available")
		stop()
	})
}

// The sign-in lapses in mid-stream: what was subscribed to with it is subscribed to anew, and nothing is missed.
func TestLongPollSignsInAgain(t *testing.T) {
	inBubble(t, withEvents(t, longPollPart), secret, func(t *testing.T, b *bench) {
		m := newMonitors(b)
		defer b.watch()()
		forward(time.Minute)
		b.set(func(p *pbx) { p.token, p.line = 5, "talking" })
		forward(time.Minute)
		b.shows(t, "On a call", "Available")
		m.tell("state", state("idle"))
		b.shows(t, "", "Available")
		if n := len(b.requests("POST /login")); n != 2 || m.made != 2 {
			t.Errorf("%d sign-ins, %d subscriptions", n, m.made)
		}
		b.calm(t)
	})
}

func TestLongPollIsNotHasty(t *testing.T) {
	inBubble(t, withEvents(t, longPollPart), secret, func(t *testing.T, b *bench) {
		m := newMonitors(b)
		m.hasty = true
		defer b.watch()()
		forward(time.Minute)
		if n := len(b.requests("GET /monitor/m0nitor-1?after=0")); n < 55 || n > 65 {
			t.Errorf("%d requests in a minute to a phone system that answers at once", n)
		}
	})
}

func TestPollsWhereLongPollFails(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"not there":     failing(http.StatusNotFound),
		"garbage":       saying("<html>"),
		"not as told":   saying(`{"events":"none"}`),
		"never answers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, longPollPart), secret, func(t *testing.T, b *bench) {
				b.fault("/monitor", saying(`{"monitor":"m0nitor-9"}`))
				b.fault("/monitor/m0nitor-9", fault)
				defer b.watch()()
				forward(5 * time.Minute)
				b.set(func(p *pbx) { p.line = "talking" })
				forward(65 * time.Second)
				b.shows(t, "On a call", "Available")
				if n := len(b.requests("POST /monitor")); n < 4 || n > 16 {
					t.Errorf("tried %d times in 5 minutes", n)
				}
				b.calm(t)
			})
		})
	}
}

// A phone system that speaks XML and says with a 200 that the session is gone: what was subscribed to is
// subscribed to anew with a new one.
func TestLongPollInXML(t *testing.T) {
	part := `  long_poll:
    subscribe: {path: /start, answer: xml}
    request: {path: /events, answer: xml}
    each: '[.EVENTS | objects | .EVENT | if type == "array" then .[] else . end]'
    when: .TYPE == "device"
    hold: 30s
expired: (objects | .EVENTS | objects | .ERROR) == "session"
`
	inBubble(t, withEvents(t, part), secret, func(t *testing.T, b *bench) {
		events, gone := make(chan string), make(chan struct{})
		b.fault("/start", saying("<START><OK/></START>"))
		b.fault("/events", func(w http.ResponseWriter, r *http.Request) {
			select {
			case e := <-events:
				saying("<EVENTS>"+e+"</EVENTS>")(w, r)
			case <-gone:
				gone = nil
				saying("<EVENTS><ERROR>session</ERROR></EVENTS>")(w, r)
			case <-time.After(20 * time.Second):
				saying("<EVENTS/>")(w, r)
			case <-r.Context().Done():
			}
		})
		defer b.watch()()
		synctest.Wait()
		before := len(b.requests("GET /me"))
		b.set(func(p *pbx) { p.line = "talking" })
		events <- "<EVENT><TYPE>other</TYPE></EVENT>"
		forward(2 * time.Second)
		if n := len(b.requests("GET /me")) - before; n != 0 {
			t.Errorf("%d readings for an event of something else", n)
		}
		events <- "<EVENT><TYPE>other</TYPE></EVENT><EVENT><TYPE>device</TYPE></EVENT>"
		synctest.Wait()
		b.shows(t, "On a call", "Available")
		b.set(func(p *pbx) { p.line = "idle" })
		close(gone)
		forward(3 * time.Second)
		b.shows(t, "", "Available")
		if n := len(b.requests("POST /login")); n != 2 {
			t.Errorf("%d sign-ins", n)
		}
		if n := len(b.requests("GET /start")); n != 2 {
			t.Errorf("subscribed %d times", n)
		}
		b.calm(t)
	})
}
