package profile

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"

	"github.com/offhook/offhook/sync/phone/remote"
)

// without is the good file without its events: it polls.
func without(t *testing.T, parts ...string) []byte {
	file := good
	for _, p := range parts {
		if !strings.Contains(file, p) {
			t.Fatalf("%q is not in the good file", p)
		}
		file = strings.Replace(file, p, "", 1)
	}
	return []byte(strings.Replace(file, "writes: true, events: true", "writes: true, events: false", 1))
}

const streamPart = `  stream:
    request: {path: /events}
    when: .event == "state"
    state: .data
    begins_with_state: true
    silence: 40s
`

func TestReadsAtOnceAndFollowsEvents(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		defer b.watch()()
		synctest.Wait()
		b.shows(t, "", "Available")
		if at := b.last(t).at; at != 0 {
			t.Errorf("the first reading took %s", at)
		}
		for _, c := range []struct{ line, status, happening, chosen string }{
			{"ringing", "available", "Ringing", "Available"},
			{"talking", "available", "On a call", "Available"},
			{"talking", "nobody", "On a call", "Do not disturb"}, // the second value of that status
			{"idle", "vacation", "", "On vacation"},
		} {
			b.set(func(p *pbx) { p.line, p.status = c.line, c.status })
			synctest.Wait()
			b.shows(t, c.happening, c.chosen)
		}
		reads := len(b.requests("GET /me"))
		forward(4 * time.Minute)
		if more := len(b.requests("GET /me")) - reads; more != 0 {
			t.Errorf("%d readings while the events flow", more)
		}
		forward(2 * time.Minute)
		if more := len(b.requests("GET /me")) - reads; more != 1 {
			t.Errorf("%d readings to make sure that nothing was missed", more)
		}
	})
}

func TestPollsWhereThereAreNoEvents(t *testing.T) {
	inBubble(t, without(t, streamPart), secret, func(t *testing.T, b *bench) {
		defer b.watch()()
		forward(time.Minute + time.Second)
		if n := len(b.requests("GET /me")); n < 5 || n > 8 {
			t.Errorf("%d readings in a minute at 10 s each", n)
		}
	})
}

func TestPollsWhereEventsFail(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"not there":     failing(http.StatusNotFound),
		"no stream":     saying("{}"),
		"ends at once":  func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/event-stream") },
		"never answers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"says nothing": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, ": alive\n\n")
				_ = http.NewResponseController(w).Flush()
				_ = remote.Sleep(r.Context(), 10*time.Second)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
				b.fault("/events", fault)
				defer b.watch()()
				forward(5 * time.Minute)
				b.set(func(p *pbx) { p.line = "talking" })
				forward(25 * time.Second)
				b.shows(t, "On a call", "Available")
				b.calm(t)
				if n := len(b.requests("GET /events")); n > 14 {
					t.Errorf("the stream was tried %d times in 5 minutes", n)
				}
				b.fault("/events", nil)
				forward(90 * time.Second)
				b.set(func(p *pbx) { p.line = "idle" })
				synctest.Wait()
				b.shows(t, "", "Available")
			})
		})
	}
}

func TestSilentStreamIsOpenedAnew(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		dead := true
		b.fault("/events", func(w http.ResponseWriter, r *http.Request) {
			if !dead {
				b.stream(w, r)
				return
			}
			dead = false
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "event: state\ndata: {\"line\":\"idle\",\"status\":\"available\"}\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		defer b.watch()()
		forward(39 * time.Second)
		b.set(func(p *pbx) { p.line = "talking" })
		forward(4 * time.Second)
		b.shows(t, "On a call", "Available")
		if n := len(b.requests("GET /events")); n != 2 {
			t.Errorf("the stream was opened %d times", n)
		}
	})
}

// An event whose state cannot be understood only means: read now.
func TestEventsThatOnlyTellToRead(t *testing.T) {
	for name, c := range map[string]struct{ from, to string }{
		"no state by the profile": {"    state: .data\n    begins_with_state: true\n", ""},
		"no state in the event":   {"state: .data", "state: .data.nothing"},
		"expression fails":        {"state: .data", "state: .data | error"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, changed(t, c.from, c.to), secret, func(t *testing.T, b *bench) {
				defer b.watch()()
				synctest.Wait()
				b.set(func(p *pbx) { p.line = "talking" })
				synctest.Wait()
				b.shows(t, "On a call", "Available")
				if n := len(b.requests("GET /me")); n < 2 {
					t.Errorf("%d readings", n)
				}
			})
		})
	}
}

// A burst of events is one or two readings, and the last one is right.
func TestBurstOfEvents(t *testing.T) {
	inBubble(t, changed(t, "    state: .data\n    begins_with_state: true\n", ""), secret, func(t *testing.T, b *bench) {
		burst := make(chan struct{})
		b.fault("/events", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_ = http.NewResponseController(w).Flush()
			<-burst
			_, _ = io.WriteString(w, strings.Repeat("event: state\ndata: {}\n\n", 60)+strings.Repeat("event: other\ndata: {}\n\n", 60))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		b.fault("/me", func(w http.ResponseWriter, r *http.Request) {
			<-time.After(100 * time.Millisecond)
			b.mu.Lock()
			line := b.line
			b.mu.Unlock()
			_, _ = io.WriteString(w, `{"line":"`+line+`","status":"available"}`)
		})
		defer b.watch()()
		forward(time.Second)
		before := len(b.requests("GET /me"))
		b.set(func(p *pbx) { p.line = "talking" })
		close(burst)
		forward(10 * time.Second)
		b.shows(t, "On a call", "Available")
		if n := len(b.requests("GET /me")) - before; n < 1 || n > 3 {
			t.Errorf("%d readings for a burst of 60 events", n)
		}
	})
}

// An event that comes while the phone is being read may be older than the reading: it is not told.
func TestEventOlderThanTheReading(t *testing.T) {
	inBubble(t, changed(t, "    begins_with_state: true\n", ""), secret, func(t *testing.T, b *bench) {
		b.fault("/events", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_ = http.NewResponseController(w).Flush()
			<-time.After(50 * time.Millisecond)
			_, _ = io.WriteString(w, "event: state\ndata: {\"line\":\"talking\",\"status\":\"available\"}\n\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		b.fault("/me", func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(100 * time.Millisecond)
			_, _ = io.WriteString(w, `{"line":"idle","status":"available"}`)
		})
		defer b.watch()()
		forward(time.Second)
		for _, r := range b.reports() {
			if r.err != nil || r.Happening != "" {
				t.Errorf("reported %+v, %v", r.Reading, r.err)
			}
		}
		if n := len(b.requests("GET /me")); n != 3 {
			t.Errorf("%d readings: at first, when the stream was open, and after the event", n)
		}
	})
}

func TestSlowerAndSlower(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.fault("/me", failing(http.StatusBadGateway))
		defer b.watch()()
		forward(10 * time.Minute)
		tries := b.requests("GET /me")
		if n := len(tries); n < 12 || n > 19 {
			t.Errorf("%d tries in 10 minutes", n)
		}
		if gap := tries[1].at - tries[0].at; gap < 700*time.Millisecond || gap > 1300*time.Millisecond {
			t.Errorf("the second try came after %s", gap)
		}
		for i := range tries[1:] {
			if gap := tries[i+1].at - tries[i].at; gap > 75*time.Second {
				t.Errorf("a gap of %s", gap)
			}
		}
		b.fault("/me", nil)
		forward(75 * time.Second)
		b.shows(t, "", "Available")
	})
}

func TestToldToWait(t *testing.T) {
	const told = 5 * time.Minute
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.fault("/me", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "300")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		defer b.watch()()
		forward(time.Second)
		p := problem.Of(b.last(t).err)
		if p.Kind != problem.Throttled || p.RetryAfter != told {
			t.Fatalf("%+v", p)
		}
		b.fault("/me", nil)
		before := len(b.requests(""))
		p = problem.Of(b.Write(context.Background(), "Do not disturb"))
		if p == nil || p.Kind != problem.Throttled || p.Unsure || p.RetryAfter < told-2*time.Second {
			t.Errorf("a write while told to wait: %+v", p)
		}
		forward(told - 2*time.Second)
		if n := len(b.requests("")) - before; n != 0 {
			t.Errorf("%d requests while told to wait", n)
		}
		forward(5 * time.Second)
		b.shows(t, "", "Available")
	})
}

// What comes after the end is not told.
func TestNothingIsToldAfterTheEnd(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		stop := b.watch()
		synctest.Wait()
		n := len(b.reports())
		b.fault("/me", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		stop()
		b.set(func(p *pbx) { p.line = "talking" })
		forward(time.Hour)
		if more := b.reports()[n:]; len(more) != 0 {
			t.Errorf("told after the end: %+v", more)
		}
	})
}

func TestTheLastReportIsTheLast(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.fault("/events", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, strings.Repeat("event: state\ndata: {\"line\":\"talking\",\"status\":\"available\"}\n\n", 50))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		ctx, cancel := context.WithCancel(context.Background())
		after := 0
		b.Watch(ctx, func(r presence.Reading, _ error) {
			if ctx.Err() != nil {
				after++
			}
			if r.Happening != "" {
				cancel()
			}
		})
		if after != 0 {
			t.Errorf("%d reports after the end", after)
		}
	})
}
