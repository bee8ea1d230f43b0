// Package welcome is the first run: sign in, the phone, a look at the mapping. Where it stands comes from the
// resident, so it can be left and goes on where it was, and what a policy has set is passed over. It must not
// know how any of it is done.
package welcome

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/account"
	"github.com/offhook/offhook/app/window/mapping"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/phones"
	"github.com/offhook/offhook/app/window/wire"
)

// The steps, as Setup.Missing names them.
const (
	clientID    = "client-id"
	signIn      = "sign-in"
	phone       = "phone"
	phoneSignIn = "phone-sign-in"
	look        = "look"
)

// Welcome is the first run. Its methods belong to the interface's goroutine.
type Welcome struct {
	w       *wire.Wire
	content *fyne.Container

	marks  []*widget.Label
	title  *widget.Label
	text   *widget.Label
	body   *fyne.Container
	step   string
	client *part.Entry
	next   *part.Button
	register,
	in, phoneIn *fyne.Container
	signIn  *account.SignIn
	editor  *phones.Editor
	mapping *mapping.Page
	later   *part.Button
	finish  *part.Button
	heading *part.Narrowed
	moved   bool // to another step, and the keyboard has not followed yet
}

// New makes it. finish is called once all is done, later when the person leaves it for now.
func New(w *wire.Wire, finish, later func()) *Welcome {
	p := &Welcome{w: w, title: part.Large(""), text: part.Text(""), body: container.NewStack()}
	steps := container.NewHBox()
	for i, name := range []string{w.T("Sign in"), w.T("Your phone"), w.T("Look and finish")} {
		if i > 0 {
			steps.Add(container.NewCenter(part.Icon(theme.NewColoredResource(theme.NavigateNextIcon(), theme.ColorNamePlaceHolder), theme.IconInlineSize())))
		}
		l := widget.NewLabel(string(rune('1'+i)) + "  " + name)
		p.marks = append(p.marks, l)
		steps.Add(l)
	}
	p.later = part.NewQuiet(w.T("Later"), nil, later)

	p.client = part.NewEntry()
	p.client.PlaceHolder = "00000000-0000-0000-0000-000000000000"
	p.client.OnSubmitted = func(string) { p.enter() }
	p.client.OnChanged = func(text string) { part.Enable(p.next, text != "") }
	p.next = part.NewMain(w.T("Go on"), theme.NavigateNextIcon(), p.enter)
	p.next.Disable()
	form := part.NewForm()
	form.Add(w.T("Application (client) ID"), w.T("Of the app registration; the README tells how to make one."), p.client)
	p.register = container.NewVBox(part.NewPanel(form, part.Padded(part.Row(p.next))))

	p.signIn = account.NewSignIn(w)
	p.in = container.NewVBox(part.NewPanel(p.signIn.Content()))
	p.phoneIn = container.NewVBox()
	p.editor = phones.NewEditor(w, func() {}, nil)
	p.mapping = mapping.New(w)
	p.finish = part.NewMain(w.T("Finish"), theme.ConfirmIcon(), finish)
	heading, narrowed := part.Narrow(part.Title(p.title, p.text))
	p.heading = narrowed
	narrow := func(o fyne.CanvasObject) fyne.CanvasObject {
		c, _ := part.Narrow(o)
		return part.NewScroll(c)
	}
	top := container.NewVBox(
		container.NewBorder(nil, nil, steps, p.later),
		widget.NewSeparator(),
		heading,
	)
	third := part.Around(nil, nil, p.mapping.Content(), container.NewBorder(nil, nil, nil, p.finish))
	p.body.Objects = []fyne.CanvasObject{
		narrow(p.register), narrow(p.in), narrow(container.NewVBox(p.editor.Content())), narrow(p.phoneIn), third,
	}
	p.content = container.NewPadded(part.Around(top, nil, container.NewPadded(p.body), nil))
	return p
}

// Content is what to put in the window.
func (p *Welcome) Content() fyne.CanvasObject { return p.content }

func (p *Welcome) enter() {
	if id := p.client.Text; id != "" {
		p.w.Edit(local.Edit{Account: &local.AccountEdit{ClientID: &id}})
	}
}

// Wanted tells whether the first run is still to be done.
func Wanted(s local.Status) bool { return slices.Contains(s.Setup.Missing, look) }

// stepOf is where the first run stands.
func stepOf(s local.Status) string {
	for _, step := range []string{clientID, signIn, phone, phoneSignIn} {
		if slices.Contains(s.Setup.Missing, step) {
			return step
		}
	}
	return look
}

// Show shows a status as things are now.
func (p *Welcome) Show(s local.Status, now time.Time) {
	p.signIn.Show(s, now)
	p.mapping.Show(s, now)
	p.showPhones(s)
	if step := stepOf(s); step != p.step {
		p.turn(step)
	}
}

// showPhones shows the phones that are still to be signed in to.
func (p *Welcome) showPhones(s local.Status) {
	focused := part.Focused(p.phoneIn)
	p.phoneIn.RemoveAll()
	for _, ph := range s.Phones {
		if ph.SignIn != local.PhoneSignInNeeded && ph.SignIn != local.PhoneSignInUnderWay {
			continue
		}
		objects := []fyne.CanvasObject{part.Strong(ph.Title)}
		if ph.Problem != nil {
			objects = append(objects, part.Text(p.w.Told(ph.Problem)))
		}
		again := part.NewQuiet(p.w.T("Another phone system"), nil, func() { p.w.Edit(local.Edit{RemovePhone: ph.ID}) })
		p.phoneIn.Add(part.NewPanel(append(objects, phones.SignIn(p.w, ph, again))...))
	}
	p.phoneIn.Refresh()
	part.Refocus(p.phoneIn, focused)
}

// Tick shows what changes with time alone, and tells whether anything does.
func (p *Welcome) Tick(now time.Time) bool { return p.signIn.Tick(now) }

func (p *Welcome) turn(step string) {
	w := p.w
	p.step = step
	titles := map[string][2]string{
		clientID:    {w.T("First, who may ask Microsoft"), w.T("Offhook signs in with an app registration of your own or of your organisation.")},
		signIn:      {w.T("Sign in to Teams"), w.T("As yourself, once. Offhook never sees your password.")},
		phone:       {w.T("Your phone"), w.T("Choose your phone system and fill in what it asks for.")},
		phoneSignIn: {w.T("Sign in to your phone"), w.T("On its own page, in the browser. Offhook never sees your password.")},
		look:        {w.T("This is how they go together"), w.T("What one side shows, the other becomes. Change what you like, now or later.")},
	}
	index := map[string]int{clientID: 0, signIn: 0, phone: 1, phoneSignIn: 1, look: 2}[step]
	for i, l := range p.marks {
		l.TextStyle.Bold = i == index
		l.Importance = widget.LowImportance
		if i == index {
			l.Importance = widget.MediumImportance
		}
		l.Refresh()
	}
	p.title.SetText(titles[step][0])
	p.text.SetText(titles[step][1])
	shown := map[string]int{clientID: 0, signIn: 1, phone: 2, phoneSignIn: 3, look: 4}[step]
	for i, o := range p.body.Objects {
		part.Shown(o, i == shown)
	}
	p.heading.Wide = step == look
	if step == phone {
		p.editor.Begin(nil)
	}
	p.content.Refresh()
	p.moved = true
}

// Follow moves the keyboard to where a step begins.
func (p *Welcome) Follow() {
	if !p.moved {
		return
	}
	p.moved = false
	switch p.step {
	case clientID:
		part.Focus(p.client)
	case signIn:
		part.Focus(p.signIn.First())
	case phone:
		part.Focus(p.editor.First())
	case phoneSignIn:
		part.Refocus(p.phoneIn, 0)
	case look:
		part.Focus(p.finish)
	}
}
