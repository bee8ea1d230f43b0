package baresip

import (
	"bufio"
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Whoever reaches the control port can make calls: only this computer may.
func TestOnlyThisComputer(t *testing.T) {
	for address, good := range map[string]bool{
		"": true, "127.0.0.1:4444": true, "[::1]:4444": true, "localhost:4444": true,
		"192.0.2.7:4444": false, "pbx.example.com:4444": false, "0.0.0.0:4444": false, "127.0.0.1": false,
	} {
		_, err := Open(Options{Fields: map[string]string{"address": address}})
		if good != (err == nil) {
			t.Errorf("%q: %v", address, err)
		}
		if p := problem.Of(err); err != nil && (p.Kind != problem.Settings || p.Do.IsZero()) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// What baresip does not tell is neither read nor set unless the person leaves it to Offhook.
func TestNothingIsSetUnasked(t *testing.T) {
	sim := newSimulated(t)
	p := open(t, sim.address, "no")
	if !phone.Reader(p).ReadOnly() {
		t.Error("it is not read only")
	}
	if err := p.Write(t.Context(), DoNotDisturb); err == nil || sim.shown().Chosen != Available {
		t.Errorf("it shows %+v (%v)", sim.shown(), err)
	}
	c, err := p.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sim.mu.Lock()
	if sim.dnd+sim.presence != "" {
		t.Errorf("at the start %q, %q was set", sim.dnd, sim.presence)
	}
	sim.mu.Unlock()
	if r, err := c.read(t.Context()); err != nil || r.Chosen != "" {
		t.Errorf("read %+v (%v)", r, err)
	}
}

// A baresip that was started anew has forgotten what was set.
func TestSetAgainAfterAStart(t *testing.T) {
	sim := newSimulated(t)
	p := open(t, sim.address, "yes")
	if err := p.Write(t.Context(), DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	sim.mu.Lock()
	sim.dnd = ""
	sim.mu.Unlock()
	c, err := p.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if want := (presence.Reading{Chosen: DoNotDisturb}); sim.shown() != want {
		t.Errorf("it shows %+v", sim.shown())
	}
}

func TestCalls(t *testing.T) {
	list := func(lines ...string) string {
		return "\n--- Active calls (2) ---\n" + strings.Join(lines, "\n") + "\n\n"
	}
	incoming, established := "  [line 2]  0:00:00   INCOMING             sip:a@b", "> [line 1]  0:01:07   ESTABLISHED          sip:c@d"
	for name, c := range map[string]struct{ list, want string }{
		"none":              {list(), ""},
		"one rings":         {list(incoming), Ringing},
		"talks, one rings":  {list(incoming, established), OnACall},
		"dialling":          {list("> [line 1, id 5cb1]  0:00:00   OUTGOING             sip:c@d"), OnACall},
		"held":              {list("> [line 1, id 5cb1]  0:00:09   ESTABLISHED (on hold) sip:c@d"), OnHold},
		"held, and talking": {list("  [line 2]  0:00:09   ESTABLISHED (on hold) sip:c@d", established), OnACall},
	} {
		if got, err := calls(c.list); err != nil || got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
	if got, err := calls("no such thing"); err == nil {
		t.Errorf("what is no list reads as %q", got)
	}
}

func TestNetstrings(t *testing.T) {
	for text, good := range map[string]bool{
		`24:{"response":true,"ok":1},`:         false,
		`27:{"response":true,"ok":true},`:      true,
		`27:{"response":true,"ok":true};`:      false,
		"220 mail.example.com ESMTP ready\r\n": false,
		`99999999:{}`:                          false,
		`9999999:{}`:                           false,
		`:{},`:                                 false,
		`27:{"response":true`:                  false,
		"":                                     false,
	} {
		if _, err := receive(bufio.NewReader(strings.NewReader(text))); good != (err == nil) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
