package activity_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/activity"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
)

func open(t *testing.T, status string) (*sample.Bench, *activity.Page) {
	t.Helper()
	b := sample.NewBench(t, sample.Statuses()[status])
	p := activity.New(b.Wire)
	b.Open(p.Content())
	p.Show(b.Resident.Status(), sample.Now())
	b.Pump()
	return b, p
}

func texts(b *sample.Bench) string { return sample.Texts(b.Window.Canvas()) }

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for _, name := range []string{"in-call", "signed-out"} {
		t.Run(name, func(t *testing.T) {
			b, _ := open(t, name)
			test.AssertRendersToMarkup(t, name+".xml", b.Window.Canvas())
		})
	}
}

// The story is told newest first, each decision with its time and how long it took.
func TestTellsTheDay(t *testing.T) {
	b, _ := open(t, "in-call")
	want := "Today\n14:00:07\nDesk phone: On a call, so Teams now shows In a call.\nTeams · took 0.4 s\n13:59:58\n" +
		"Teams left unchanged while Desk phone rings: ringing is not talking.\nTeams\n13:15:20\n"
	if got := texts(b); !strings.Contains(got, want) {
		t.Errorf("there is:\n%s\nand not:\n%s", got, want)
	}
}

func TestNewsArriveBySelf(t *testing.T) {
	b, p := open(t, "in-step")
	s := sample.Statuses()["in-call"]
	b.Resident.Set(s)
	p.Show(s, sample.Now())
	b.Until("Desk phone: On a call, so Teams now shows In a call.")
}

// Search and filters leave what was looked for, say so when there is nothing, and what is left can be copied.
func TestFilterSearchCopy(t *testing.T) {
	b, _ := open(t, "in-call")
	c := b.Window.Canvas()
	sample.Choice(t, c, "Everything").SetSelected("What was left unchanged")
	b.Pump()
	if got := texts(b); strings.Contains(got, "so Teams now shows") || !strings.Contains(got, "ringing is not talking") {
		t.Error("left unchanged:\n", got)
	}
	test.Tap(sample.Button(t, c, "Copy"))
	if lines := strings.Split(strings.TrimSpace(b.Copied), "\n"); len(lines) != 3 ||
		lines[0] != "2026-03-12 13:59:58  Teams left unchanged while Desk phone rings: ringing is not talking. (Teams)" {
		t.Errorf("copied:\n%s", b.Copied)
	}
	sample.Entries(c)[0].SetText("conference")
	b.Until("Nothing of that kind.")
	if !sample.Button(t, c, "Copy").Disabled() {
		t.Error("there is nothing, and it can be copied")
	}
	sample.Entries(c)[0].SetText("")
	sample.Choice(t, c, "What was left unchanged").SetSelected("Everything")
	sample.Choice(t, c, "Both sides").SetSelected("Desk phone")
	b.Until("Desk phone set to In a meeting")
	if strings.Contains(texts(b), "so Teams now shows") {
		t.Error("a side was chosen, and the other's decisions are there")
	}
}

// Kinds without words of their own are told as the resident told them.
func TestEveryKindIsTold(t *testing.T) {
	s := sample.Statuses()["in-step"]
	for _, kind := range []string{"mirrored", "gave-back", "unchanged", "own-hand-wins", "failed", "paused"} {
		s.Reasons = append(s.Reasons, local.Reason{Kind: kind, At: sample.Now(), Sentence: kind})
	}
	b := sample.NewBench(t, s)
	p := activity.New(b.Wire)
	b.Open(p.Content())
	p.Show(s, sample.Now())
	b.Until("Own-hand-wins.")
	if n := len(sample.All[*part.Button](b.Window.Canvas())); n != 1 {
		t.Errorf("%d buttons, not only Copy", n)
	}
}
