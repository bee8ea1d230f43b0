package account_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/account"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
)

// asked writes down what it was asked for.
type asked []string

func (a *asked) note(format string, args ...any) (local.Result, error) {
	*a = append(*a, fmt.Sprintf(format, args...))
	return local.Result{OK: true}, nil
}

func (a *asked) SignIn(_ context.Context, how local.SignIn) (local.Result, error) {
	return a.note("sign in, code %t", how.DeviceCode)
}
func (a *asked) SignOut(context.Context) (local.Result, error) { return a.note("sign out") }
func (a *asked) Resume(context.Context) (local.Result, error)  { return a.note("resume") }
func (a *asked) Pause(_ context.Context, until time.Time) (local.Result, error) {
	return a.note("pause until %s", until.Format("2006-01-02 15:04 MST"))
}

type world struct {
	asked  asked
	copied string
	now    time.Time
	page   *account.Page
}

func open(now time.Time) *world {
	w := &world{now: now}
	do := func(what func(context.Context) (local.Result, error)) { _, _ = what(context.Background()) }
	w.page = account.New(&w.asked, do, func() time.Time { return w.now }, func(s string) { w.copied = s })
	return w
}

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for name, status := range sample.Statuses() {
		t.Run(name, func(t *testing.T) {
			w := open(sample.Now())
			window := sample.Window(t, w.page.Content())
			w.page.Show(status, sample.Now())
			test.AssertRendersToMarkup(t, name+".xml", window.Canvas())
		})
	}
}

// What is shown depends on the status alone, not on what was shown before.
func TestOrderDoesNotMatter(t *testing.T) {
	statuses := sample.Statuses()
	for _, before := range []string{"device-code", "two-phones", "paused"} {
		for name, status := range statuses {
			w := open(sample.Now())
			window := sample.Window(t, w.page.Content())
			w.page.Show(statuses[before], sample.Now())
			w.page.Show(status, sample.Now())
			test.AssertRendersToMarkup(t, name+".xml", window.Canvas(), "%s after %s", name, before)
		}
	}
}

func TestButtonsReachTheResident(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	afternoon := sample.Now()
	// The night after this evening the clocks go forward: tomorrow begins at midnight all the same.
	evening := time.Date(2026, 3, 28, 22, 30, 0, 0, helsinki)
	cases := []struct {
		status, button string
		now            time.Time
		asks           string
	}{
		{"signed-out", "Sign in in the browser", afternoon, "sign in, code false"},
		{"signed-out", "Sign in with a code", afternoon, "sign in, code true"},
		{"browser", "Open the page again", afternoon, "sign in, code false"},
		{"browser", "Sign in with a code instead", afternoon, "sign in, code true"},
		{"device-code", "Get a new code", afternoon, "sign in, code true"},
		{"device-code", "Sign in in the browser instead", afternoon, "sign in, code false"},
		{"in-call", "Sign out", afternoon, "sign out"},
		{"in-call", "30 minutes", afternoon, "pause until 2026-03-12 14:35 UTC"},
		{"in-call", "1 hour", afternoon, "pause until 2026-03-12 15:05 UTC"},
		{"in-call", "Until tomorrow", afternoon, "pause until 2026-03-13 00:00 UTC"},
		{"in-call", "Until tomorrow", evening, "pause until 2026-03-29 00:00 EET"},
		{"paused", "Resume", afternoon, "resume"},
	}
	for _, c := range cases {
		t.Run(c.status+"/"+c.button, func(t *testing.T) {
			w := open(c.now)
			window := sample.Window(t, w.page.Content())
			w.page.Show(sample.Statuses()[c.status], c.now)
			test.Tap(sample.Button(t, window.Canvas(), c.button))
			if diff := cmp.Diff(asked{c.asks}, w.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Only what can be done now is offered.
func TestOffersOnlyWhatCanBeDone(t *testing.T) {
	want := map[string]string{
		"signed-out":  "Sign in in the browser, Sign in with a code, 30 minutes, 1 hour, Until tomorrow",
		"browser":     "Open the page again, Sign in with a code instead, 30 minutes, 1 hour, Until tomorrow",
		"device-code": "Copy the code, Get a new code, Sign in in the browser instead, 30 minutes, 1 hour, Until tomorrow",
		"in-call":     "Sign out, 30 minutes, 1 hour, Until tomorrow",
		"paused":      "Sign out, Resume",
	}
	for name, buttons := range want {
		w := open(sample.Now())
		window := sample.Window(t, w.page.Content())
		w.page.Show(sample.Statuses()[name], sample.Now())
		var got []string
		for _, b := range sample.All[*part.Button](window.Canvas()) {
			got = append(got, b.Text)
		}
		if diff := cmp.Diff(buttons, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDeviceCodeCountsDown(t *testing.T) {
	w := open(sample.Now())
	window := sample.Window(t, w.page.Content())
	status := sample.Statuses()["device-code"]
	w.page.Show(status, sample.Now())

	steps := []struct {
		at   time.Time
		text string
		goes bool
	}{
		{sample.Now(), "Good for another 14:32 minutes.", true},
		{sample.Now().Add(time.Second), "Good for another 14:31 minutes.", true},
		{status.Account.CodeUntil.Add(-time.Second), "Good for another 0:01 minutes.", true},
		{status.Account.CodeUntil, "This code is no longer good.", false},
	}
	for _, s := range steps {
		if goes := w.page.Tick(s.at); goes != s.goes {
			t.Errorf("at %s the countdown goes on: %t", s.at, goes)
		}
		if texts := sample.Texts(window.Canvas()); !strings.Contains(texts, s.text) {
			t.Errorf("at %s there is no %q in:\n%s", s.at, s.text, texts)
		}
	}

	test.Tap(sample.Button(t, window.Canvas(), "Copy the code"))
	if w.copied != status.Account.Code {
		t.Errorf("copied %q", w.copied)
	}
	for _, h := range sample.All[*widget.Hyperlink](window.Canvas()) {
		if h.Text != h.URL.String() {
			t.Errorf("a link says %q and leads to %s", h.Text, h.URL)
		}
	}
	w.page.Show(sample.Statuses()["in-call"], sample.Now())
	if w.page.Tick(sample.Now()) {
		t.Error("signed in, and it still counts down")
	}
}

// Unknown is not a state: a side that is not read is never shown as anything.
func TestUnknownIsNotAState(t *testing.T) {
	status := sample.Statuses()["in-call"]
	status.Teams.Known, status.Phones[0].Known = false, false
	w := open(sample.Now())
	window := sample.Window(t, w.page.Content())
	w.page.Show(status, sample.Now())
	for _, l := range sample.All[*widget.Label](window.Canvas()) {
		for _, s := range []string{status.Teams.Title, status.Phones[0].Status} {
			if l.Text == s {
				t.Errorf("%q is shown though it is not known", s)
			}
		}
	}
}
