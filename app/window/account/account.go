// Package account is the page to begin with: what Teams and the phone show, what of it Offhook set and why,
// who is signed in, a status for both sides, and pause. It must not know Graph, a phone or a rule: it shows a
// status and asks.
package account

import (
	"context"
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
)

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	w       *wire.Wire
	content *part.Scroll

	sides  *fyne.Container
	differ *widget.Label
	signIn *SignIn
	own    *registration

	choices         []*part.Button
	running, paused *fyne.Container
	pausedUntil     *widget.Label

	demo *widget.Hyperlink
}

// New makes the page.
func New(w *wire.Wire) *Page {
	p := &Page{w: w, sides: part.Stack(), differ: part.Text(""), signIn: NewSignIn(w), own: newRegistration(w)}
	p.demo = widget.NewHyperlink(w.T("Play the outside world on the demo page"), nil)
	p.content = part.NewScroll(part.Column(
		p.sides,
		p.differ,
		part.NewPanel(part.Heading(w.T("Show on both sides")), p.makeChoices()),
		part.NewPanel(part.Heading(w.T("Pause")), p.makePause()),
		part.NewPanel(part.Heading(w.T("Account")), p.signIn.Content(), p.own.content),
		p.demo,
	))
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

func (p *Page) makeChoices() fyne.CanvasObject {
	var buttons []fyne.CanvasObject
	for _, c := range local.Choices() {
		choice := local.Choice(c.To)
		b := part.NewButton(p.w.T(c.Title), part.ChoiceMark(choice), func() {
			p.w.Do(func(ctx context.Context) (local.Result, error) { return p.w.Door.SetStatus(ctx, choice) })
		})
		p.choices = append(p.choices, b)
		buttons = append(buttons, b)
	}
	return part.Padded(part.Row(buttons...))
}

func (p *Page) makePause() fyne.CanvasObject {
	w := p.w
	pause := func(text string, until func(now time.Time) time.Time) fyne.CanvasObject {
		return part.NewButton(text, nil, func() {
			w.Do(func(ctx context.Context) (local.Result, error) { return w.Door.Pause(ctx, until(w.Now())) })
		})
	}
	p.running = part.Padded(part.Row(
		pause(w.T("30 minutes"), func(now time.Time) time.Time { return now.Add(30 * time.Minute) }),
		pause(w.T("1 hour"), func(now time.Time) time.Time { return now.Add(time.Hour) }),
		pause(w.T("Until tomorrow"), tomorrow),
	))
	p.pausedUntil = part.Text("")
	p.paused = part.Stack(
		p.pausedUntil,
		part.Padded(part.Row(part.NewMain(w.T("Resume"), theme.MediaPlayIcon(), func() { w.Do(w.Door.Resume) }))),
	)
	return part.Stack(p.running, p.paused)
}

// tomorrow is when the next day begins where the person is.
func tomorrow(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
}

// Show shows a status as things are now.
func (p *Page) Show(s local.Status, now time.Time) {
	p.sides.Objects = []fyne.CanvasObject{sides(p.w, s, now)}
	p.sides.Refresh()
	part.Say(p.differ, p.w.Words.Differ(s, now))
	p.signIn.Show(s, now)
	for _, b := range p.choices {
		part.Enable(b, s.Account.SignedIn)
	}
	part.Shown(p.running, s.Paused == nil)
	part.Shown(p.paused, s.Paused != nil)
	if s.Paused != nil {
		p.pausedUntil.SetText(p.w.Words.Paused(s.Paused.Until, now) + ". " +
			p.w.T("Offhook gave back what it had set and changes nothing."))
	}
	link(p.demo, s.DemoPage)
	part.Shown(p.demo, p.demo.URL != nil)
	p.content.Refresh()
}

// Set shows the settings.
func (p *Page) Set(s local.Settings) { p.own.set(s) }

// Tick shows what changes with time alone, and tells whether anything does.
func (p *Page) Tick(now time.Time) bool { return p.signIn.Tick(now) }

func link(h *widget.Hyperlink, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		u = nil
	}
	h.SetURL(u)
}
