package general

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
)

// hours are the hours in which Offhook is at work.
type hours struct {
	w       *wire.Wire
	content *fyne.Container
	only    *part.Check
	week    *fyne.Container
	days    map[time.Weekday]*part.Entry
	zone    *part.Entry
	save    *part.Button
	locked  *fyne.Container
	shown   local.HoursSettings
}

func newHours(w *wire.Wire) *hours {
	h := &hours{w: w, days: map[time.Weekday]*part.Entry{}}
	h.only = part.NewCheck(w.T("Be at work only in these hours"), func(on bool) {
		if on && len(h.typed().Days) == 0 {
			for day := time.Monday; day <= time.Friday; day++ {
				h.days[day].SetText("8:00-17:00")
			}
		}
		h.changed()
	})
	form := part.NewForm()
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		e := part.NewEntry()
		e.PlaceHolder = w.T("a day off")
		e.OnChanged = func(string) { h.changed() }
		h.days[day] = e
		form.Add(w.Words.Weekday(day), "", e)
	}
	h.zone = part.NewEntry()
	h.zone.OnChanged = func(string) { h.changed() }
	form.Add(w.T("Time zone"), w.T("Such as Europe/Helsinki; empty: this PC's own. Hours are written 8:00-12:00, 13:00-17:00."), h.zone)
	h.week = container.NewStack(form)
	h.save = part.NewMain(w.T("Save"), theme.DocumentSaveIcon(), h.keep)
	h.locked = part.Beside(part.Icon(part.Locked(), theme.IconInlineSize()), part.Quiet(w.T("Set by your administrator")))
	h.content = part.Stack(part.Padded(h.only), h.week, part.Padded(part.Row(h.save)), h.locked)
	return h
}

func (h *hours) set(s local.Settings) {
	changed := !h.same(s.Hours)
	h.shown = s.Hours
	if changed {
		h.only.Put(len(s.Hours.Days) > 0)
		for day, e := range h.days {
			e.Put(s.Hours.Days[strings.ToLower(day.String())])
		}
		h.zone.Put(s.Hours.Zone)
	}
	locked := s.Locks("hours")
	part.Enable(h.only, !locked)
	for _, e := range h.days {
		part.Enable(e, !locked)
	}
	part.Enable(h.zone, !locked)
	part.Shown(h.locked, locked)
	h.changed()
}

// typed are the hours as they would be kept.
func (h *hours) typed() local.HoursSettings {
	s := local.HoursSettings{Days: map[string]string{}}
	if !h.only.Checked {
		return s
	}
	s.Zone = strings.TrimSpace(h.zone.Text)
	for day, e := range h.days {
		if text := strings.TrimSpace(e.Text); text != "" {
			s.Days[strings.ToLower(day.String())] = text
		}
	}
	return s
}

func (h *hours) same(s local.HoursSettings) bool {
	if s.Zone != h.shown.Zone || len(s.Days) != len(h.shown.Days) {
		return false
	}
	for day, text := range s.Days {
		if h.shown.Days[day] != text {
			return false
		}
	}
	return true
}

func (h *hours) changed() {
	part.Shown(h.week, h.only.Checked)
	differs := !h.same(h.typed())
	part.Enable(h.save, differs)
	part.Shown(h.save, differs || h.only.Checked)
	part.Relayout(h.content)
}

func (h *hours) keep() {
	s := h.typed()
	h.w.Edit(local.Edit{Hours: &s})
}
