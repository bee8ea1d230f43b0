package endtoend_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/app/demo"
	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
)

// This file holds what a person relies on from one moment to the next, through the whole program.

// What the person chooses on the phone is mirrored, also where Offhook had shown just that a moment before.
func TestPersonChoosesWhatOffhookHadShown(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]func(*offhook){
		"once it is given back": func(o *offhook) {
			o.until("nothing is held", func(s local.Status) bool { return s.Phones[0].Held == nil && s.Phones[0].Status == "Available" })
		},
		"in the same instant": func(*offhook) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, o := inStep(t)
			act(t, w.Teams.Start(simulate.Call))
			shows(t, w, presence.InACall, "dnd")
			act(t, w.Teams.End(simulate.Call))
			shows(t, w, presence.Available, "available")
			given(o)
			act(t, w.Phone.Choose("dnd"))
			shows(t, w, presence.DoNotDisturb, "dnd")
		})
	}
}

// A pause and a sign-out, in mid-call and in a meeting, give everything back at once; afterwards both sides come
// to show what is by then.
func TestPauseAndSignOutGiveBack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		stop, again func(*offhook) local.Result
		looks       func(*offhook) // meanwhile
	}{
		{"pause", func(o *offhook) local.Result { return o.Pause(o.t.Context(), time.Time{}) },
			func(o *offhook) local.Result { return o.Resume(o.t.Context()) },
			func(o *offhook) { o.happening("On hold"); o.sees(presence.InAMeeting) }},
		{"sign-out", func(o *offhook) local.Result { return o.SignOut(o.t.Context()) },
			func(o *offhook) local.Result { return o.SignIn(o.t.Context(), local.SignIn{}) },
			func(o *offhook) { o.happening("On hold") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, o := inStep(t)
			act(t, w.Teams.Start(simulate.Calendar))
			shows(t, w, presence.InAMeeting, "meeting")
			act(t, w.Phone.Dial())
			shows(t, w, presence.InACall, "meeting")

			if r := test.stop(o); !r.OK {
				t.Fatal(r.Problem.What)
			}
			shows(t, w, presence.InAMeeting, "available")
			o.until("nothing is held", func(s local.Status) bool { return s.Teams.Held == nil && s.Phones[0].Held == nil })
			before := len(writes(w))
			act(t, w.Phone.Hold())
			test.looks(o)
			if now := writes(w); len(now) != before {
				t.Errorf("silent, it wrote %q", now[before:])
			}
			if r := test.again(o); !r.OK {
				t.Fatal(r.Problem.What)
			}
			shows(t, w, presence.InACall, "meeting")
			act(t, w.Teams.End(simulate.Calendar))
			act(t, w.Phone.HangUp())
			shows(t, w, presence.Available, "available")
		})
	}
}

// Two computers of one person, both with Offhook, do not take each other's writes for the person's: a change
// costs each of them one write at most, and then both are still.
func TestTwoComputers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := begin(t, write(t, w, desk(w)), simulate.DefaultPassword), begin(t, write(t, w, desk(w)), simulate.DefaultPassword)
	one.signIn()
	two.signIn()
	for _, step := range []struct {
		name  string
		do    func() error
		teams presence.Pair
		phone string
	}{
		{"a call", w.Phone.Dial, presence.InACall, "available"},
		{"its end", w.Phone.HangUp, presence.Available, "available"},
		{"a meeting", func() error { return w.Teams.Start(simulate.Calendar) }, presence.InAMeeting, "meeting"},
		{"its end", func() error { return w.Teams.End(simulate.Calendar) }, presence.Available, "available"},
		{"do not disturb on the phone", func() error { return w.Phone.Choose("dnd") }, presence.DoNotDisturb, "dnd"},
		{"available on the phone", func() error { return w.Phone.Choose("available") }, presence.Available, "available"},
	} {
		before := len(writes(w))
		act(t, step.do())
		shows(t, w, step.teams, step.phone)
		for _, o := range []*offhook{one, two} {
			o.sees(step.teams)
			poll(t, "nothing that needs another look soon", func() bool { return o.Status().Teams.NextReadIn > 3 })
		}
		if s := w.State(); s.Teams.Shows != step.teams || s.Phone.Status != step.phone {
			t.Errorf("after %s they came to %s and %s", step.name, s.Teams.Shows, s.Phone.Status)
		}
		if now := writes(w); len(now) > before+2 {
			t.Errorf("%s took %q", step.name, now[before:])
		}
	}
}

// offhook demo --script --json tells every effect, and that it was seen.
func TestDemoScript(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), program(), "demo", "--script", "--json").Output()
	if err != nil {
		t.Errorf("offhook demo --script: %v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	n := 0
	for ; lines.Scan(); n++ {
		var l demo.Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil || !l.OK || l.Cause == "" || l.Effect == "" {
			t.Errorf("it says %s (%v)", lines.Text(), err)
		}
	}
	if n < 10 {
		t.Errorf("a day of %d lines", n)
	}
}

// The status message tells of a call where the person wants that, and only then; one of their own is left alone.
func TestStatusMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := write(t, w, desk(w))
	add(t, folder, "status_message: On the phone\n")
	o := begin(t, folder, simulate.DefaultPassword)
	o.signIn()
	says := func(text string) {
		t.Helper()
		await(t, w.Follow, "the status message being "+text, func(s simulate.State) bool { return s.Teams.StatusMessage == text })
	}
	act(t, w.Phone.Dial())
	says("On the phone")
	act(t, w.Phone.HangUp())
	says("")
}

// Outside the person's hours nothing is written, and the status says so.
func TestHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := write(t, w, desk(w))
	dayOff := strings.ToLower(time.Now().UTC().Weekday().String())
	tomorrow := strings.ToLower(time.Now().UTC().Add(36 * time.Hour).Weekday().String())
	add(t, folder, "hours: {zone: UTC, days: {"+dayOff+": \"\", "+tomorrow+": \"8:00-9:00\"}}\n")
	o := begin(t, folder, simulate.DefaultPassword)
	o.SignIn(t.Context(), local.SignIn{})
	s := o.until("it is outside the hours", func(s local.Status) bool { return s.Teams.Known && s.Phones[0].Known && !s.Closed.IsZero() })
	if s.Look != local.LookPaused || s.Synced {
		t.Errorf("outside the hours it looks %s, in step %v: %s", s.Look, s.Synced, s.Sentence)
	}
	act(t, w.Phone.Dial())
	o.happening("On a call")
	wrote(t, w)
}

// add adds a line to the settings.
func add(t *testing.T, folder, line string) {
	t.Helper()
	path := filepath.Join(folder, settings.File)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, string(text)+line)
}
