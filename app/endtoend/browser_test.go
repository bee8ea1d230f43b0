package endtoend_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testreal"
)

// tab is a tab of a real browser.
type tab struct {
	t          *testing.T
	ctx        context.Context
	errorPages atomic.Bool // pages answered with 4xx are part of the test; the browser notes each in the console
}

// realBrowser opens a browser with nobody's profile until the end of the test. Whatever a page of ours writes to
// the console is an error: an exception, something its policy forbids, something not found.
func realBrowser(t *testing.T) *tab {
	t.Helper()
	path := testreal.Program(t, "chromium", "install it: Debian's package is chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en"))
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := chromedp.NewContext(allocated)
	b := &tab{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	var reading sync.WaitGroup
	reading.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if b.errorPages.Load() && strings.Contains(m.Text, "responded with a status of 4") {
				continue
			}
			t.Errorf("the page at %s wrote to the console: %s %s", m.URL, m.Type, m.Text)
		}
	})
	t.Cleanup(func() {
		closing, cancel := context.WithTimeout(ctx, patience)
		_ = chromedp.Cancel(closing)
		cancel()
		closeTab()
		end()
		reading.Wait()
	})
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// press clicks what a page marks as data-test, once the page lets it be clicked.
func (b *tab) press(name string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(`[data-test="` + name + `"]:not([aria-disabled="true"])`)))
}

// text is what a page says in a place; the whole page in "body".
func (b *tab) text(css string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(document.querySelector('`+css+`') || {innerText: ''}).innerText`))
	if err != nil {
		return "" // between two pages there is no place
	}
	return strings.TrimSpace(text)
}

// reads waits until a place marked as data-test begins with some words.
func (b *tab) reads(name, want string) {
	b.t.Helper()
	poll(b.t, name+" says "+want, func() bool {
		words := strings.Join(strings.Fields(b.text(`[data-test="`+name+`"]`)), " ")
		return strings.HasPrefix(strings.TrimLeft(words, "← "), want)
	})
}

// says waits until the page says something somewhere.
func (b *tab) says(want string) {
	b.t.Helper()
	poll(b.t, "the page says "+want, func() bool { return strings.Contains(b.text("body"), want) })
}

// shot takes a picture of the page into the folder OFFHOOK_SHOTS, where that is set.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("OFFHOOK_SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Errorf("no picture %s: %v", name, err)
	}
}

// A person signs in on the real page in a real browser, then plays both worlds on the demo's page and sees each
// answer to the other.
func TestRealBrowserPlaysTheDemo(t *testing.T) {
	t.Parallel()
	b := realBrowser(t)
	w := newWorld(t)
	asked := make(chan string, 1)
	o := begin(t, write(t, w, desk(w)), simulate.DefaultPassword, func(url string) error { asked <- url; return nil })
	o.beginSignIn(local.SignIn{})
	b.open(<-asked)
	b.says("Simulated sign-in")
	b.shot("sign-in")
	b.press("continue")
	b.says("You can close this page")
	b.shot("signed-in")
	o.until("both sides are read", func(s local.Status) bool { return s.Synced && s.Account.Name == simulate.UserName })

	b.open(w.PageURL())
	b.reads("teams-title", "Available")
	b.reads("phone-line", "Idle")
	b.shot("demo-at-rest")
	for _, step := range []struct {
		press             string
		happening         string // what Offhook has then seen on the line
		teams, phone, set string // what Teams shows, the phone's status, and what Offhook has set in Teams
	}{
		{"phone-ring", "Ringing", "Available", "Available", "nothing"},
		{"phone-answer", "On a call", "In a call", "Available", "In a call"},
		{"phone-hold", "On hold", "In a call", "Available", "In a call"},
		{"phone-resume", "On a call", "In a call", "Available", "In a call"},
		{"phone-hangup", "", "Available", "Available", "nothing"},
		{"teams-calendar", "", "In a meeting", "In a meeting", "nothing"},
		{"phone-dial", "On a call", "In a call", "In a meeting", "In a call"},
		{"phone-hangup", "", "In a meeting", "In a meeting", "nothing"},
		{"teams-calendar", "", "Available", "Available", "nothing"},
		{"phone-status-dnd", "", "Do not disturb", "Do not disturb", "Chosen: Do not disturb"},
		{"phone-status-available", "", "Available", "Available", "nothing"},
		{"teams-choose-dnd", "", "Do not disturb", "Do not disturb", "nothing"},
		{"teams-reset", "", "Available", "Available", "nothing"},
		{"phone-status-vacation", "", "Available", "On vacation", "nothing"},
		{"teams-call", "", "In a call", "Do not disturb", "nothing"},
		{"teams-call", "", "Available", "On vacation", "nothing"},
	} {
		b.press(step.press)
		o.happening(step.happening)
		b.reads("teams-title", step.teams)
		b.reads("phone-status", step.phone)
		b.reads("hold-teams", "in Teams "+step.set)
		if step.press == "phone-answer" || step.press == "phone-dial" {
			b.shot("demo-after-" + step.press)
		}
	}
	b.shot("demo-after-a-day")
}

// A person who presses Cancel is not signed in, and both the page and Offhook say so; then they sign in with a
// code typed into the browser.
func TestRealBrowserCancelsThenTypesACode(t *testing.T) {
	t.Parallel()
	b := realBrowser(t)
	w := newWorld(t)
	asked := make(chan string, 1)
	o := begin(t, write(t, w, desk(w)), simulate.DefaultPassword, func(url string) error { asked <- url; return nil })
	o.beginSignIn(local.SignIn{})
	b.open(<-asked)
	b.press("cancel")
	b.says("Offhook shows why and what to do")
	s := o.until("the sign-in is over", func(s local.Status) bool { return s.Account.SigningIn == "" })
	if s.Account.SignedIn || s.Problem == nil || s.Look != local.LookSignedOut {
		t.Errorf("after Cancel: %+v, look %s", s.Account, s.Look)
	}

	o.beginSignIn(local.SignIn{DeviceCode: true})
	s = o.until("a code to type", func(s local.Status) bool { return s.Account.Code != "" })
	b.open(s.Account.CodeURL)
	b.do(chromedp.SendKeys(chromedp.CSS("#code"), strings.ToLower(s.Account.Code)))
	b.shot("device-code")
	b.press("next")
	b.says("The code shown in")
	b.press("continue")
	o.until("both sides are read", func(s local.Status) bool { return s.Synced })
	act(t, w.Phone.Dial())
	teamsShows(t, w, presence.InACall)
}
