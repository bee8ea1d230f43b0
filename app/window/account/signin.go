package account

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// SignIn is the sign-in, in whatever state it is: on this page, and in the first run.
type SignIn struct {
	w       *wire.Wire
	content *fyne.Container

	signedOut, signingIn, withCode, signedIn *fyne.Container

	wrong      *widget.Label
	consent    *fyne.Container // what to send to an administrator
	letter     *widget.Label
	who, kept  *widget.Label
	code, left *widget.Label
	where      *widget.Hyperlink
	signOut    *part.Button
	browser    *part.Button

	status local.Status
}

// NewSignIn makes it.
func NewSignIn(w *wire.Wire) *SignIn {
	p := &SignIn{w: w}
	in := func(how local.SignIn) func() {
		return func() {
			w.Do(func(ctx context.Context) (local.Result, error) { return w.Door.SignIn(ctx, how) })
		}
	}
	cancel := func() fyne.CanvasObject {
		return part.NewQuiet(w.T("Cancel"), nil, func() { w.Do(w.Door.CancelSignIn) })
	}
	p.wrong = part.Text("")
	p.wrong.Importance = widget.DangerImportance
	p.letter = part.Text("")
	p.letter.Selectable = true
	p.consent = part.Stack(part.Heading(w.T("Send this to your administrator")), p.letter,
		part.Padded(part.Row(part.NewButton(w.T("Copy"), theme.ContentCopyIcon(), func() { w.Copy(p.letter.Text) }))))
	p.browser = part.NewMain(w.T("Sign in in the browser"), theme.LoginIcon(), in(local.SignIn{}))
	p.signedOut = part.Stack(
		part.Text(w.T("Sign in with your work account, the one you use in Teams.")),
		part.Padded(part.Row(p.browser,
			part.NewButton(w.T("Sign in with a code"), nil, in(local.SignIn{DeviceCode: true})))),
	)
	p.signingIn = part.Stack(
		part.Text(w.T("Finish signing in on the page that opened in your browser.")),
		part.Padded(part.Row(part.NewButton(w.T("Open the page again"), theme.LoginIcon(), in(local.SignIn{})),
			part.NewButton(w.T("Sign in with a code instead"), nil, in(local.SignIn{DeviceCode: true})), cancel())),
	)

	p.code, p.left = widget.NewLabel(""), part.Quiet("")
	p.code.SizeName = theme.SizeNameHeadingText
	p.code.TextStyle = fyne.TextStyle{Bold: true, Monospace: true}
	p.where = widget.NewHyperlink("", nil)
	p.withCode = part.Stack(
		part.Text(w.T("On any device, open this page and enter the code:")),
		container.NewHBox(p.where),
		container.NewHBox(p.code, container.NewCenter(part.NewButton(w.T("Copy the code"), theme.ContentCopyIcon(),
			func() { w.Copy(p.status.Account.Code) }))),
		p.left,
		part.Padded(part.Row(part.NewButton(w.T("Get a new code"), theme.ViewRefreshIcon(), in(local.SignIn{DeviceCode: true})),
			part.NewButton(w.T("Sign in in the browser instead"), theme.LoginIcon(), in(local.SignIn{})), cancel())),
	)

	p.who, p.kept = part.Text(""), part.Quiet("")
	p.signOut = part.NewButton(w.T("Sign out"), theme.LogoutIcon(), func() { w.Do(w.Door.SignOut) })
	p.signedIn = part.Stack(
		container.NewBorder(nil, nil, nil, container.NewCenter(p.signOut), part.Title(p.who, p.kept)),
	)
	p.content = part.Stack(p.wrong, p.consent, p.signedOut, p.signingIn, p.withCode, p.signedIn)
	return p
}

// Content is what to put in a page.
func (p *SignIn) Content() fyne.CanvasObject { return p.content }

// First is where the keyboard begins.
func (p *SignIn) First() fyne.Focusable { return p.browser }

// Show shows a status as things are now.
func (p *SignIn) Show(s local.Status, now time.Time) {
	p.status = s
	a := s.Account
	withCode := !a.SignedIn && a.Code != ""
	signingIn := !a.SignedIn && !withCode && a.SigningIn != ""
	part.Shown(p.signedIn, a.SignedIn)
	part.Shown(p.withCode, withCode)
	part.Shown(p.signingIn, signingIn)
	part.Shown(p.signedOut, !a.SignedIn && !withCode && !signingIn)

	part.Say(p.wrong, p.w.Told(signInProblem(s)))
	part.Shown(p.consent, a.Consent != nil)
	if a.Consent != nil {
		p.letter.SetText(strings.TrimSpace(a.Consent.Text))
	}
	p.who.SetText(p.w.T("Signed in as {name}", "name", a.Name))
	p.kept.SetText(p.keptText(a))
	p.code.SetText(a.Code)
	p.where.SetText(a.CodeURL)
	link(p.where, a.CodeURL)
	p.Tick(now)
	p.content.Refresh()
}

// signInProblem is why nobody is signed in, where that is not all that there is to say.
func signInProblem(s local.Status) *local.Problem {
	a, t := s.Account, s.Teams.Problem
	switch {
	case a.SignedIn:
		return nil
	case a.Problem != nil:
		return a.Problem
	case a.SigningIn == "" && t != nil && t.State != "" && t.State != "signed-out":
		return t // the sign-in has ended, and by what
	}
	return nil
}

// Tick shows what changes with time alone, and tells whether anything does.
func (p *SignIn) Tick(now time.Time) bool {
	a := p.status.Account
	switch {
	case a.Code == "" || a.CodeUntil.IsZero():
		p.left.SetText("")
		return false
	case !now.Before(a.CodeUntil):
		p.left.SetText(p.w.T("This code is no longer good."))
		return false
	}
	p.left.SetText(p.w.T("Good for another {time} minutes.", "time", words.Left(a.CodeUntil, now)))
	return true
}

func (p *SignIn) keptText(a local.Account) string {
	if a.Kept {
		return p.w.T("Offhook stays signed in when it is started again.")
	}
	return words.Sentences(p.w.T("You will have to sign in again when Offhook is started again"), p.w.T(a.NotKept))
}
