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
