package asterisk

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

func TestDeviceStatesAreReadAs(t *testing.T) {
	for state, want := range map[string]string{
		"NOT_INUSE":   "/Do not disturb",
		"UNAVAILABLE": "/Do not disturb", // no phone registered: nothing happens, and the choice is still readable
		"RINGING":     "Ringing/Do not disturb",
		"INUSE":       "On a call/Do not disturb",
		"BUSY":        "On a call/Do not disturb",
		"RINGINUSE":   "On a call/Do not disturb",
		"ONHOLD":      "On hold/Do not disturb",
		"UNKNOWN":     string(problem.Server),
		"INVALID":     string(problem.Settings),
		"SOMETHING":   string(problem.Server),
	} {
		in(t, state, func(t *testing.T) {
			sim := newSimulated()
			sim.devices["PJSIP/100"], sim.devices["Custom:DND100"] = state, "BUSY"
			_, s := open(t, sim)
			s.expect(want)
		})
	}
}

func TestDoNotDisturbIsReadAs(t *testing.T) {
	for _, c := range []struct {
		name, state, want string
		changes           []string
	}{
		{"never set", "", "/Available", nil},
		{"off", "NOT_INUSE", "/Available", nil},
		{"on", "BUSY", "/Do not disturb", nil},
		{"neither", "RINGING", string(problem.Settings), nil},
		{"other values", "INUSE", "/Do not disturb", []string{"dnd_on", "BUSY,INUSE"}},
		{"nothing to read", "BUSY", "/", []string{"dnd_read", "none"}},
		{"one of two", "BUSY", "/Do not disturb", []string{"dnd_read", "Stasis:x,Custom:DND100"}},
	} {
		in(t, c.name, func(t *testing.T) {
			sim := newSimulated()
			if c.state != "" {
				sim.devices["Custom:DND100"] = c.state
			}
			_, s := open(t, sim, c.changes...)
			s.expect(c.want)
		})
	}
}

func TestWhoHasSeveralDevicesTalksWhereTheyTalk(t *testing.T) {
	in(t, "two devices", func(t *testing.T) {
		sim := newSimulated()
		sim.devices["PJSIP/99100"] = "UNAVAILABLE"
		_, s := open(t, sim, "extension", "100,PJSIP/99100")
		s.expect("/Available")
		sim.set("PJSIP/99100", "RINGING")
		s.expect("Ringing/Available")
		sim.set("PJSIP/100", "INUSE")
		s.expect("On a call/Available")
		sim.set("PJSIP/99100", "UNAVAILABLE")
		s.expect("On a call/Available")
		sim.set("PJSIP/100", "NOT_INUSE")
		s.expect("/Available")
	})
}

func TestQuietWhileNothingChanges(t *testing.T) {
	in(t, "a day", func(t *testing.T) {
		sim := newSimulated()
		_, s := open(t, sim)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := len(sim.asked()); n > 24*12*2+10 {
			t.Errorf("%d requests in a day in which nothing happened", n)
		}
		for _, r := range sim.asked()[3:] {
			if !strings.HasPrefix(r, "GET /deviceStates/") {
				t.Errorf("%q while nothing happened", r)
			}
		}
		for len(s.reports) > 0 {
			if r := <-s.reports; r != "/Available" {
				t.Errorf("reported %q while nothing happened", r)
			}
		}
	})
}

func TestWhatWasMissedIsMadeGood(t *testing.T) {
	for name, lose := range map[string]func(*simulated){
		"connection cut": func(sim *simulated) { sim.cut("") },
		"nonsense frame": func(sim *simulated) { sim.cut("<html>") },
		"event unheard":  func(sim *simulated) { sim.mu.Lock(); clear(sim.apps); sim.mu.Unlock() },
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			_, s := open(t, sim)
			s.expect("/Available")
			lose(sim)
			sim.mu.Lock()
			sim.devices["PJSIP/100"] = "INUSE" // and nobody is told
			sim.mu.Unlock()
			time.Sleep(lookEvery + time.Second)
			synctest.Wait()
			last := ""
			for len(s.reports) > 0 {
				last = <-s.reports
			}
			if last != "On a call/Available" {
				t.Errorf("the last report is %q", last)
			}
		})
	}
}

// A connection whose other end vanished without a word is found out by its pings.
func TestDeadConnectionIsNoticed(t *testing.T) {
	in(t, "silence", func(t *testing.T) {
		sim, n := newSimulated(), newNetwork()
		p, err := Open(Options{Fields: fields(), HTTP: n.serve(t, sim)})
		if err != nil {
			t.Fatal(err)
		}
		s := watch(t, p)
		s.expect("/Available")
		n.vanish()
		sim.set("PJSIP/100", "INUSE")
		time.Sleep(pingEvery + usualPatience + 2*time.Second)
		s.expect("unreachable", "On a call/Available")
	})
}

// Two of the same person on the same machine have the same application name, and ARI gives it to the later.
func TestTwoOfOneNameAreBothHeard(t *testing.T) {
	in(t, "two", func(t *testing.T) {
		sim := newSimulated()
		_, first := open(t, sim)
		first.expect("/Available")
		_, second := open(t, sim)
		second.expect("/Available")
		time.Sleep(time.Minute)
		first.expect("/Available") // connected anew, under another name, and nothing is wrong
		second.expect()
		before := len(sim.asked())
		sim.set("PJSIP/100", "INUSE")
		first.expect("On a call/Available")
		second.expect("On a call/Available")
		if got := len(sim.asked()) - before; got != 4 {
			t.Errorf("%d requests for one event, want two of each", got)
		}
	})
}

func TestLoginThatMayOnlyReadIsEnoughToRead(t *testing.T) {
	in(t, "read only", func(t *testing.T) {
		sim := newSimulated()
		sim.readOnly = true
		p, s := open(t, sim)
		s.expect("/Available")
		sim.set("PJSIP/100", "INUSE")
		time.Sleep(pollEvery + time.Millisecond)
		s.expect("On a call/Available")
		got := trouble(t, p.Write(t.Context(), DoNotDisturb))
		if got.Kind != problem.Forbidden || got.Do.IsZero() || got.Unsure {
			t.Errorf("writing says %+v", got)
		}
	})
}
