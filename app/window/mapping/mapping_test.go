package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/mapping"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
	"github.com/offhook/offhook/sync/presence"
)

func open(t *testing.T, status string) (*sample.Bench, *mapping.Page) {
	t.Helper()
	b := sample.NewBench(t, sample.Statuses()[status])
	p := mapping.New(b.Wire)
	b.Open(p.Content())
	p.Show(b.Resident.Status(), sample.Now())
	b.Pump()
	return b, p
}

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for _, name := range []string{"in-call", "problem", "two-phones", "first-phone"} {
		t.Run(name, func(t *testing.T) {
			b, _ := open(t, name)
			test.AssertRendersToMarkup(t, name+".xml", b.Window.Canvas())
		})
	}
}

// rows are the choices of both tables, without those above them.
func rows(b *sample.Bench) []*part.Choice {
	return slices.DeleteFunc(sample.All[*part.Choice](b.Window.Canvas()), func(c *part.Choice) bool {
		return !slices.Contains(c.Options, "leave unchanged")
	})
}

// Every row of both directions is there, shows what it says, and offers what is legal and to leave it alone.
func TestEveryRowOffersWhatIsLegal(t *testing.T) {
	b, _ := open(t, "in-step")
	ph := b.Resident.Status().Phones[0]
	choices := rows(b)
	if want := len(ph.ToPhone) + len(ph.ToTeams); len(choices) != want {
		t.Fatalf("%d rows, not %d", len(choices), want)
	}
	legal := []string{"leave unchanged"}
	for _, pair := range presence.LegalTargets() {
		state, _ := presence.Lookup(pair)
		legal = append(legal, state.Title)
	}
	statuses := []string{"leave unchanged", "Available", "Busy", "Do not disturb", "Away", "In a meeting"}
	for i, r := range append(slices.Clone(ph.ToPhone), ph.ToTeams...) {
		says, want := r.ToTitle, statuses
		if r.Unchanged {
			says = "leave unchanged"
		}
		if i >= len(ph.ToPhone) {
			want = legal
		}
		if choices[i].Selected != says {
			t.Errorf("%s becomes %q, not %q", r.FromTitle, choices[i].Selected, says)
		}
		if diff := cmp.Diff(want, choices[i].Options); diff != "" {
			t.Errorf("%s: %s", r.FromTitle, diff)
		}
	}
}

func TestTheRowOfNowIsLit(t *testing.T) {
	b, p := open(t, "in-step")
	lit := func() (all []string) {
		for _, l := range sample.All[*widget.Label](b.Window.Canvas()) {
			if l.TextStyle.Bold && l.SizeName == "" {
				all = append(all, l.Text)
			}
		}
		return all
	}
	headings := []string{"Try it", "Teams shows", "The phone becomes", "The phone shows", "Teams becomes"}
	now := func() []string {
		return slices.DeleteFunc(lit(), func(s string) bool { return slices.Contains(headings, s) })
	}
	if diff := cmp.Diff([]string{"Available", "Available"}, now()); diff != "" {
		t.Error(diff)
	}
	s := sample.Statuses()["in-step"]
	s.Phones[0].ToPhone[0].Applies, s.Phones[0].ToPhone[2].Applies = false, true
	p.Show(s, sample.Now())
	if diff := cmp.Diff([]string{"In a call", "Available"}, now()); diff != "" {
		t.Error(diff)
	}
	s.Teams.Held = &local.Hold{Shows: "In a call"} // set by Offhook: nothing is mirrored from there
	p.Show(s, sample.Now())
	if diff := cmp.Diff([]string{"Available"}, now()); diff != "" {
		t.Error(diff)
	}
}

func texts(b *sample.Bench) string { return sample.Texts(b.Window.Canvas()) }

// A row is changed by keyboard, waits to be saved, is saved, and stands once the status says so.
func TestChangeARow(t *testing.T) {
	b, p := open(t, "in-step")
	row := rows(b)[2] // In a call
	b.Window.Canvas().Focus(row)
	row.TypedRune('b')
	if row.Selected != "Busy" { // it was there: the next that begins with B is itself
		t.Fatalf("%q", row.Selected)
	}
	row.TypedRune('i')
	if !strings.Contains(texts(b), "1 change is not saved yet") || !strings.Contains(texts(b), "Changed by you; the preset says: Busy.") {
		t.Error("the change does not show:\n", texts(b))
	}
	p.Show(b.Resident.Status(), sample.Now()) // a status that knows nothing of it yet
	if row.Selected != "In a meeting" {
		t.Errorf("a status took the change away: %q", row.Selected)
	}
	if b.Window.Canvas().Focused() != fyne.Focusable(row) {
		t.Error("a status took the focus away")
	}
	test.Tap(sample.Button(t, b.Window.Canvas(), "Save"))
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	to := "In a meeting"
	want := []local.Edit{{Rows: []local.RowEdit{{Phone: "desk", Direction: local.ToPhone, From: "Busy/InACall", To: &to}}}}
	if diff := cmp.Diff(want, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(texts(b), "not saved yet") {
		t.Error("it is saved, and it says it is not")
	}
	s := sample.Statuses()["in-step"]
	s.Phones[0].ToPhone[2] = local.Row{From: "Busy/InACall", FromTitle: "In a call", To: to, ToTitle: to, Changed: true, Preset: "Busy"}
	p.Show(s, sample.Now())
	if row.Selected != to {
		t.Errorf("%q", row.Selected)
	}
}

// What is refused stays to be corrected.
func TestRefusedChangeStays(t *testing.T) {
	b, _ := open(t, "in-step")
	b.Resident.Says(local.Result{Problem: &local.Problem{What: "the settings cannot be written"}})
	rows(b)[0].SetSelected("Away")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Save"))
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	if !strings.Contains(texts(b), "1 change is not saved yet") {
		t.Error("the change is gone")
	}
	test.Tap(sample.Button(t, b.Window.Canvas(), "Discard"))
	if rows(b)[0].Selected != "Available" || strings.Contains(texts(b), "not saved yet") {
		t.Error("discarded, and still there")
	}
}

// Rows that differ from the preset say so, and go back to it one by one or all.
func TestReset(t *testing.T) {
	b, _ := open(t, "in-step")
	if !strings.Contains(texts(b), "Changed by you; the preset says: Busy.") {
		t.Fatal("the changed row does not say so:\n", texts(b))
	}
	test.Tap(sample.Button(t, b.Window.Canvas(), "Reset"))
	if got := rows(b)[1].Selected; got != "Busy" {
		t.Errorf("reset to %q", got)
	}
	rows(b)[0].SetSelected("Busy")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Reset all rows"))
	test.Tap(sample.Button(t, b.Window.Canvas(), "Save"))
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	want := []local.Edit{{Rows: []local.RowEdit{{Phone: "desk", Direction: local.ToPhone, From: "Busy/Busy"}}}}
	if diff := cmp.Diff(want, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
}

// What a state would do is asked with the rows as they are changed, and asked again when they change.
func TestTryBeforeSaving(t *testing.T) {
	b, _ := open(t, "in-step")
	rows(b)[2].SetSelected("Away")
	sample.Choice(t, b.Window.Canvas(), "choose a state").SetSelected("In a call")
	b.Until("Teams: In a call, so Desk phone now shows Busy. Afterwards Desk phone is as before again.")
	away, busy := "Away", "Available"
	want := []local.Try{{Phone: "desk", Side: "teams", State: "Busy/InACall",
		Rows: []local.RowEdit{{Phone: "desk", Direction: local.ToPhone, From: "Busy/InACall", To: &away}}}}
	if diff := cmp.Diff(want, b.Resident.Tries()); diff != "" {
		t.Error(diff)
	}
	rows(b)[2].SetSelected("Available")
	b.When(func() bool { return len(b.Resident.Tries()) == 2 }, "asked again")
	want = append(want, want[0])
	want[1].Rows = []local.RowEdit{{Phone: "desk", Direction: local.ToPhone, From: "Busy/InACall", To: &busy}}
	if diff := cmp.Diff(want, b.Resident.Tries()); diff != "" {
		t.Error(diff)
	}
	sample.Choice(t, b.Window.Canvas(), "When Teams shows").SetSelected("When Desk phone shows")
	if got := sample.Choice(t, b.Window.Canvas(), "choose a state").Options; !slices.Contains(got, "On vacation") {
		t.Errorf("the phone's states are not offered: %q", got)
	}
	if len(b.Resident.Edits()) > 0 {
		t.Error("something was saved")
	}
}

func TestPolicyLocksRows(t *testing.T) {
	b, p := open(t, "in-step")
	s := sample.Statuses()["in-step"]
	s.Phones[0].ToPhone[0].Locked = true
	p.Show(s, sample.Now())
	if !rows(b)[0].Disabled() || rows(b)[1].Disabled() || !strings.Contains(texts(b), "Set by your administrator.") {
		t.Error("the locked row can be changed, or does not say why not")
	}
}

func TestChoosingAPhone(t *testing.T) {
	b, p := open(t, "two-phones")
	choose := sample.Choice(t, b.Window.Canvas(), "Desk phone")
	choose.SetSelected("Mitel CloudLink")
	p.Show(b.Resident.Status(), sample.Now()) // the choice stays when a status arrives
	if strings.Contains(texts(b), "On vacation") || !strings.Contains(texts(b), "Nothing: this direction is never written.") {
		t.Error("the second phone's rows are not there once it is chosen:\n", texts(b))
	}
	p.Show(sample.Statuses()["in-step"], sample.Now())
	if !strings.Contains(texts(b), "On vacation") {
		t.Error("the chosen phone is gone, and the one that is left is not shown:\n", texts(b))
	}
	if choose.Visible() {
		t.Error("one phone, and still a list to choose from")
	}
}
