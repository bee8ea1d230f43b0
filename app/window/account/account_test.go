package account_test

import (
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

func open(t *testing.T, status string) (*sample.Bench, *account.Page) {
	t.Helper()
	b := sample.NewBench(t, sample.Statuses()[status])
	p := account.New(b.Wire)
	b.Settings = p.Set
	b.Open(p.Content())
	p.Set(sample.Settings())
	p.Show(b.Resident.Status(), sample.Now())
	return b, p
}

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for name := range sample.Statuses() {
		t.Run(name, func(t *testing.T) {
			b, _ := open(t, name)
			test.AssertRendersToMarkup(t, name+".xml", b.Window.Canvas())
		})
	}
}

// What is shown depends on the status alone, not on what was shown before.
func TestOrderDoesNotMatter(t *testing.T) {
	for _, before := range []string{"device-code", "two-phones"} {
		for _, name := range []string{"signed-out", "in-call", "paused"} {
			b, p := open(t, before)
			p.Show(sample.Statuses()[name], sample.Now())
			test.AssertRendersToMarkup(t, name+".xml", b.Window.Canvas(), "%s after %s", name, before)
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
		{"signed-out", "Sign in in the browser", afternoon, "sign in"},
		{"signed-out", "Sign in with a code", afternoon, "sign in with a code"},
		{"browser", "Open the page again", afternoon, "sign in"},
		{"browser", "Sign in with a code instead", afternoon, "sign in with a code"},
		{"browser", "Cancel", afternoon, "cancel sign-in"},
		{"device-code", "Get a new code", afternoon, "sign in with a code"},
		{"device-code", "Sign in in the browser instead", afternoon, "sign in"},
		{"in-call", "Sign out", afternoon, "sign out"},
		{"in-call", "30 minutes", afternoon, "pause until 2026-03-12T14:35:00Z"},
		{"in-call", "1 hour", afternoon, "pause until 2026-03-12T15:05:00Z"},
		{"in-call", "Until tomorrow", afternoon, "pause until 2026-03-13T00:00:00Z"},
		{"in-call", "Until tomorrow", evening, "pause until 2026-03-29T00:00:00+02:00"},
		{"in-call", "Do not disturb", afternoon, "set do-not-disturb"},
		{"in-call", "Appear offline", afternoon, "set appear-offline"},
		{"paused", "Resume", afternoon, "resume"},
	}
	for _, c := range cases {
		t.Run(c.status+"/"+c.button, func(t *testing.T) {
			b, _ := open(t, c.status)
			b.Wire.Now = func() time.Time { return c.now }
			test.Tap(sample.Button(t, b.Window.Canvas(), c.button))
			b.When(func() bool { return len(b.Told) > 0 }, "an answer")
			if diff := cmp.Diff([]string{c.asks}, b.Resident.Asked()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What an administrator must be sent is there as it is, to copy; and a sign-in that has ended says by what.
func TestWhyNobodyIsSignedIn(t *testing.T) {
	b, p := open(t, "consent")
	letter := strings.TrimSpace(b.Resident.Status().Account.Consent.Text)
	b.Until(letter)
	b.Until("Your organisation lets only administrators accept an app's permissions. Send your administrator the link")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Copy"))
	if b.Copied != letter || !strings.Contains(b.Copied, "/adminconsent?client_id=") {
		t.Errorf("copied %q", b.Copied)
	}
	p.Show(sample.Statuses()["lapsed"], sample.Now())
	b.Until("The password was changed, which ended the sign-in. Sign in again.")
	if strings.Contains(sample.Texts(b.Window.Canvas()), "adminconsent") {
		t.Error("the administrator is no longer needed, and still shown")
	}
}

// Only what can be done now is offered.
func TestOffersOnlyWhatCanBeDone(t *testing.T) {
	const choices, pauses, fold = "Available, Busy, Do not disturb, Be right back, Away, Appear offline, ", "30 minutes, 1 hour, Until tomorrow, ", ", How Offhook signs in"
	want := map[string]string{
		"signed-out":  pauses + "Sign in in the browser, Sign in with a code" + fold,
		"browser":     pauses + "Open the page again, Sign in with a code instead, Cancel" + fold,
		"device-code": pauses + "Copy the code, Get a new code, Sign in in the browser instead, Cancel" + fold,
		"in-call":     choices + pauses + "Sign out" + fold,
		"paused":      choices + "Resume, Sign out" + fold,
	}
	for name, buttons := range want {
		b, _ := open(t, name)
		var got []string
		for _, o := range sample.All[*part.Button](b.Window.Canvas()) {
			if !o.Disabled() {
				got = append(got, o.Text)
			}
		}
		if diff := cmp.Diff(buttons, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDeviceCodeCountsDown(t *testing.T) {
	b, p := open(t, "device-code")
	status := b.Resident.Status()
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
		if goes := p.Tick(s.at); goes != s.goes {
			t.Errorf("at %s the countdown goes on: %t", s.at, goes)
		}
		if texts := sample.Texts(b.Window.Canvas()); !strings.Contains(texts, s.text) {
			t.Errorf("at %s there is no %q in:\n%s", s.at, s.text, texts)
		}
	}
	test.Tap(sample.Button(t, b.Window.Canvas(), "Copy the code"))
	if b.Copied != status.Account.Code {
		t.Errorf("copied %q", b.Copied)
	}
	for _, h := range sample.All[*widget.Hyperlink](b.Window.Canvas()) {
		if h.Text != h.URL.String() {
			t.Errorf("a link says %q and leads to %s", h.Text, h.URL)
		}
	}
	p.Show(sample.Statuses()["in-call"], sample.Now())
	if p.Tick(sample.Now()) {
		t.Error("signed in, and it still counts down")
	}
}

// Unknown is not a state: a side that is not read is never shown as anything.
func TestUnknownIsNotAState(t *testing.T) {
	b, p := open(t, "in-call")
	status := sample.Statuses()["in-call"]
	status.Teams.Known, status.Phones[0].Known = false, false
	p.Show(status, sample.Now())
	for _, l := range sample.All[*widget.Label](b.Window.Canvas()) {
		for _, s := range []string{status.Teams.Title, status.Phones[0].Status} {
			if l.Text == s {
				t.Errorf("%q is shown though it is not known", s)
			}
		}
	}
}

// The app registration is changed by what differs alone, and what a policy sets cannot be.
func TestRegistration(t *testing.T) {
	b, p := open(t, "in-call")
	s := sample.Settings()
	s.Locked = []string{"account.tenant"}
	p.Set(s)
	test.Tap(sample.Button(t, b.Window.Canvas(), "How Offhook signs in"))
	entries := sample.Entries(b.Window.Canvas())
	if !entries[1].Disabled() || !strings.Contains(sample.Texts(b.Window.Canvas()), "Set by your administrator") {
		t.Error("the tenant is locked, and does not show it")
	}
	if save := sample.Button(t, b.Window.Canvas(), "Save"); !save.Disabled() {
		t.Error("nothing has changed, and there is something to save")
	}
	entries[3].SetText("https://graph.microsoft.us/v1.0")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Save"))
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	graph := "https://graph.microsoft.us/v1.0"
	if diff := cmp.Diff([]local.Edit{{Account: &local.AccountEdit{Graph: &graph}}}, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
}
