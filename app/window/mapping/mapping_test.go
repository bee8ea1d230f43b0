package mapping_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/window/mapping"
	"github.com/offhook/offhook/app/window/sample"
)

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for _, name := range []string{"in-call", "problem", "two-phones"} {
		t.Run(name, func(t *testing.T) {
			p := mapping.New()
			window := sample.Window(t, p.Content())
			p.Show(sample.Statuses()[name], sample.Now())
			test.AssertRendersToMarkup(t, name+".xml", window.Canvas())
		})
	}
}

// Every row of both directions is there, and one that leaves the other side alone says so and why.
func TestEveryRowIsThere(t *testing.T) {
	p := mapping.New()
	window := sample.Window(t, p.Content())
	status := sample.Statuses()["in-step"]
	p.Show(status, sample.Now())
	texts := "\n" + sample.Texts(window.Canvas()) + "\n"
	unchanged := 0
	for _, r := range append(status.Phones[0].ToPhone, status.Phones[0].ToTeams...) {
		row := "\n" + r.FromTitle + "\n" + r.ToTitle + "\n"
		if r.Unchanged {
			unchanged++
			row = "\n" + r.FromTitle + "\nleft unchanged\n" + strings.ToUpper(r.Why[:1]) + r.Why[1:] + ".\n"
		}
		if !strings.Contains(texts, row) {
			t.Errorf("there is no row %q in:%s", row, texts)
		}
	}
	if got := strings.Count(texts, "left unchanged"); got != unchanged {
		t.Errorf("%d rows say that they leave the other side unchanged, not %d", got, unchanged)
	}
}

// bold answers the texts that stand out but for the headings: the rows that stand for what is now.
func bold(c fyne.Canvas) string {
	headings := map[string]int{"Teams shows": 1, "The phone is set to": 1, "The phone shows": 1, "Teams is set to": 1}
	var texts []string
	for _, l := range sample.All[*widget.Label](c) {
		if headings[l.Text]--; l.TextStyle.Bold && headings[l.Text] < 0 {
			texts = append(texts, l.Text)
		}
	}
	return strings.Join(texts, ", ")
}

func TestTheRowOfNowIsLit(t *testing.T) {
	p := mapping.New()
	window := sample.Window(t, p.Content())
	for name, want := range map[string]string{
		"in-call": "On a call, In a call", // In a call in Teams is what Offhook has set
		"problem": "Available, Available", // the phone is not read
	} {
		p.Show(sample.Statuses()[name], sample.Now())
		if got := bold(window.Canvas()); got != want {
			t.Errorf("%s: lit is %q, not %q", name, got, want)
		}
	}
}

func TestChoosingAPhone(t *testing.T) {
	p := mapping.New()
	window := sample.Window(t, p.Content())
	status := sample.Statuses()["two-phones"]
	p.Show(status, sample.Now())
	selects := sample.All[*widget.Select](window.Canvas())
	if len(selects) != 1 {
		t.Fatalf("%d lists to choose a phone from", len(selects))
	}
	if !strings.Contains(sample.Texts(window.Canvas()), "On vacation") {
		t.Error("the first phone's rows are not there at first")
	}
	selects[0].SetSelectedIndex(1)
	p.Show(status, sample.Now()) // the choice stays when a status arrives
	texts := sample.Texts(window.Canvas())
	if strings.Contains(texts, "On vacation") || !strings.Contains(texts, "Nothing: this direction is never written.") {
		t.Error("the second phone's rows are not there once it is chosen:\n", texts)
	}
	p.Show(sample.Statuses()["in-step"], sample.Now())
	if texts := sample.Texts(window.Canvas()); !strings.Contains(texts, "On vacation") {
		t.Error("the chosen phone is gone, and the one that is left is not shown:\n", texts)
	}
	if len(sample.All[*widget.Select](window.Canvas())) != 0 {
		t.Error("one phone, and still a list to choose from")
	}
}
