package presence

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestState holds how what Graph answers is understood: any spelling of upper and lower case, an idle
// client's variants, out of office, and what is no state at all.
func TestState(t *testing.T) {
	tests := []struct {
		availability, activity string
		outOfOffice            bool
		want                   Pair // zero: no state
	}{
		{"Available", "Available", false, Available},
		{"available", "AVAILABLE", false, Available},
		{"AvailableIdle", "Inactive", false, Available},
		{"Available", "AvailableInactive", false, Available},
		{"BusyIdle", "Inactive", false, Busy},
		{"Busy", "InACall", false, InACall},
		{"Busy", "InACall", true, InACall},
		{"busy", "inAConferenceCall", false, InAConferenceCall},
		{"Busy", "InAMeeting", false, InAMeeting},
		{"inAMeeting", "InAMeeting", false, InAMeeting},
		{"DoNotDisturb", "Presenting", false, Presenting},
		{"DoNotDisturb", "Focusing", false, Focusing},
		{"DoNotDisturb", "UrgentInterruptionsOnly", false, DoNotDisturb},
		{"Away", "BeRightBack", false, BeRightBack},
		{"Away", "Away", true, OutOfOffice},
		{"Available", "OutOfOffice", false, OutOfOffice},
		{"Offline", "OffWork", false, AppearOffline},
		{"Offline", "Offline", false, Offline},
		{"PresenceUnknown", "PresenceUnknown", false, Pair{}},
		{"Available", "Juggling", false, Pair{}},
		{"Juggling", "Available", false, Pair{}},
		{"", "", false, Pair{}},
	}
	for _, tt := range tests {
		got, ok := State(Presence{Pair: NewPair(tt.availability, tt.activity), OutOfOffice: tt.outOfOffice})
		if got.Pair != tt.want || ok != (tt.want != Pair{}) {
			t.Errorf("%s/%s out of office %v: %v %v, want %v", tt.availability, tt.activity, tt.outOfOffice, got.Pair, ok, tt.want)
		}
	}
}

// TestLegal holds which pairs Graph lets an application set, and in which call: the lists of
// https://learn.microsoft.com/graph/api/presence-setpresence and presence-setuserpreferredpresence.
func TestLegal(t *testing.T) {
	want := map[Pair]Way{InACall: Session, InAConferenceCall: Session, Presenting: Session, Available: Preferred,
		Busy: Preferred, DoNotDisturb: Preferred, BeRightBack: Preferred, Away: Preferred, AppearOffline: Preferred}
	for _, s := range TeamsStates() {
		if got := HowToWrite(s.Pair); got != want[s.Pair] {
			t.Errorf("%s: %v, want %v", s.Pair, got, want[s.Pair])
		}
	}
	if n := len(LegalTargets()); n != len(want) {
		t.Errorf("%d legal targets, want %d", n, len(want))
	}
}

// TestTokensAreKept holds that what Offhook does not know is neither lost nor an error.
func TestTokensAreKept(t *testing.T) {
	word := rapid.StringMatching(`[A-Za-z]{1,20}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "availability"), word.Draw(t, "activity")
		p, err := ParsePair(a + "/" + b)
		if err != nil || !strings.EqualFold(p.Availability, a) || !strings.EqualFold(p.Activity, b) {
			t.Fatalf("%s/%s: %v, %v", a, b, p, err)
		}
		if again, err := ParsePair(p.String()); err != nil || again != p {
			t.Fatalf("%v read again: %v, %v", p, again, err)
		}
	})
	for _, bad := range []string{"", "Busy", "/Busy", "Busy/", " / "} {
		if p, err := ParsePair(bad); err == nil {
			t.Errorf("%q: %v", bad, p)
		}
	}
	var p Pair
	if err := json.Unmarshal([]byte(`"busy/inacall"`), &p); err != nil || p != InACall {
		t.Errorf("from JSON: %v, %v", p, err)
	}
}

func sample() Mapping {
	return Mapping{
		Statuses: []Status{{Name: "Available", Means: MeansAvailable, Writable: true}, {Name: "On call", Activity: true}},
		ToPhone:  []Row[Pair, string]{{From: Available, To: "Available"}, {From: Away, Why: "idle"}},
		ToTeams:  []Row[string, Pair]{{From: "On call", To: InACall}, {From: "Available", To: Available}},
	}
}

func TestRows(t *testing.T) {
	m := sample()
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if r := m.Phone(Available); r.To != "Available" || r.Unchanged() {
		t.Errorf("Available: %+v", r)
	}
	if r := m.Phone(Away); !r.Unchanged() || r.Why != "idle" {
		t.Errorf("Away: %+v", r)
	}
	if r := m.Phone(Focusing); !r.Unchanged() || r.Why == "" {
		t.Errorf("a state without a row is left unchanged, and says why: %+v", r)
	}
	if r := m.Teams("on CALL"); r.To != InACall {
		t.Errorf("on CALL: %+v", r)
	}
	if r := m.Teams("nonsense"); !r.Unchanged() || r.Why == "" {
		t.Errorf("nonsense: %+v", r)
	}
}

// TestCheck holds that a mapping that cannot be carried out is told, with what there is.
func TestCheck(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*Mapping)
		want  string
	}{
		{"unknown status", func(m *Mapping) { m.ToPhone[0].To = "Gone" }, `"Gone" is no status of this phone; it has: Available, On call`},
		{"status that cannot be set", func(m *Mapping) { m.ToPhone[0].To = "On call" }, "does not let it be set"},
		{"unknown state", func(m *Mapping) { m.ToPhone[0].From = Pair{"Busy", "Juggling"} }, "Busy/Juggling is no state of Teams"},
		{"illegal pair", func(m *Mapping) { m.ToTeams[0].To = InAMeeting }, "Graph lets an application set only"},
		{"unknown source", func(m *Mapping) { m.ToTeams[0].From = "Gone" }, `"Gone" is no status`},
		{"state twice", func(m *Mapping) { m.ToPhone[1].From = Available }, "stands twice"},
		{"row twice", func(m *Mapping) { m.ToTeams[1].From = "on call" }, "stands twice"},
		{"status twice", func(m *Mapping) { m.Statuses[1].Name = "available" }, "stands twice"},
	}
	for _, tt := range tests {
		m := sample()
		tt.spoil(&m)
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestMeans(t *testing.T) {
	for _, name := range []string{"away", "available", "busy", "dnd"} {
		var m Means
		if err := m.UnmarshalText([]byte(name)); err != nil || m.String() != name {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	var m Means
	if err := m.UnmarshalText([]byte("asleep")); err == nil || !strings.Contains(err.Error(), "dnd") {
		t.Errorf("asleep: %v", err)
	}
}
