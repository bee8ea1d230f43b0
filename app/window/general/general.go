// Package general is the page of what Offhook does on this PC: its language, when it starts and when it is at
// work, what it keeps. It must not know how any of that is done.
package general

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// Page is the page. Its methods belong to the interface's goroutine.
type Page struct {
	w       *wire.Wire
	content *part.Scroll

	start, notify, hints *part.Check
	language, keep, size *part.Choice
	languageForm         *part.Form
	daysForm             *part.Form
	message              *part.Entry
	saveMessage          *part.Button
	hours                *hours
	timing               *timing
	about, noTray, wrong *widget.Label
	locks                map[string]*fyne.Container // what tells that the policy sets something

	settings local.Settings
}

// New makes the page. resize makes texts larger: 1 is as usual.
func New(w *wire.Wire, resize func(scale float32)) *Page {
	p := &Page{w: w, locks: map[string]*fyne.Container{}, about: part.Quiet(""), noTray: part.Text(""), wrong: part.Text("")}
	edit := func(e local.GeneralEdit) { w.Edit(local.Edit{General: &e}) }
	p.start = part.NewCheck(w.T("Start Offhook when I log in"), func(on bool) { edit(local.GeneralEdit{StartAtLogin: &on}) })
	p.notify = part.NewCheck(w.T("Notify me when I must do something"), func(on bool) { edit(local.GeneralEdit{Notifications: &on}) })
	p.hints = part.NewCheck(w.T("Look at once when this PC notices something"),
		func(on bool) { edit(local.GeneralEdit{Hints: &on}) })
	p.language = part.NewChoice(func(tag string) { edit(local.GeneralEdit{Language: &tag}) })
	p.keep = part.NewChoice(func(days string) {
		if n, err := strconv.Atoi(days); err == nil {
			edit(local.GeneralEdit{KeepDays: &n})
		}
	})
	p.size = part.NewChoice(func(scale string) {
		if f, err := strconv.ParseFloat(scale, 32); err == nil {
			resize(float32(f))
		}
	})
	p.message = part.NewEntry()
	p.message.PlaceHolder = w.T("such as: On the phone, back soon")
	p.message.OnChanged = func(string) { p.changed() }
	p.message.OnSubmitted = func(string) { p.keepMessage() }
	p.saveMessage = part.NewMain(w.T("Save"), theme.DocumentSaveIcon(), p.keepMessage)
	p.hours = newHours(w)
	p.timing = newTiming(w)
	p.noTray.Importance = widget.WarningImportance

	p.languageForm = part.NewForm()
	sizes, days := part.NewForm(), part.NewForm()
	p.languageForm.Add(w.T("Language"), "", p.language)
	sizes.Add(w.T("Text size"), w.T("Ctrl+Plus and Ctrl+Minus do the same."), p.size)
	days.Add(w.T("Keep the activity for"), "", p.keep)
	p.daysForm = days
	p.content = part.NewScroll(part.Column(
		p.wrong, p.noTray,
		part.NewPanel(part.Heading(w.T("On this PC")), p.lockable("general.start_at_login", p.start),
			p.lockable("general.notifications", p.notify), p.lockable("general.hints", p.hints), part.Quiet(w.T("The microphone, the screen lock, the network.")), part.Columns(p.languageForm, sizes, days)),
		part.NewPanel(part.Heading(w.T("Your hours")),
			part.Text(w.T("Outside them Offhook gives back what it holds and changes nothing.")), p.hours.content),
		part.NewPanel(part.Heading(w.T("Status message in Teams during a call")),
			part.Text(w.T("Empty: it is left alone. One that you typed yourself is never touched.")),
			part.Padded(container.NewBorder(nil, nil, nil, p.saveMessage, p.message)), p.lock("status_message")),
		part.NewPanel(p.timing.content),
		p.about,
	))
	return p
}

// Content is what to put in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

func (p *Page) lockable(key string, check *part.Check) fyne.CanvasObject {
	return part.Stack(part.Padded(check), p.lock(key))
}

func (p *Page) lock(key string) fyne.CanvasObject {
	l := part.Beside(part.Icon(part.Locked(), theme.IconInlineSize()), part.Quiet(p.w.T("Set by your administrator")))
	l.Hide()
	p.locks[key] = l
	return l
}

// Set shows the settings.
func (p *Page) Set(s local.Settings) {
	p.settings = s
	g := s.General
	p.start.Put(g.StartAtLogin)
	p.notify.Put(g.Notifications)
	p.hints.Put(g.Hints)
	for key, l := range p.locks {
		part.Shown(l, s.Locks(key))
	}
	part.Enable(p.start, !s.Locks("general.start_at_login"))
	part.Enable(p.notify, !s.Locks("general.notifications"))
	part.Enable(p.hints, !s.Locks("general.hints"))
	part.Enable(p.message, !s.Locks("status_message"))

	tags, names := []string{""}, []string{p.w.T("as on this PC")}
	for _, l := range words.Languages() {
		tags, names = append(tags, l.Tag), append(names, l.Name)
	}
	p.language.Set(tags, names, g.Language)
	lockForm := func(f *part.Form, c *part.Choice, key string) {
		part.Enable(c, !s.Locks(key))
		why := ""
		if s.Locks(key) {
			why = p.w.T("Set by your administrator")
		}
		f.Lock(c, why)
	}
	lockForm(p.languageForm, p.language, "general.language")
	lockForm(p.daysForm, p.keep, "general.keep_days")

	days := []int{1, 7, 30, 90, 365}
	if g.KeepDays > 0 && !slices.Contains(days, g.KeepDays) {
		days = append(days, g.KeepDays)
		slices.Sort(days)
	}
	var values, titles []string
	for _, d := range days {
		values, titles = append(values, strconv.Itoa(d)), append(titles, p.w.Words.N("{n} day | {n} days", d))
	}
	p.keep.Set(values, titles, strconv.Itoa(g.KeepDays))
	p.message.Put(s.StatusMessage)
	p.changed()
	p.hours.set(s)
	p.timing.set(s)
	part.Say(p.wrong, p.w.Told(s.Problem))
	p.content.Refresh()
}

// Sized shows how large the texts are.
func (p *Page) Sized(scale float32) {
	var values, titles []string
	for _, f := range Scales() {
		values = append(values, strconv.FormatFloat(float64(f), 'g', 3, 32))
		titles = append(titles, fmt.Sprintf("%d %%", int(f*100+0.5)))
	}
	p.size.Set(values, titles, strconv.FormatFloat(float64(scale), 'g', 3, 32))
}

// Scales are the sizes of texts that can be chosen.
func Scales() []float32 { return []float32{0.9, 1, 1.15, 1.3, 1.5, 1.75, 2} }

// About shows what does not come from the settings.
func (p *Page) About(s local.Status) {
	text := p.w.T("Offhook {version}", "version", s.Version)
	if p.settings.File != "" {
		text += " · " + p.w.T("Settings: {file}", "file", p.settings.File)
	}
	if p.settings.Policy != "" {
		text += " · " + p.w.T("Administrator's policy: {file}", "file", p.settings.Policy)
	}
	p.about.SetText(text)
	part.Say(p.noTray, p.w.Told(s.NoTray))
}

func (p *Page) changed() {
	part.Enable(p.saveMessage, p.message.Text != p.settings.StatusMessage && !p.settings.Locks("status_message"))
}

func (p *Page) keepMessage() {
	if text := p.message.Text; text != p.settings.StatusMessage {
		p.w.Edit(local.Edit{StatusMessage: &text})
	}
}
