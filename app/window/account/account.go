// Package account is the page to begin with: what Teams and the phone show, what of it Offhook set and why,
// who is signed in, and pause. It must not know Graph, a phone or a rule: it shows a status and asks.
package account

import (
	"context"
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

// Actions is what the page can ask for.
type Actions interface {
	SignIn(ctx context.Context, how local.SignIn) (local.Result, error)
	SignOut(ctx context.Context) (local.Result, error)
	Pause(ctx context.Context, until time.Time) (local.Result, error)
	Resume(ctx context.Context) (local.Result, error)
}

// Do carries out what a button asks for without holding up the window, and shows what came of it.
type Do func(what func(context.Context) (local.Result, error))

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	content *part.Scroll

	sides *fyne.Container

	signedOut, signingIn, withCode *fyne.Container
	signedIn                       *fyne.Container
	browser                        *part.Button
	who, kept                      *widget.Label
	code, left                     *widget.Label
	where                          *widget.Hyperlink

	running, paused *fyne.Container
	pausedUntil     *widget.Label

	demo *widget.Hyperlink

	status local.Status
}

// New makes the page. now is the clock that a pause is reckoned from; copyText puts a text on the clipboard.
func New(actions Actions, do Do, now func() time.Time, copyText func(string)) *Page {
	p := &Page{sides: container.NewStack()}
	p.makeAccount(actions, do, copyText)
	p.makePause(actions, do, now)
	p.demo = widget.NewHyperlink("Play the outside world on the demo page", nil)
	p.content = part.NewScroll(part.Column(
		p.sides,
		part.NewPanel(part.Heading("Account"), p.signedOut, p.signingIn, p.withCode, p.signedIn),
		part.NewPanel(part.Heading("Pause"), p.running, p.paused),
		p.demo,
	))
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

func (p *Page) makeAccount(actions Actions, do Do, copyText func(string)) {
	signIn := func(how local.SignIn) func() {
		return func() {
			do(func(ctx context.Context) (local.Result, error) { return actions.SignIn(ctx, how) })
		}
	}
	p.browser = part.NewMain("Sign in in the browser", theme.LoginIcon(), signIn(local.SignIn{}))
	p.signedOut = part.Stack(
		part.Text("Sign in with your work account, the one you use in Teams."),
		row(p.browser, part.NewButton("Sign in with a code", nil, signIn(local.SignIn{DeviceCode: true}))),
	)
	p.signingIn = part.Stack(
		part.Text("Finish signing in on the page that opened in your browser."),
		row(part.NewButton("Open the page again", theme.LoginIcon(), signIn(local.SignIn{})),
			part.NewButton("Sign in with a code instead", nil, signIn(local.SignIn{DeviceCode: true}))),
	)

	p.code, p.left = widget.NewLabel(""), part.Quiet("")
	p.code.SizeName = theme.SizeNameHeadingText
	p.code.TextStyle = fyne.TextStyle{Bold: true, Monospace: true}
	p.where = widget.NewHyperlink("", nil)
	p.withCode = part.Stack(
		part.Text("On any device, open this page and enter the code:"),
		container.NewHBox(p.where),
		container.NewHBox(p.code, container.NewCenter(part.NewButton("Copy the code", theme.ContentCopyIcon(),
			func() { copyText(p.status.Account.Code) }))),
		p.left,
		row(part.NewButton("Get a new code", theme.ViewRefreshIcon(), signIn(local.SignIn{DeviceCode: true})),
			part.NewButton("Sign in in the browser instead", theme.LoginIcon(), signIn(local.SignIn{}))),
	)

	p.who, p.kept = part.Text(""), part.Quiet("")
	p.signedIn = part.Stack(
		container.NewBorder(nil, nil, nil, part.NewButton("Sign out", theme.LogoutIcon(), func() {
			do(actions.SignOut)
		}), p.who),
		p.kept,
	)
}

func (p *Page) makePause(actions Actions, do Do, now func() time.Time) {
	pause := func(text string, until func(now time.Time) time.Time) fyne.CanvasObject {
		return part.NewButton(text, nil, func() {
			do(func(ctx context.Context) (local.Result, error) { return actions.Pause(ctx, until(now())) })
		})
	}
	p.running = row(
		pause("30 minutes", func(now time.Time) time.Time { return now.Add(30 * time.Minute) }),
		pause("1 hour", func(now time.Time) time.Time { return now.Add(time.Hour) }),
		pause("Until tomorrow", tomorrow),
	)
	p.pausedUntil = part.Text("")
	p.paused = part.Stack(
		p.pausedUntil,
		row(part.NewMain("Resume", theme.MediaPlayIcon(), func() { do(actions.Resume) })),
	)
}

// tomorrow is when the next day begins where the person is.
func tomorrow(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
}

// row is buttons beside one another.
func row(buttons ...fyne.CanvasObject) *fyne.Container {
	return container.NewPadded(container.NewHBox(buttons...))
}

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, now time.Time) {
	p.status = s
	p.sides.Objects = []fyne.CanvasObject{sides(s, now)}
	p.sides.Refresh()
	p.showAccount(s.Account)
	p.Tick(now)
	shown(p.running, s.Paused == nil)
	shown(p.paused, s.Paused != nil)
	p.pausedUntil.SetText(pauseText(s.Paused, now))
	link(p.demo, s.DemoPage)
	shown(p.demo, p.demo.URL != nil)
}

func (p *Page) showAccount(a local.Account) {
	withCode := !a.SignedIn && a.Code != ""
	signingIn := !a.SignedIn && !withCode && a.SigningIn != ""
	shown(p.signedIn, a.SignedIn)
	shown(p.withCode, withCode)
	shown(p.signingIn, signingIn)
	shown(p.signedOut, !a.SignedIn && !withCode && !signingIn)

	p.who.SetText("Signed in as " + a.Name)
	p.kept.SetText(keptText(a))
	p.code.SetText(a.Code)
	p.where.SetText(a.CodeURL)
	link(p.where, a.CodeURL)
}

// Tick shows what changes with time alone, and tells whether anything does.
func (p *Page) Tick(now time.Time) bool {
	a := p.status.Account
	if a.Code == "" || a.CodeUntil.IsZero() {
		p.left.SetText("")
		return false
	}
	if !now.Before(a.CodeUntil) {
		p.left.SetText("This code is no longer good.")
		return false
	}
	p.left.SetText("Good for another " + part.Left(a.CodeUntil, now) + " minutes.")
	return true
}

func keptText(a local.Account) string {
	if a.Kept {
		return "Offhook stays signed in when it is started again."
	}
	return part.Sentences("You will have to sign in again when Offhook is started again", a.NotKept)
}

func pauseText(pause *local.Pause, now time.Time) string {
	const nothing = "Offhook gave back what it had set and changes nothing."
	switch {
	case pause == nil:
		return ""
	case pause.Until.IsZero():
		return "Paused until you resume. " + nothing
	}
	return "Paused until " + part.Until(pause.Until, now) + ". " + nothing
}

func link(h *widget.Hyperlink, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		u = nil
	}
	h.SetURL(u)
}

func shown(o fyne.CanvasObject, yes bool) {
	if yes {
		o.Show()
	} else {
		o.Hide()
	}
}
