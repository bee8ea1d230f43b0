package activity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/activity"
	"github.com/offhook/offhook/app/window/sample"
)

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for _, name := range []string{"in-call", "signed-out"} {
		t.Run(name, func(t *testing.T) {
			p := activity.New()
			window := sample.Window(t, p.Content())
			p.Show(sample.Statuses()[name], sample.Now())
			test.AssertRendersToMarkup(t, name+".xml", window.Canvas())
		})
	}
}

func TestNewestFirstWhateverTheOrder(t *testing.T) {
	status := sample.Statuses()["in-call"]
	for range len(status.Reasons) {
		status.Reasons = append(status.Reasons[1:], status.Reasons[0])
		p := activity.New()
		window := sample.Window(t, p.Content())
		p.Show(status, sample.Now())
		texts := sample.Texts(window.Canvas())
		if !strings.HasPrefix(texts, "Desk phone: On a call, so Teams now shows In a call.\n14:00:07 · Teams · took 0.4 s\n") {
			t.Errorf("the newest does not stand first:\n%s", texts)
		}
	}
}

// Cells are used again: each must show its own reason after any scrolling and any new one, and a long
// sentence must not run into the next row.
func TestCellsKeepNothing(t *testing.T) {
	var status local.Status
	add := func(i int) {
		status.Reasons = append(status.Reasons, local.Reason{
			At: sample.Now().Add(time.Duration(i) * time.Second), Kind: []string{"mirrored", "unchanged", "gave-back"}[i%3],
			Where: "teams", Sentence: fmt.Sprintf("Reason %d. %s", i, strings.Repeat("It is long. ", i%40)),
		})
	}
	for i := range 200 {
		add(i)
	}
	p := activity.New()
	window := sample.Window(t, p.Content())
	p.Show(status, sample.Now())
	list := sample.All[*widget.List](window.Canvas())[0]
	for i, scroll := range []func(){list.ScrollToBottom, list.ScrollToTop, func() { list.ScrollTo(100) },
		func() { window.Resize(fyne.NewSize(400, 700)) }} {
		scroll()
		add(200 + i)
		p.Show(status, sample.Now())
		var last int
		for _, l := range sample.All[*widget.Label](window.Canvas()) {
			var n int
			if _, err := fmt.Sscanf(l.Text, "Reason %d.", &n); err == nil {
				if last != 0 && n != last-1 {
					t.Errorf("reason %d stands below %d", n, last)
				}
				last = n
			}
			if l.Size().Height < l.MinSize().Height {
				t.Errorf("%.40q needs a height of %v and has %v", l.Text, l.MinSize().Height, l.Size().Height)
			}
		}
		if last == 0 {
			t.Error("no reason is to be seen")
		}
	}
}
