package phones

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/sync/phone"
)

// fields is what one phone system asks for, filled in by the person.
type fields struct {
	w       *wire.Wire
	system  local.System
	own     *local.OwnPhone
	content fyne.CanvasObject

	form, more *part.Form
	fold       *part.Fold
	title      *part.Entry
	entries    map[string]*part.Entry  // by the field's name
	choices    map[string]*part.Choice // of the fields that are one of several things
	order      []string

	test, keep *part.Button
	icon       *widget.Icon
	found      *widget.Label
	result     *fyne.Container
	latest     wire.Latest
	save       func()
}

func newFields(w *wire.Wire, s local.System, own *local.OwnPhone) *fields {
	f := &fields{w: w, system: s, own: own, entries: map[string]*part.Entry{}, choices: map[string]*part.Choice{}, form: part.NewForm(), more: part.NewForm()}
	for _, field := range s.Fields {
		if field.Type == phone.Choice || field.Type == phone.Flag {
			f.choices[field.Name] = f.choice(field)
			f.order = append(f.order, field.Name)
			f.into(field).Add(w.T(field.Label), w.T(field.Help), f.choices[field.Name])
			continue
		}
		e := part.NewEntry()
		e.PlaceHolder = field.Placeholder
		if field.Secret {
			e = part.NewSecret()
		}
		e.SetText(field.Default)
		if own != nil {
			e.SetText(own.Fields[field.Name])
			if field.Secret && own.Secrets[field.Name] {
				e.PlaceHolder = w.T("kept, and not shown")
			}
			if _, said := own.Fields[field.Name]; !said && !field.Secret && field.Default != "" {
				e.PlaceHolder = field.Default
			}
		}
		e.OnChanged = func(string) { f.changed() }
		e.OnSubmitted = func(string) { f.next(field.Name) }
		f.entries[field.Name] = e
		f.order = append(f.order, field.Name)
		f.into(field).Add(w.T(field.Label), w.T(field.Help), e)
	}
	return f
}

// choice is a field that is one of several things.
func (f *fields) choice(field phone.Field) *part.Choice {
	values, titles := []string{"true", "false"}, []string{f.w.T("yes"), f.w.T("no")}
	if field.Type == phone.Choice {
		values, titles = nil, nil
		for _, o := range field.Options {
			values, titles = append(values, o.Value), append(titles, f.w.T(o.Label))
		}
	}
	value := field.Default
	if f.own != nil && f.own.Fields[field.Name] != "" {
		value = f.own.Fields[field.Name]
	}
	c := part.NewChoice(func(string) { f.changed() })
	c.Set(values, titles, value)
	return c
}

// value is what stands in a field.
func (f *fields) value(name string) string {
	if c, ok := f.choices[name]; ok {
		return c.Value()
	}
	return f.entries[name].Text
}

// input is the field itself.
func (f *fields) input(name string) interface {
	fyne.CanvasObject
	fyne.Focusable
} {
	if c, ok := f.choices[name]; ok {
		return c
	}
	return f.entries[name]
}

// into is where a field stands: what can be left as it is, is folded away.
func (f *fields) into(field phone.Field) *part.Form {
	if field.Optional {
		return f.more
	}
	return f.form
}

func (f *fields) build(cancelText string, cancel func()) {
	w := f.w
	f.title = part.NewEntry()
	f.title.PlaceHolder = w.T(f.system.Title)
	f.title.OnSubmitted = func(string) { f.save() }
	if f.own != nil {
		f.title.SetText(f.own.Title)
	}
	f.more.Add(w.T("Name"), w.T("How you call this phone; else it is called as its system."), f.title)
	f.fold = part.NewFold(w.T("More settings"), f.more)
	f.test = part.NewButton(w.T("Test connection"), theme.SearchIcon(), f.try)
	f.keep = part.NewMain(w.T("Save"), theme.DocumentSaveIcon(), func() { f.save() })
	about := part.Title(part.Strong(w.T(f.system.Title)), part.Quiet(proof(w, f.system.Proof)))
	if f.signsIn() {
		f.keep = part.NewMain(w.T("Save and sign in"), theme.LoginIcon(), func() { f.save() })
		about = part.Stack(about, part.Text(w.T("You sign in in the browser once this is saved; then the connection can be tested.")))
	}
	f.icon, f.found = widget.NewIcon(nil), part.Text("")
	f.result = part.Beside(f.icon, f.found)
	f.result.Hide()
	buttons := part.Row(f.keep, f.test)
	if cancel != nil {
		buttons.Add(part.NewQuiet(cancelText, nil, cancel))
	}
	f.content = part.NewPanel(about, f.form, f.fold, f.result, part.Padded(buttons))
	f.changed()
}

// first is where to begin typing.
func (f *fields) first() fyne.Focusable {
	for _, name := range f.order {
		if f.value(name) == "" && !f.field(name).Optional && !f.kept(f.field(name)) {
			return f.input(name)
		}
	}
	return f.end()
}

// end is where the keyboard goes when all is filled in.
func (f *fields) end() *part.Button {
	if f.signsIn() {
		return f.keep
	}
	return f.test
}

// signsIn tells whether saving leads to the browser: only then is there anything to test with.
func (f *fields) signsIn() bool { return f.system.ByBrowser && f.own == nil }

// next goes on after Return in a field: to the next that is empty, else to the test.
func (f *fields) next(name string) {
	if !f.whole() {
		part.Focus(f.first())
		return
	}
	part.Focus(f.end())
}

func (f *fields) field(name string) phone.Field {
	for _, field := range f.system.Fields {
		if field.Name == name {
			return field
		}
	}
	return phone.Field{}
}

// kept tells whether a field is a secret that is kept already.
func (f *fields) kept(field phone.Field) bool {
	return f.own != nil && field.Secret && f.own.Secrets[field.Name]
}

// whole tells whether all that must be there is.
func (f *fields) whole() bool {
	for _, field := range f.system.Fields {
		if !field.Optional && strings.TrimSpace(f.value(field.Name)) == "" && !f.kept(field) && (field.Default == "" || f.own == nil) {
			return false
		}
	}
	return true
}

func (f *fields) changed() {
	if f.test == nil {
		return
	}
	part.Enable(f.test, f.whole() && !f.signsIn())
	part.Enable(f.keep, f.whole())
	for _, name := range f.order {
		f.into(f.field(name)).Lock(f.input(name), "")
	}
}

// busy keeps a second wish back while the first is on its way.
func (f *fields) busy(yes bool) {
	part.Enable(f.keep, !yes && f.whole())
}

// typed are what was typed, the secrets apart. An empty secret that is kept already stays.
func (f *fields) typed() (plain, secret map[string]string) {
	plain, secret = map[string]string{}, map[string]string{}
	for _, field := range f.system.Fields {
		text := f.value(field.Name)
		switch {
		case field.Secret && text != "":
			secret[field.Name] = text
		case field.Secret:
		case text != "" || f.own != nil && f.own.Fields[field.Name] != "":
			plain[field.Name] = strings.TrimSpace(text)
		}
	}
	return plain, secret
}

// phone is the phone as it is to be kept.
func (f *fields) phone() *local.PhoneEdit {
	plain, secret := f.typed()
	edit := &local.PhoneEdit{System: f.system.ID, Fields: plain, Secrets: secret}
	title := strings.TrimSpace(f.title.Text)
	if f.own != nil {
		edit.ID, edit.System = f.own.ID, ""
		edit.Title = &title
	} else if title != "" {
		edit.Title = &title
	}
	return edit
}

// try tests the connection with what was typed.
func (f *fields) try() {
	plain, secret := f.typed()
	test := local.Test{System: f.system.ID, Fields: plain, Secrets: secret}
	if f.own != nil {
		test.Phone = f.own.ID
	}
	f.tell(nil, f.w.T("Trying…"), widget.MediumImportance)
	fresh := f.latest.Next()
	wire.Ask(f.w, func(ctx context.Context) (local.Tested, error) { return f.w.Door.Test(ctx, test) },
		func(t local.Tested, err error) {
			switch {
			case !fresh():
			case err != nil:
				f.result.Hide()
				f.w.Answer(local.Result{}, err)
			case t.Problem != nil:
				f.blame(t.Problem)
			default:
				f.tell(theme.NewColoredResource(theme.ConfirmIcon(), theme.ColorNameSuccess),
					f.w.T("It answers: {found}.", "found", f.w.Words.Found(t)), widget.MediumImportance)
				part.Focus(f.keep)
			}
		})
}

// blame says what is wrong, at the field where it is known which, and goes there.
func (f *fields) blame(p *local.Problem) bool {
	f.tell(part.Alert(), f.w.Told(p), widget.MediumImportance)
	for _, name := range f.order {
		if p.Key == name || strings.HasSuffix(p.Key, "."+name) {
			if f.field(name).Optional {
				f.fold.Open(true)
			}
			f.into(f.field(name)).Lock(f.input(name), f.w.T("Look at this one."))
			part.Focus(f.input(name))
		}
	}
	return true
}

func (f *fields) tell(icon fyne.Resource, text string, importance widget.Importance) {
	f.icon.SetResource(icon)
	f.found.Importance = importance
	f.found.SetText(text)
	f.result.Show()
	part.Relayout(f.content)
}
