package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// TestScenarios is what people meet, one line a step. Each runs with Graph answering the truth at once, and
// with Graph answering some old values after every write.
func TestScenarios(t *testing.T) {
	on := func(c PhoneConfig) []PhoneConfig { return []PhoneConfig{c} }
	tests := []struct {
		name   string
		phones []PhoneConfig
		lines  []string
	}{
		{"a phone call shows in Teams while it lasts; ringing alone does not", on(desk("desk")), []string{
			"phone does Ringing", "expect teams Available/Available", "expect writes 0",
			"phone does On a call", "expect teams Busy/InACall", "phone does On hold", "expect teams Busy/InACall",
			"expect writes 1",
			"phone does nothing", "expect teams Available/Available", "expect phone Available", "expect writes 1",
			"expect held false"}},
		{"a Teams meeting shows on the phone and is given back", on(desk("desk")), []string{
			"phone chooses On vacation", "expect teams Available/Available",
			"teams does Busy/InAMeeting", "expect phone In a meeting", "expect writes 1",
			"teams does nothing", "expect phone On vacation", "expect writes 1", "expect held false"}},
		{"a meeting that becomes a call is given back as what was before both", on(desk("desk")), []string{
			"phone chooses On vacation", "teams does Busy/InAMeeting", "expect phone In a meeting",
			"teams does Busy/InACall", "expect phone Do not disturb", "expect writes 2", "teams does nothing",
			"expect phone On vacation", "expect held false"}},
		{"the screen is locked in a call", on(desk("desk")), []string{
			"phone does On a call", "teams client Away/Away", "expect teams Busy/InACall", "time passes 30m",
			"expect teams Busy/InACall", "phone does nothing", "expect teams Away/Away", "expect phone Available",
			"teams client Available/Available", "expect teams Available/Available", "expect phone Available", "expect held false"}},
		{"out of office and a call", on(desk("desk")), []string{
			"teams client Available/OutOfOffice", "expect phone Available", "phone does On a call", "expect teams Busy/InACall",
			"phone does nothing", "expect teams Available/OutOfOffice", "expect held false"}},
		{"call waiting: a second one rings, is not answered, and the first goes on", on(desk("desk")), []string{
			"phone does On a call", "expect writes 1", "phone does On hold", "phone does On a call", "expect writes 0",
			"phone does nothing", "expect teams Available/Available", "phone does Ringing", "phone does nothing", "expect writes 1"}},
		{"the phone system is down for a day", on(desk("desk")), []string{
			"teams does Busy/InAMeeting", "expect phone In a meeting", "phone lost", "teams does nothing", "time passes 24h",
			"expect phone In a meeting", "phone found", "expect phone Available", "expect held false"}},
		{"somebody else signs in to the phone: it is out of reach, and the call it showed runs out", on(desk("desk")), []string{
			"phone does On a call", "expect teams Busy/InACall", "phone lost", "phone does nothing", "time passes 10m",
			"expect teams Available/Available", "phone found", "expect teams Available/Available", "expect held false"}},
		{"a call during a meeting that outlasts it", on(desk("desk")), []string{
			"teams does Busy/InAMeeting", "expect phone In a meeting",
			"phone does On a call", "expect teams Busy/InACall",
			"phone does nothing", "expect teams Busy/InAMeeting", "expect phone In a meeting",
			"teams does nothing", "expect teams Available/Available", "expect phone Available", "expect held false"}},
		{"a meeting during a call that outlasts it", on(desk("desk")), []string{
			"phone does On a call", "expect teams Busy/InACall", "expect phone Available",
			"teams does Busy/InACall", "expect phone Available",
			"teams does nothing", "expect teams Busy/InACall", "phone does nothing",
			"expect teams Available/Available", "expect phone Available", "expect held false"}},
		{"a Teams call that outlasts the phone call reaches the phone in the end", on(desk("desk")), []string{
			"phone does On a call", "teams does Busy/InACall", "phone does nothing",
			"time passes 1m", "expect teams Busy/InACall", "expect phone Do not disturb",
			"teams does nothing", "expect phone Available", "expect held false"}},
		{"do not disturb chosen in Teams during a phone call stands", on(desk("desk")), []string{
			"phone does On a call", "teams chooses DoNotDisturb/DoNotDisturb",
			"expect teams DoNotDisturb/DoNotDisturb", "expect phone Do not disturb", "expect told own-hand-wins",
			"phone does nothing", "expect teams DoNotDisturb/DoNotDisturb", "expect phone Do not disturb",
			"teams resets", "expect teams Available/Available", "expect phone Available", "expect held false"}},
		{"choices are mirrored both ways and back", on(desk("desk")), []string{
			"phone chooses Do not disturb", "expect teams DoNotDisturb/DoNotDisturb", "expect writes 1",
			"phone chooses Available", "expect teams Available/Available", "expect writes 1",
			"teams chooses DoNotDisturb/DoNotDisturb", "expect phone Do not disturb", "expect writes 1",
			"teams chooses Available/Available", "expect phone Available", "expect writes 1", "expect held false"}},
		{"what stood before the first of two mirrored choices is what comes back", on(desk("desk")), []string{
			"phone chooses Busy", "expect before Available/Available", "phone chooses Do not disturb",
			"expect teams DoNotDisturb/DoNotDisturb", "expect before Available/Available"}},
		{"a call while busy is mirrored from the phone: busy afterwards", on(desk("desk")), []string{
			"phone chooses Busy", "expect teams Busy/Busy", "phone does On a call", "expect teams Busy/InACall",
			"time passes 2h", "expect teams Busy/InACall", "phone does nothing", "expect teams Busy/Busy",
			"expect held true", "phone chooses Available", "expect teams Available/Available", "expect held false"}},
		{"the person chooses right afterwards what Offhook had shown", on(desk("desk")), []string{
			"teams does Busy/InACall", "expect phone Do not disturb", "soon teams does nothing", "expect phone Available",
			"soon phone chooses Do not disturb", "expect teams DoNotDisturb/DoNotDisturb", "expect phone Do not disturb",
			"phone chooses Available", "expect teams Available/Available", "expect held false"}},
		{"a call right after a call", on(desk("desk")), []string{
			"soon phone does On a call", "expect teams Busy/InACall", "soon phone does nothing", "expect teams Available/Available",
			"soon phone does On a call", "expect teams Busy/InACall", "soon phone does nothing", "expect teams Available/Available"}},
		{"a Teams call right after a phone call", on(desk("desk")), []string{
			"soon phone does On a call", "soon phone does nothing", "soon teams does Busy/InACall",
			"expect phone Do not disturb", "soon teams does nothing", "expect phone Available"}},
		{"both sides chosen alike by hand, then Teams changed: nobody fights", on(desk("desk")), []string{
			"teams chooses Busy/Busy", "expect phone Busy", "phone chooses Do not disturb", "teams chooses DoNotDisturb/DoNotDisturb",
			"phone chooses Busy", "teams chooses BeRightBack/BeRightBack", "time passes 2h",
			"expect teams BeRightBack/BeRightBack"}},
		{"what was set from the phone may be undone in Teams", on(desk("desk")), []string{
			"phone chooses Do not disturb", "expect teams DoNotDisturb/DoNotDisturb",
			"teams resets", "time passes 1m", "expect teams Available/Available", "expect phone Available",
			"expect held false"}},
		{"what was set from Teams may be undone on the phone", on(desk("desk")), []string{
			"teams chooses DoNotDisturb/DoNotDisturb", "expect phone Do not disturb",
			"phone chooses Available", "expect phone Available", "expect teams Available/Available", "expect held false"}},
		{"the person puts a meeting's status aside on the phone, and that stands", on(desk("desk")), []string{
			"teams does Busy/InAMeeting", "expect phone In a meeting",
			"phone chooses Available", "expect phone Available", "time passes 30m", "expect phone Available",
			"teams does nothing", "expect phone Available",
			"teams does Busy/InAMeeting", "expect phone In a meeting"}},
		{"coming back from idle does not touch what was chosen on the phone", on(desk("desk")), []string{
			"phone chooses On vacation", "teams client Away/Away", "expect phone On vacation",
			"teams client Available/Available", "expect phone On vacation", "expect writes 0"}},
		{"do not disturb on the phone is not lowered by a meeting", on(mute("desk")), []string{
			"phone chooses Do not disturb", "expect teams Available/Available",
			"teams does Busy/InAMeeting", "expect phone Do not disturb", "expect writes 0", "expect told own-hand-wins",
			"teams does nothing", "expect phone Do not disturb"}},
		{"a call of three hours stays shown", on(desk("desk")), []string{
			"phone does On a call", "time passes 3h", "expect teams Busy/InACall",
			"phone does nothing", "expect teams Available/Available", "expect held false"}},
		{"nothing changes, nothing is written", on(desk("desk")), []string{
			"time passes 12h", "expect writes 0",
			"phone does On a call", "expect writes 1", "time passes 3m", "expect writes 1"}},
		{"at start nothing is overwritten", on(desk("desk")), []string{
			"offhook killed", "phone chooses On vacation", "teams chooses DoNotDisturb/DoNotDisturb",
			"offhook starts", "expect phone On vacation", "expect teams DoNotDisturb/DoNotDisturb", "expect writes 0",
			"teams resets", "expect phone Available"}},
		{"killed in a call, started after it", on(desk("desk")), []string{
			"phone does On a call", "expect teams Busy/InACall", "offhook killed", "phone does nothing",
			"offhook starts", "expect teams Available/Available", "expect held false"}},
		{"killed in a call, started in it", on(desk("desk")), []string{
			"phone does On a call", "offhook killed", "offhook starts", "expect teams Busy/InACall",
			"expect phone Available", "time passes 20m", "expect teams Busy/InACall", "phone does nothing",
			"expect teams Available/Available", "expect held false"}},
		{"killed in a meeting, started after it", on(desk("desk")), []string{
			"phone chooses On vacation", "teams does Busy/InACall", "expect phone Do not disturb", "offhook killed",
			"teams does nothing", "offhook starts", "expect phone On vacation", "expect held false"}},
		{"killed in a meeting, started in it", on(desk("desk")), []string{
			"teams does Busy/InACall", "expect phone Do not disturb", "expect writes 1", "offhook killed",
			"offhook starts", "expect phone Do not disturb", "expect writes 0",
			"teams does nothing", "expect phone Available", "expect held false"}},
		{"ends in a call and gives back", on(desk("desk")), []string{
			"phone does On a call", "offhook quits", "expect teams Available/Available"}},
		{"pause in a call gives back and is silent", on(desk("desk")), []string{
			"phone does On a call", "expect teams Busy/InACall", "offhook pauses", "expect teams Available/Available",
			"expect held false", "expect writes 2", "phone chooses Do not disturb", "time passes 1h", "expect writes 0",
			"expect teams Available/Available",
			"offhook resumes", "expect teams Busy/InACall", "phone does nothing", "expect teams Available/Available"}},
		{"Teams unreadable is no state", on(desk("desk")), []string{
			"teams does Busy/InAMeeting", "expect phone In a meeting", "teams lost", "time passes 10m",
			"expect phone In a meeting", "expect told lost", "teams found", "expect phone In a meeting",
			"teams lost", "teams does nothing", "time passes 10m", "teams found", "expect phone Available"}},
		{"what Teams caused does not stay for ever while Teams is unreadable", on(desk("desk")), []string{
			"teams does Busy/InAMeeting", "teams lost", "time passes 2h", "expect phone Available",
			"teams found", "expect phone In a meeting"}},
		{"the phone unreachable is no state, and what it caused expires", on(desk("desk")), []string{
			"phone does On a call", "expect teams Busy/InACall", "phone lost", "expect teams Busy/InACall",
			"time passes 10m", "expect teams Available/Available", "expect told expired",
			"phone found", "expect teams Busy/InACall"}},
		{"a refused write changes nothing and is told", on(desk("desk")), []string{
			"phone refuses", "teams does Busy/InAMeeting", "expect phone Available", "expect told failed",
			"expect held false", "phone accepts", "time passes 10m", "expect phone In a meeting"}},
		{"appear offline and a phone call", on(desk("desk")), []string{
			"teams chooses Offline/OffWork", "phone does On a call", "time passes 2m", "expect teams Offline/OffWork",
			"expect told own-hand-wins", "phone does nothing", "expect teams Offline/OffWork"}},
		{"Teams closed everywhere", on(desk("desk")), []string{
			"teams client Offline/Offline", "expect phone Available", "expect writes 0",
			"phone does On a call", "expect teams Busy/InACall", "phone does nothing", "expect teams Offline/Offline"}},
		{"a status by one word only: the call is its own", on(merged("merged")), []string{
			"phone chooses On vacation", "phone does On call", "expect teams Busy/InACall", "phone does nothing",
			"expect teams Available/Available", "expect phone On vacation"}},
		{"a status by one word only: the meeting is given back", on(merged("merged")), []string{
			"phone chooses On vacation", "teams does DoNotDisturb/Presenting", "expect phone In a meeting",
			"expect teams DoNotDisturb/Presenting", "expect writes 1", "teams does nothing", "expect phone On vacation",
			"expect writes 1", "expect held false"}},
		{"two phones: one call on each", []PhoneConfig{desk("desk"), desk("mobile")}, []string{
			"phone does On a call", "phone2 does On a call", "phone does nothing", "expect teams Busy/InACall",
			"expect phone Available", "expect phone2 Available",
			"phone2 does nothing", "expect teams Available/Available", "expect held false"}},
		{"two phones follow one meeting", []PhoneConfig{desk("desk"), desk("mobile")}, []string{
			"phone2 chooses On vacation", "teams does Busy/InAMeeting", "expect phone In a meeting",
			"expect phone2 In a meeting", "teams does nothing", "expect phone Available", "expect phone2 On vacation"}},
	}
	for _, tt := range tests {
		for _, stale := range []int{0, 1, 3} {
			t.Run(fmt.Sprintf("%s/stale=%d", tt.name, stale), func(t *testing.T) {
				w := newWorld(t, tt.phones...)
				w.stale = stale
				w.settle()
				for _, line := range tt.lines {
					w.do(line)
				}
			})
		}
	}
}

// TestTwoPCs runs what two PCs of the same person see: the same phone, the same Teams, each sees it in its
// own time and neither knows of the other.
func TestTwoPCs(t *testing.T) {
	tests := []struct {
		name  string
		phone PhoneConfig
		lines []string
	}{
		{"a call", desk("desk"), []string{
			"phone does On a call", "expect teams Busy/InACall", "expect phone Available", "phone does nothing",
			"time passes 2m", "expect teams Available/Available", "expect phone Available", "expect held false"}},
		{"a meeting", desk("desk"), []string{
			"phone chooses On vacation", "teams does Busy/InACall", "expect phone Do not disturb",
			"expect teams Busy/InACall", "time passes 10m", "expect writes 1", "teams does nothing", "time passes 2m",
			"expect phone On vacation", "expect teams Available/Available", "expect held false"}},
		{"a choice on the phone", desk("desk"), []string{
			"phone chooses Do not disturb", "expect teams DoNotDisturb/DoNotDisturb", "time passes 10m",
			"phone chooses Available", "time passes 2m", "expect teams Available/Available", "expect phone Available",
			"expect held false"}},
		{"a choice in Teams", desk("desk"), []string{
			"teams chooses DoNotDisturb/DoNotDisturb", "expect phone Do not disturb", "time passes 10m",
			"teams resets", "time passes 2m", "expect phone Available", "expect teams Available/Available",
			"expect held false"}},
		{"a meeting on a phone with one word only", merged("merged"), []string{
			"teams does Busy/InACall", "expect phone On call", "time passes 10m", "teams does nothing",
			"time passes 2m", "expect teams Available/Available", "expect phone Available", "expect held false"}},
		{"one is killed in a call", desk("desk"), []string{
			"phone does On a call", "expect teams Busy/InACall", "offhook killed", "phone does nothing", "time passes 6m",
			"expect teams Available/Available", "expect phone Available"}},
	}
	for _, tt := range tests {
		for _, stale := range []int{0, 1, 3} {
			t.Run(fmt.Sprintf("%s/stale=%d", tt.name, stale), func(t *testing.T) {
				w := newWorld(t, tt.phone)
				w.stale = stale
				w.pcs = append(w.pcs, &pc{state: w.cfg.Start(Journal{})})
				w.settle()
				for _, line := range tt.lines {
					w.do(line)
				}
			})
		}
	}
}

// Another PC may take back in Teams what a phone asked for before this one has polled that phone: what the phone
// then shows decides, whether the person has chosen something else there or put it aside in Teams.
func TestTwoPCsAndAPolledPhone(t *testing.T) {
	for now, want := range map[string]string{"On vacation": "", "Do not disturb": "Available"} {
		t.Run(now, func(t *testing.T) {
			w := newWorld(t, desk("desk"))
			w.cfg.Phones[0].Polled = true
			w.settle()
			w.do("phone chooses Do not disturb")
			w.do("expect teams DoNotDisturb/DoNotDisturb")
			s, at := w.pcs[0].state, w.now.Add(10*time.Minute)
			said := []Reason{}
			step := func(e Event) (commands []Command) {
				at = at.Add(time.Second)
				var reasons []Reason
				s, commands, reasons = w.cfg.Step(s, e, at)
				said = append(said, reasons...)
				return commands
			}
			for _, c := range step(TeamsRead{Presence: presence.Presence{Pair: presence.Available}, Asked: at}) {
				if c.PhoneWrite() {
					t.Fatalf("the phone is not asked first: %+v", said)
				}
			}
			written := ""
			for _, c := range step(PhoneRead{Phone: 0, Reading: presence.Reading{Chosen: now}}) {
				if c.PhoneWrite() {
					written = c.Status
				}
			}
			if written != want {
				t.Errorf("the phone shows %s, and %q is written there, want %q: %+v", now, written, want, said)
			}
		})
	}
}
