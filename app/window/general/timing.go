package general

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
)

// timing is how long what Offhook sets may last; folded away.
type timing struct {
	w                          *wire.Wire
	content                    *fyne.Container
	form                       *part.Form
	session, preferred, settle *part.Entry
	save                       *part.Button
	shown                      local.TimingSettings
}

func newTiming(w *wire.Wire) *timing {
	t := &timing{w: w, form: part.NewForm()}
	add := func(label, help, usual string) *part.Entry {
		e := part.NewEntry()
		e.PlaceHolder = usual
		e.OnChanged = func(string) { t.changed() }
		e.OnSubmitted = func(string) { t.keep() }
		t.form.Add(label, help, e)
		return e
	}
	t.session = add(w.T("A call stays shown in Teams for"), w.T("If Offhook dies; else it is renewed. 5m to 4h."), "5m")
	t.preferred = add(w.T("A mirrored choice stays for"), w.T("It is renewed while it holds. 10m to 24h."), "1h")
	t.settle = add(w.T("Teams may answer old values for"), w.T("After a change. 1s to 10m."), "30s")
	t.save = part.NewMain(w.T("Save"), theme.DocumentSaveIcon(), t.keep)
	t.content = part.Stack(part.NewFold(w.T("How long things last"), part.Stack(t.form, part.Padded(part.Row(t.save)))))
	return t
}

func (t *timing) set(s local.Settings) {
	t.shown = s.Timing
	for e, v := range map[*part.Entry][2]string{t.session: {"session", s.Timing.Session},
		t.preferred: {"preferred", s.Timing.Preferred}, t.settle: {"settle", s.Timing.Settle}} {
		e.Put(v[1])
		locked, why := s.Locks("timing."+v[0]), ""
		if locked {
			why = t.w.T("Set by your administrator")
		}
		part.Enable(e, !locked)
		t.form.Lock(e, why)
	}
	t.changed()
}

func (t *timing) edit() (e local.TimingEdit, any bool) {
	differs := func(entry *part.Entry, was string) *string {
		if text := entry.Text; text != was {
			any = true
			return &text
		}
		return nil
	}
	e = local.TimingEdit{Session: differs(t.session, t.shown.Session), Preferred: differs(t.preferred, t.shown.Preferred),
		Settle: differs(t.settle, t.shown.Settle)}
	return e, any
}

func (t *timing) changed() {
	_, any := t.edit()
	part.Enable(t.save, any)
}

func (t *timing) keep() {
	if e, any := t.edit(); any {
		t.w.Edit(local.Edit{Timing: &e})
	}
}
