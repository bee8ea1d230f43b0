package general_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/general"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
)

func open(t *testing.T, s local.Settings) (*sample.Bench, *general.Page, *float32) {
	t.Helper()
	b := sample.NewBench(t, sample.Statuses()["in-step"])
	scale := new(float32)
	p := general.New(b.Wire, func(f float32) { *scale = f })
	b.Settings = p.Set
	b.Open(p.Content())
	p.Sized(1)
	p.Set(s)
	p.About(b.Resident.Status())
	return b, p, scale
}

func TestLooksAsItShould(t *testing.T) {
	hours := sample.Settings()
	hours.Hours.Days = map[string]string{"monday": "8:00-12:00", "friday": "8:00-14:00"}
	locked := sample.Settings()
	locked.Locked = []string{"general", "hours", "status_message", "timing"}
	for name, s := range map[string]local.Settings{"usual": sample.Settings(), "hours": hours, "locked": locked} {
		t.Run(name, func(t *testing.T) {
			b, _, _ := open(t, s)
			test.AssertRendersToMarkup(t, name+".xml", b.Window.Canvas())
		})
	}
}

func yes() *bool { on := true; return &on }
func no() *bool  { on := false; return &on }

// Every switch and list asks for just what it says.
func TestChanges(t *testing.T) {
	fr, week, text := "fr", 7, "On the phone"
	for name, c := range map[string]struct {
		do   func(*sample.Bench, fyne.Canvas)
		want local.Edit
	}{
		"start":  {func(_ *sample.Bench, c fyne.Canvas) { press(check(c, "Start Offhook")) }, local.Edit{General: &local.GeneralEdit{StartAtLogin: yes()}}},
		"notify": {func(_ *sample.Bench, c fyne.Canvas) { press(check(c, "Notify me")) }, local.Edit{General: &local.GeneralEdit{Notifications: no()}}},
		"hints":  {func(_ *sample.Bench, c fyne.Canvas) { press(check(c, "Look at once")) }, local.Edit{General: &local.GeneralEdit{Hints: no()}}},
		"language": {func(b *sample.Bench, c fyne.Canvas) {
			sample.Choice(b.T, c, "as on this PC").SetSelected("Français")
		}, local.Edit{General: &local.GeneralEdit{Language: &fr}}},
		"keep": {func(b *sample.Bench, c fyne.Canvas) {
			sample.Choice(b.T, c, "30 days").SetSelected("7 days")
		}, local.Edit{General: &local.GeneralEdit{KeepDays: &week}}},
		"message": {func(b *sample.Bench, c fyne.Canvas) {
			e := sample.Entries(c)[0]
			e.SetText(text)
			e.OnSubmitted(text)
		}, local.Edit{StatusMessage: &text}},
		"hours": {func(b *sample.Bench, c fyne.Canvas) {
			press(check(c, "Be at work only"))
			sample.Entries(c)[4].SetText("")
			for _, o := range sample.All[*part.Button](c) {
				if o.Text == "Save" && !o.Disabled() {
					test.Tap(o)
				}
			}
		}, local.Edit{Hours: &local.HoursSettings{Days: map[string]string{"monday": "8:00-17:00", "tuesday": "8:00-17:00",
			"wednesday": "8:00-17:00", "thursday": "8:00-17:00"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			b, _, _ := open(t, sample.Settings())
			c.do(b, b.Window.Canvas())
			b.When(func() bool { return len(b.Told) > 0 }, "an answer")
			if diff := cmp.Diff([]local.Edit{c.want}, b.Resident.Edits()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func check(c fyne.Canvas, text string) *part.Check {
	for _, o := range sample.All[*part.Check](c) {
		if strings.HasPrefix(o.Text, text) {
			return o
		}
	}
	return nil
}

// press turns a switch by key.
func press(c *part.Check) { c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }

// Settings that arrive change what is shown, not what the person is typing, and ask for nothing.
func TestSettingsArrive(t *testing.T) {
	b, p, _ := open(t, sample.Settings())
	message := sample.Entries(b.Window.Canvas())[0]
	b.Window.Canvas().Focus(message)
	message.TypedRune('B')
	s := sample.Settings()
	s.General.StartAtLogin, s.General.Language, s.StatusMessage = true, "fi", "Busy"
	p.Set(s)
	if !check(b.Window.Canvas(), "Start Offhook").Checked {
		t.Error("it starts at login, and does not show it")
	}
	sample.Choice(t, b.Window.Canvas(), "Suomi")
	if message.Text != "B" {
		t.Errorf("what was typed became %q", message.Text)
	}
	b.Pump()
	if got := b.Resident.Edits(); len(got) > 0 {
		t.Errorf("settings that arrived were sent back: %+v", got)
	}
}

func TestTextSize(t *testing.T) {
	b, _, scale := open(t, sample.Settings())
	sample.Choice(t, b.Window.Canvas(), "100 %").SetSelected("150 %")
	if *scale != 1.5 {
		t.Errorf("%v", *scale)
	}
}
