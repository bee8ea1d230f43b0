package phone_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/phone"
	"github.com/offhook/offhook/app/window/sample"
)

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for _, name := range []string{"in-call", "problem", "two-phones"} {
		t.Run(name, func(t *testing.T) {
			p := phone.New()
			window := sample.Window(t, p.Content())
			p.Show(sample.Statuses()[name], sample.Now())
			test.AssertRendersToMarkup(t, name+".xml", window.Canvas())
		})
	}
}

func TestNoPhoneIsSaid(t *testing.T) {
	p := phone.New()
	window := sample.Window(t, p.Content())
	p.Show(sample.Statuses()["in-step"], sample.Now())
	p.Show(local.Status{}, sample.Now())
	if texts := sample.Texts(window.Canvas()); !strings.HasPrefix(texts, "No phone yet\n") {
		t.Error(texts)
	}
}

// What cannot be done is said, and what is wrong comes with what to do.
func TestHonest(t *testing.T) {
	p := phone.New()
	window := sample.Window(t, p.Content())
	p.Show(sample.Statuses()["two-phones"], sample.Now())
	texts := sample.Texts(window.Canvas())
	for _, want := range []string{
		"Cannot see calls", "Cannot see the status you chose", "Cannot set your status",
		"Offhook cannot reach Mitel CloudLink yet. Choose another phone system in the settings.",
		"Only its mapping is there yet: Offhook cannot reach this system.",
		"Set by Offhook: In a meeting.",
	} {
		if !strings.Contains(texts, want) {
			t.Errorf("there is no %q in:\n%s", want, texts)
		}
	}
}
