package asterisk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

func TestWritesWhatTheSettingsName(t *testing.T) {
	for name, c := range map[string]struct {
		changes []string
		on, off map[string]string
	}{
		"as FreePBX": {nil,
			map[string]string{"Custom:DND100": "BUSY"},
			map[string]string{"Custom:DND100": "NOT_INUSE"}},
		"ARI's own": {[]string{"dnd_read", "Stasis:quiet"},
			map[string]string{"Stasis:quiet": "BUSY"},
			map[string]string{"Stasis:quiet": "NOT_INUSE"}},
		"several, and other values": {[]string{"dnd_write", "Custom:DND100,Stasis:lamp", "dnd_on", "INUSE,BUSY", "dnd_off", "UNAVAILABLE"},
			map[string]string{"Custom:DND100": "INUSE", "Stasis:lamp": "INUSE"},
			map[string]string{"Custom:DND100": "UNAVAILABLE", "Stasis:lamp": "UNAVAILABLE"}},
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			p, s := open(t, sim, c.changes...)
			s.expect("/Available")
			states := func() map[string]string {
				sim.mu.Lock()
				defer sim.mu.Unlock()
				got := map[string]string{}
				for name, state := range sim.devices {
					if name != "PJSIP/100" {
						got[name] = state
					}
				}
				return got
			}
			if err := p.Write(t.Context(), "do not disturb"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.on, states()); diff != "" {
				t.Errorf("on: %s", diff)
			}
			s.expect("/Do not disturb")
			if err := p.GiveBack(t.Context(), Available); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.off, states()); diff != "" {
				t.Errorf("given back: %s", diff)
			}
			s.expect("/Available")
		})
	}
}

func TestRefusesWhatItCannotSetAndAsksNobody(t *testing.T) {
	for name, c := range map[string]struct {
		status  string
		changes []string
	}{
		"activity":       {OnACall, nil},
		"unknown":        {"Lunch", nil},
		"nothing":        {"", nil},
		"read only":      {DoNotDisturb, []string{"read_only", "yes"}},
		"nothing to set": {DoNotDisturb, []string{"dnd_write", "none"}},
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			p, s := open(t, sim, c.changes...)
			s.expect("/Available")
			before := len(sim.asked())
			got := trouble(t, p.Write(t.Context(), c.status))
			if got.Kind != problem.Refused || got.Unsure {
				t.Errorf("got %+v, want a plain refusal", got)
			}
			if after := sim.asked(); len(after) != before {
				t.Errorf("asked %q", after[before:])
			}
		})
	}
}

// Asterisk answers 204 to things it does not do, and may be late to show what it did.
func TestReadsBackWhatItWrote(t *testing.T) {
	taken := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/variable") {
			w.WriteHeader(http.StatusNoContent)
			return true
		}
		return false
	}
	in(t, "never shown", func(t *testing.T) {
		sim := newSimulated()
		p, s := open(t, sim)
		s.expect("/Available")
		sim.breakWith(taken)
		began := time.Now()
		got := trouble(t, p.Write(t.Context(), DoNotDisturb))
		if took := time.Since(began); took != settle {
			t.Errorf("it took %v", took)
		}
		if got.Kind != problem.Refused || !got.Unsure || !strings.Contains(got.What.String(), "Custom:DND100 still shows “UNKNOWN”") || got.Do.IsZero() {
			t.Errorf("got %+v", got)
		}
		if n := len(sim.asked()); n > 20 {
			t.Errorf("%d requests for it", n)
		}
		s.expect()
	})
	in(t, "never shown, and then no answer", func(t *testing.T) {
		sim := newSimulated()
		p, s := open(t, sim)
		s.expect("/Available")
		sim.breakWith(taken)
		time.AfterFunc(settle/2, func() { sim.breakWith(hang) })
		if got := trouble(t, p.Write(t.Context(), DoNotDisturb)); !strings.Contains(got.What.String(), "Custom:DND100 still shows “UNKNOWN”") {
			t.Errorf("got %+v", got)
		}
	})
	in(t, "shown late", func(t *testing.T) {
		sim := newSimulated()
		p, s := open(t, sim)
		s.expect("/Available")
		sim.breakWith(taken)
		time.AfterFunc(time.Second, func() { sim.set("Custom:DND100", "BUSY") })
		if err := p.Write(t.Context(), DoNotDisturb); err != nil {
			t.Error(err)
		}
		s.expect("/Do not disturb")
	})
	in(t, "another state stays on", func(t *testing.T) {
		sim := newSimulated()
		sim.devices["Stasis:door"] = "BUSY"
		p, s := open(t, sim, "dnd_read", "Custom:DND100,Stasis:door", "dnd_write", "Custom:DND100")
		s.expect("/Do not disturb")
		got := trouble(t, p.Write(t.Context(), Available))
		if got.Kind != problem.Refused || !strings.Contains(got.What.String(), "Stasis:door still shows “Do not disturb”") {
			t.Errorf("got %+v", got)
		}
	})
	in(t, "cannot be read", func(t *testing.T) {
		sim := newSimulated()
		p, s := open(t, sim)
		s.expect("/Available")
		sim.breakWith(on("/Custom:DND100", status(503)))
		got := trouble(t, p.Write(t.Context(), DoNotDisturb))
		if got.Kind != problem.Server || !got.Unsure {
			t.Errorf("got %+v", got)
		}
	})
}

func TestFailedWritesSayWhetherTheyMayHaveBeenDone(t *testing.T) {
	for name, c := range map[string]struct {
		fault   func(http.ResponseWriter, *http.Request) bool
		changes []string
		kind    problem.Kind
		unsure  bool
	}{
		"400":       {status(400), nil, problem.Refused, false},
		"403":       {status(403), nil, problem.Forbidden, false},
		"404":       {status(404), nil, problem.Settings, false},
		"429":       {status(429, "Retry-After", "7"), nil, problem.Throttled, false},
		"500":       {status(500), nil, problem.Server, true},
		"503":       {status(503), nil, problem.Server, true},
		"hangs":     {hang, nil, problem.Unreachable, true},
		"half done": {on("/Stasis:b", status(429)), []string{"dnd_write", "Custom:DND100,Stasis:b"}, problem.Throttled, true},
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			p, s := open(t, sim, c.changes...)
			s.expect("/Available")
			sim.breakWith(c.fault)
			got := trouble(t, p.Write(t.Context(), DoNotDisturb))
			if got.Kind != c.kind || got.Unsure != c.unsure || strings.Contains(got.Error(), "<html>") {
				t.Errorf("got %+v", got)
			}
			if c.kind == problem.Throttled && name == "429" && got.RetryAfter != 7*time.Second {
				t.Errorf("wait %v", got.RetryAfter)
			}
		})
	}
}

func TestWriteEndsWithItsContext(t *testing.T) {
	in(t, "cancelled", func(t *testing.T) {
		sim := newSimulated()
		sim.breakWith(hang)
		p, err := Open(Options{Fields: fields(), HTTP: newNetwork().serve(t, sim)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		results := make(chan error, 2)
		for range 2 { // one is under way, the other waits for its turn
			go func() { results <- p.Write(ctx, DoNotDisturb) }()
		}
		synctest.Wait()
		began := time.Now()
		cancel()
		for range 2 {
			if err := <-results; !errors.Is(err, context.Canceled) || problem.Of(err).Kind != problem.Unreachable {
				t.Errorf("got %v", err)
			}
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("took %v", took)
		}
	})
}

func TestWritesAndWatchesAtOnce(t *testing.T) {
	in(t, "many", func(t *testing.T) {
		sim := newSimulated()
		p, s := open(t, sim)
		s.expect("/Available")
		done := make(chan error)
		for range 20 {
			go func() { done <- p.Write(t.Context(), DoNotDisturb) }()
		}
		watch(t, p)
		for range 20 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
