package engine

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// mutant is one deliberate fault: in a file of the core, a piece of text that stands there once is replaced.
type mutant struct{ name, file, old, new string }

var mutants = []mutant{
	{"echo check removed", "see_teams.go",
		"t.Echo = d.setHere(v) || d.phoneSays(v)", "t.Echo = false"},
	{"give-back skipped", "decide.go",
		"case p.Hold.Is() && (!w.is() || w.to == base):", "case p.Hold.Is() && (!w.is() || w.to == base) && d.silent():"},
	{"session never cleared", "decide.go",
		"write = Command{Do: clear, Pair: slot.Shows}", "return false"},
	{"journal written after the write", "step.go",
		"d.commands = slices.Insert(d.commands, 0, Command{Do: Save, Journal: &j})", "d.commands = append(d.commands, Command{Do: Save, Journal: &j})"},
	{"answer asked for before the write believed", "see_teams.go",
		"if t.writing.TeamsWrite() || r.Asked.Before(t.Written) || r.Asked.Before(t.Asked) {", "if r.Asked.Before(t.Asked) {"},
	{"stale read believed", "see_teams.go",
		"return d.now.Before(t.doubtUntil) && (v == t.doubt || unseen)", "return unseen && v == presence.Unknown"},
	{"late reading of a phone believed", "see_phone.go",
		"s.late = d.now.Before(p.doubtUntil) && d.shownBy(i) == p.doubt", "s.late = false"},
	{"reading during a write believed", "see_phone.go",
		"s.late = s.late || p.writing.Do != Nothing", "s.late = s.late || false"},
	{"hand-set status overwritten", "see_phone.go",
		"\t\tp.down.want = want[string]{}\n\t\tp.Hold = Hold[string]{}\n\t} else if", "\t\treturn\n\t} else if"},
	{"rank check removed", "decide.go",
		"c.means(base) > c.means(row.To)", "c.means(base) > 99"},
	{"override forgotten", "see_phone.go",
		"\t\tif p.Hold.Cause.Activity {\n\t\t\tp.Override = true\n\t\t}\n", ""},
	{"override never ends", "see_teams.go",
		"d.Phones[i].Override = false", "d.Phones[i].told = \"\""},
	{"anchor not moved", "see_teams.go",
		"\t\tp.down.anchor = v\n\t\tp.down.want = want[string]{row.To,", "\t\tp.down.want = want[string]{row.To,"},
	{"anchor moved by a write that was refused", "done.go",
		"\t\t\tp.Hold.refused()\n\t\t}", "\t\t\tp.Hold.refused()\n\t\t\tp.up.anchor = c.Status\n\t\t}"},
	{"return to what was agreed taken for a choice", "see_teams.go",
		"case v == p.down.anchor:", "case v == p.down.anchor && false:"},
	{"unknown mapped to available", "see_teams.go",
		"state := t.state\n", "state := t.state\n\tif state.Title == \"\" {\n\t\tstate, _ = presence.Lookup(presence.Available)\n\t}\n"},
	{"unreadable phone taken for idle", "decide.go",
		"case !p.Known || p.waiting:", "case !p.Known && false:"},
	{"unreadable Teams taken for offline", "see_teams.go",
		"t.Known, t.Problem = false, p", "t.Problem, t.Happening, t.Chosen = p, presence.Pair{}, presence.Offline"},
	{"blind time ignored", "decide.go",
		"return w, blind", "return w, blind && false"},
	{"restart forgets the hold", "state.go",
		"p.Hold = j.Phones[id]", "p.Hold = Hold[string]{}"},
	{"restart believes what may not have been written", "state.go",
		"s.Teams.Override = slices", "s.Teams.Session.Set = s.Teams.Session.Is()\n\ts.Teams.Override = slices"},
	{"restart takes what was given back for the person's hand", "see_phone.go",
		"if first && p.Hold.Is()", "if first && p.Hold.Is() && false"},
	{"restart keeps to the old mapping", "state.go",
		"want[string]{c.Phones[i].Mapping.Phone(from).To, cause}", "want[string]{p.Hold.Shows, cause}"},
	{"second instance counted as the person, on the phone", "see_phone.go",
		"!d.teamsSays(i, status) && !(looked && d.bothSay(i, status))", "true"},
	{"second instance counted as the person, in Teams", "see_teams.go",
		"t.Echo = d.setHere(v) || d.phoneSays(v)", "t.Echo = d.setHere(v)"},
	{"fresh look skipped", "see_phone.go",
		"if p.waiting = !looked && d.news(i, s); p.waiting {", "if p.waiting = p.waiting && !looked && d.news(i, s); p.waiting {"},
	{"renewal dropped", "decide.go",
		"if !c.known || slot.Since.Add(life).Sub(d.now) > renewWhen(life) {", "if slot.Is() {"},
	{"expiry ignored", "step.go",
		"if h.Is() && !d.now.Before(h.Until) && !d.Teams.writing.TeamsWrite() {", "if h.Is() && h.Until.IsZero() {"},
	{"pause keeps what is held on phones", "decide.go",
		"\tif d.silent() {\n\t\treturn w, true", "\tif d.silent() {\n\t\treturn w, false"},
	{"pause keeps what is held in Teams", "decide.go",
		"\tif d.silent() {\n\t\treturn claim{known: true}", "\tif d.Quitting {\n\t\treturn claim{known: true}"},
	{"refused write believed, on a phone", "done.go",
		"\t\t\tp.Hold.refused()\n", "\t\t\tp.Hold.written()\n"},
	{"refused write believed, in Teams", "done.go",
		"\t\t\tslot.refused()\n", "\t\t\tslot.written()\n"},
	{"a write that has been seen believed to have failed", "done.go",
		"failed != nil && !(obeyed && failed.Unsure && c.Do == SetStatus)", "failed != nil"},
	{"what stood before is forgotten", "state.go",
		"n.Before, n.Was = h.Before, h.Shows", "n.Was = h.Shows"},
	{"preferred Busy over a meeting", "decide.go",
		"case preferred.to == presence.Busy && d.covered():", "case preferred.to == presence.Busy && d.covered() && false:"},
	{"message of the person overwritten", "message.go",
		"case on && !t.NoteOff && !t.Note.Is() && t.Message == \"\":", "case on && !t.Note.Is():"},
	{"what runs out written again before it is read", "decide.go",
		"|| t.Asked.Before(t.unread) {", "{"},
	{"what has never been seen is not waited for", "see_teams.go",
		"(v == t.doubt || unseen)", "(v == t.doubt || unseen && false)"},
	{"what was held and never seen is not doubted", "done.go",
		"over = slot.mayShow(t.Shown)", "over = presence.Pair{}"},
	{"a give-back that may have been carried out believed refused", "state.go",
		"{ h.Set, h.Unsure = false, true }", "{}"},
	{"a phone's choice outlives one made in Teams since", "see_teams.go",
		"if v != t.Chosen && byHand(v) {", "if v != t.Chosen && byHand(v) && false {"},
	{"being away taken for a choice", "see_teams.go",
		"return preferable(p) && p != presence.Away && p != presence.Offline", "return preferable(p)"},
	{"what ran out taken for the person's choice", "step.go",
		"\t*h = Hold[presence.Pair]{}\n\td.anchorDown()\n", "\t*h = Hold[presence.Pair]{}\n"},
	{"what ran out before its renewal taken for the person's choice", "see_teams.go",
		"case !d.now.Before(t.Preferred.Since.Add(d.cfg.PreferredFor)), t.Preferred.left():", "case t.Preferred.left():"},
	{"what the last run gave back taken for the person's choice", "see_teams.go",
		".Add(d.cfg.PreferredFor)), t.Preferred.left():", ".Add(d.cfg.PreferredFor)):"},
	{"a refusal not believed", "done.go",
		"!(obeyed && failed.Unsure && c.Do == SetStatus)", "!(obeyed && c.Do == SetStatus)"},
	{"what ran out and was never seen is not doubted", "step.go",
		"d.doubtTeams(h.mayShow(d.Teams.Shown))", "d.doubtTeams(d.Teams.Shown)"},
	{"restart writes over a choice not yet understood", "decide.go",
		"if t.Shown == (presence.Pair{}) {", "if t.Shown == (presence.Pair{}) && d.Paused {"},
	{"restart does not wait for Graph", "state.go",
		"s.Teams.doubtUntil = j.Preferred.Since.Add(c.Settle)", "s.Teams.Echo = false"},
	{"what another PC is still to give back taken for a choice", "see_phone.go",
		"if chosen != echoed || d.teamsSays(i, chosen) {", "if chosen != \"\" {"},
	{"a phone that waits begins to wait anew", "step.go",
		"p.unjudged && !p.waiting && p.Known", "p.unjudged && p.Known"},
	{"a choice during a write forgotten", "see_phone.go",
		"p.over = s.chosen", "p.over = \"\""},
	{"the short way passes over an answer that was waited for", "short.go",
		"t.Asked.Before(t.unread) || t.Echo", "t.Echo"},
	{"the short way passes over what has not been seen in Teams", "short.go",
		"|| t.Session.unseen() || t.Preferred.unseen()", "|| t.Session.unseen() && t.Preferred.unseen()"},
	{"the short way passes over what is in doubt on a phone", "short.go",
		"p.Hold.unseen() || p.unjudged || p.waiting || now.Before(p.doubtUntil)", "p.waiting"},
	{"killed while giving back, which the next run takes for a choice", "state.go",
		"j.Preferred.mayBeGone() //", "//"},
	{"what another PC has given back taken for a choice", "see_teams.go",
		"case d.ended(t.Preferred.Cause):", "case false:"},
	{"what another PC has given back asked for once more", "see_teams.go",
		"\t\td.dropUp(asked)\n\t\td.runsOut", "\t\td.runsOut"},
	{"the end of what a polled phone asked for not waited for", "echo.go",
		"if v == presence.Available && !d.Teams.Preferred.Is() ||", "if v == presence.Available ||"},
	{"what waited and is gone again forgotten", "see_phone.go",
		"if p.waiting && d.teamsSays(i, p.Shown.Chosen) {", "if p.waiting && false {"},
	{"unchanged without a word", "see_teams.go",
		"} else if row := d.cfg.Phones[i].Mapping.Phone(v); row.Unchanged() && v != before {", "} else if row := d.cfg.Phones[i].Mapping.Phone(v); row.Unchanged() && v != before && false {"},
}

// TestMutants applies each fault to a copy of the core and holds that something notices it: the explorer with a
// small bound, the scenarios, or the properties.
func TestMutants(t *testing.T) {
	if os.Getenv("OFFHOOK_MUTANTS") == "" || os.Getenv("OFFHOOK_MUTANT") != "" {
		t.Skip("takes some minutes: make mutants")
	}
	work := make(chan mutant)
	var busy sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		busy.Go(func() {
			for m := range work {
				by, err := m.killer(t.TempDir())
				switch {
				case err == nil && m.old == m.new:
					if by != "" {
						t.Errorf("the %s tests fail without any fault", by)
					}
				case err != nil:
					t.Errorf("mutant %q: %v", m.name, err)
				case by == "":
					t.Errorf("survived mutant=%q", m.name)
				default:
					t.Logf("killed mutant=%q by=%s", m.name, by)
				}
			}
		})
	}
	none := mutant{"none", "step.go", "package engine", "package engine"}
	only := os.Getenv("OFFHOOK_MUTANTS") // 1: all; else those with this in their names
	for _, m := range append([]mutant{none}, mutants...) {
		if only == "1" || strings.Contains(m.name, only) {
			work <- m
		}
	}
	close(work)
	busy.Wait()
}

// killer builds the package's tests with the fault in it and tells which of them fails first.
func (m mutant) killer(dir string) (by string, err error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return "", &wrongPlace{m, n}
	}
	here, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	faulty := filepath.Join(dir, m.file)
	if err := os.WriteFile(faulty, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {here: faulty}})
	if err != nil {
		return "", err
	}
	list, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "engine.test")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	if said, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, ".").CombinedOutput(); err != nil {
		return "", &doesNotBuild{string(said)}
	}
	for _, judge := range []struct{ name, run string }{
		{"scenario", "^(TestScenarios|TestTwoPCs|TestStatusMessage|TestHours|TestCrossings|TestVendors|TestDuringACall)"},
		{"explorer", "^TestExplore$"},
		{"property", "^(TestLaws|TestConverge)$"},
	} {
		test := exec.Command(binary, "-test.short", "-test.failfast", "-test.timeout=10m", "-test.run", judge.run,
			"-rapid.shrinktime=1ms", "-rapid.nofailfile", "-rapid.seed=1")
		test.Env = append(os.Environ(), "OFFHOOK_MUTANT="+m.name, "GOMAXPROCS=1")
		if said, err := test.CombinedOutput(); err != nil {
			if !bytes.Contains(said, []byte("--- FAIL")) && !bytes.Contains(said, []byte("panic: ")) {
				return "", &doesNotBuild{string(said)}
			}
			return judge.name, nil
		}
	}
	return "", nil
}

// wrongPlace says that a fault no longer fits the core: then it must be written anew.
type wrongPlace struct {
	mutant
	n int
}

func (w *wrongPlace) Error() string {
	return "the text it replaces stands " + map[bool]string{true: "nowhere", false: "more than once"}[w.n == 0] + " in " + w.file
}

type doesNotBuild struct{ said string }

func (d *doesNotBuild) Error() string { return "its tests do not run: " + d.said }
