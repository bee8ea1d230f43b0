package engine

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/offhook/offhook/sync/presence"
)

// TestLaws plays any sequence of what can happen, then lets every activity end and both sides answer, and
// checks that the sides are at rest: nothing is held, no write follows, a status chosen on the phone stands,
// and Teams shows what the person has there.
func TestLaws(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		phone := rapid.SampledFrom([]PhoneConfig{desk("desk"), mute("desk"), merged("merged")}).Draw(t, "phone")
		w := newWorld(outer, phone)
		w.stale = rapid.IntRange(0, 3).Draw(t, "stale")
		w.settle()
		var happen []string
		for _, s := range phone.Mapping.Statuses {
			if s.Activity && !s.Writable || s.Name == "On call" {
				happen = append(happen, "phone does "+s.Name)
			}
		}
		happen = append(happen, "phone does nothing", "phone does nothing",
			"teams does Busy/InACall", "teams does Busy/InAMeeting", "teams does DoNotDisturb/Presenting",
			"teams does nothing", "teams does nothing", "teams client Away/Away", "teams client Available/Available",
			"teams client Offline/Offline", "teams lost", "teams found", "phone lost", "phone found",
			"phone refuses", "phone accepts", "offhook killed", "offhook starts", "offhook starts",
			"offhook pauses", "offhook resumes", "time passes 4m", "time passes 90m")
		for _, line := range rapid.SliceOfN(rapid.SampledFrom(happen), 1, 14).Draw(t, "lines") {
			if line == "offhook starts" && !w.pcs[0].off {
				continue
			}
			w.do(line)
		}
		if w.pcs[0].off {
			w.do("offhook starts")
		}
		for _, line := range []string{"phone found", "phone accepts", "teams found", "teams client Available/Available",
			"offhook resumes", "phone does nothing", "teams does nothing", "time passes 20m"} {
			w.do(line)
		}
		w.writes = 0
		w.do("time passes 3h")
		if w.writes != 0 {
			t.Fatalf("law 6: %d writes when nothing changes\n%s", w.writes, w.story())
		}
		if w.pcs[0].state.Holding() {
			t.Fatalf("law 3: something is held though nothing happens\n%s", w.story())
		}
		if got := w.teams(); got != presence.Available {
			t.Fatalf("law 3: Teams shows %s\n%s", got, w.story())
		}
		if got := w.phones[0].chosen; got != "Available" {
			t.Fatalf("law 3: the phone shows %s\n%s", got, w.story())
		}
	})
}

// TestConverge plays anything at all, choices on both sides included, on one PC or two, and then lets the
// person rest: the sides settle, and stay.
func TestConverge(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		phone := rapid.SampledFrom([]PhoneConfig{desk("desk"), mute("desk"), merged("merged")}).Draw(t, "phone")
		w := newWorld(outer, phone)
		w.stale = rapid.IntRange(0, 3).Draw(t, "stale")
		if rapid.Bool().Draw(t, "two PCs") {
			w.pcs = append(w.pcs, &pc{state: w.cfg.Start(Journal{})})
		}
		w.settle()
		lines := []string{"phone does nothing", "teams does Busy/InACall", "teams does Busy/InAMeeting",
			"teams does DoNotDisturb/Presenting", "teams does nothing", "teams client Away/Away",
			"teams client Available/Available", "teams chooses Busy/Busy", "teams chooses DoNotDisturb/DoNotDisturb",
			"teams chooses Available/Available", "teams chooses Away/Away", "teams chooses Offline/OffWork", "teams resets",
			"teams lost", "teams found", "phone lost", "phone found", "offhook killed", "offhook starts",
			"time passes 4m"}
		for _, s := range phone.Mapping.Statuses {
			if s.Activity && (!s.Writable || s.Name == "On call") {
				lines = append(lines, "phone does "+s.Name)
			} else {
				lines = append(lines, "phone chooses "+s.Name)
			}
		}
		for _, line := range rapid.SliceOfN(rapid.SampledFrom(lines), 1, 12).Draw(t, "lines") {
			if line == "offhook starts" && !w.pcs[0].off {
				continue
			}
			w.do(line)
		}
		if w.pcs[0].off {
			w.do("offhook starts")
		}
		// What one PC has taken for the person's hand, the other not, is over within its hour.
		for _, line := range []string{"phone found", "teams found", "time passes 70m"} {
			w.do(line)
		}
		w.news = 0
		w.do("time passes 3h")
		if w.news != 0 {
			t.Fatalf("law 9: %d writes though the person rests\n%s", w.news, w.story())
		}
		shows := w.teams()
		w.do("phone does nothing")
		w.do("teams does nothing")
		w.do("time passes 20m")
		if w.pcs[0].state.Teams.Session.Is() && w.phones[0].reading().Happening == "" {
			t.Fatalf("law 3: a session is held without a call, Teams showed %s\n%s", shows, w.story())
		}
	})
}
