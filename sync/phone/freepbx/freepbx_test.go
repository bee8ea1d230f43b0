package freepbx

import (
	"slices"
	"testing"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestFields(t *testing.T) {
	for server, want := range map[string]string{
		"pbx.example.com":      "pbx.example.com:5038",
		"pbx.example.com:5138": "pbx.example.com:5138",
		"tls://pbx":            "pbx:5039 tls",
		"tls://pbx:1":          "pbx:1 tls",
		"::1":                  "[::1]:5038",
		"[::1]:7":              "[::1]:7",
		"":                     "wrong",
		"http://pbx":           "wrong",
		"pbx:port":             "wrong",
		"user@pbx":             "wrong",
	} {
		address, secured, err := parseServer(server)
		if secured {
			address += " tls"
		}
		if err != nil {
			address = "wrong"
		}
		if address != want {
			t.Errorf("%q: %s (%v), want %s", server, address, err, want)
		}
	}
	for _, changes := range [][]string{{"password", ""}, {"user", " "}, {"extension", ""}, {"extension", "1 2"}, {"devices", "100"}, {"read_only", "perhaps"}} {
		_, err := Open(Options{Fields: fields(changes...)})
		if p := problem.Of(err); p == nil || p.Kind != problem.Settings || p.Do.IsZero() {
			t.Errorf("%q: %v", changes, err)
		}
	}
	if p, err := Open(Options{Fields: fields("read_only", "yes")}); err != nil || !p.(phone.Reader).ReadOnly() {
		t.Errorf("read only: %v", err)
	}
}

// Do not disturb leaves the presence beneath as it is, in both directions.
func TestPresenceUnderDoNotDisturb(t *testing.T) {
	sim := newSimulated(t)
	server := sim.address
	p := open(t, "server", server)
	sim.set("PRESENCE_STATE(CustomPresence:100)", "away,,lunch")
	sim.set("PRESENCE_STATE(CustomPresence:100)", "away")
	for _, step := range []struct{ write, shows string }{{DoNotDisturb, DoNotDisturb}, {Away, Away}, {DoNotDisturb, DoNotDisturb}} {
		if err := p.Write(t.Context(), step.write); err != nil {
			t.Fatal(err)
		}
		if r := shown(t, "server", server); r != (presence.Reading{Chosen: step.shows}) {
			t.Errorf("%s shows %+v", step.write, r)
		}
	}
	if n := slices.Index(sim.did(), "Setvar"); sim.states["PRESENCE_STATE(CustomPresence:100)"] != "away" || n < 0 {
		t.Errorf("the presence beneath became %q", sim.states["PRESENCE_STATE(CustomPresence:100)"])
	}
	for _, lamp := range []string{"Custom:DND100", "Custom:DEVDND100"} {
		if got := sim.states["DEVICE_STATE("+lamp+")"]; got != "BUSY" {
			t.Errorf("the lamp %s is %q", lamp, got)
		}
	}
}

// What is not allowed is told as that, and the login is not given up.
func TestForbidden(t *testing.T) {
	sim := newSimulated(t)
	p := open(t, "server", sim.address)
	sim.refuses = []string{"DBPut"}
	if err := problem.Of(p.Write(t.Context(), DoNotDisturb)); err == nil || err.Kind != problem.Forbidden || err.Do.IsZero() {
		t.Errorf("writing says %v", err)
	}
	sim.refuses = nil
	if err := p.Write(t.Context(), DoNotDisturb); err != nil {
		t.Error(err)
	}
}

// A state that Offhook does not know is told, not guessed.
func TestUnknownStates(t *testing.T) {
	for function, value := range map[string]string{
		"DEVICE_STATE(PJSIP/100)": "UNKNOWN", "PRESENCE_STATE(CustomPresence:100)": "sleeping",
	} {
		sim := newSimulated(t)
		sim.set(function, value)
		s, err := open(t, "server", sim.address).signIn(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.read(t.Context()); err == nil {
			t.Errorf("%s %s reads %+v", function, value, r)
		}
		s.Close()
	}
}
