package account

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
	"github.com/offhook/offhook/app/words"
)

// sides is Teams and the phones side by side.
func sides(w *wire.Wire, s local.Status, now time.Time) fyne.CanvasObject {
	t := s.Teams
	state := w.Words.State(t.Availability + "/" + t.Activity)
	var notes []string
	switch {
	case !s.Account.SignedIn:
		notes = append(notes, w.T("Not read: nobody is signed in"))
	case t.Problem != nil:
		notes = append(notes, w.Told(t.Problem))
	case !t.Known:
		notes = append(notes, w.T("Not read yet"))
	}
	notes = append(notes, held(w, t.Held, now))
	if t.OutOfOffice {
		notes = append(notes, w.T("Out of office is on"))
	}
	panels := []fyne.CanvasObject{side(w, "Teams", state, t.Means, t.Known, t.Since, now, t.Problem != nil && s.Account.SignedIn, notes)}

	for _, ph := range s.Phones {
		notes := []string{held(w, ph.Held, now)}
		switch {
		case ph.Problem != nil:
			notes = append([]string{w.Told(ph.Problem)}, notes...)
		case !ph.Known:
			notes = append([]string{w.T("Not read yet")}, notes...)
		}
		panels = append(panels, side(w, ph.Title, w.Words.State(ph.Status), ph.Means, ph.Known, ph.Since, now, ph.Problem != nil, notes))
	}
	if len(s.Phones) == 0 {
		panels = append(panels, part.NewPanel(
			part.Headed(part.Mark(""), part.Title(part.Quiet(w.T("Phone")), part.Strong(w.T("None yet")))),
			part.Text(w.T("Add your phone on the page Phones.")),
		))
	}
	if len(panels) > 3 {
		return part.Columns(panels[0], part.Column(panels[1:]...))
	}
	return part.Columns(panels...)
}

// side is one side: its state, large, and below it what Offhook set there and why.
func side(w *wire.Wire, name, state, means string, known bool, since, now time.Time, wrong bool, notes []string) fyne.CanvasObject {
	if !known {
		state, means, since = w.T("Not known"), "", time.Time{}
	}
	above := name
	if !since.IsZero() {
		above = w.T("{side}, since {time}", "side", name, "time", w.Words.When(since, now))
	}
	objects := []fyne.CanvasObject{part.Headed(part.Mark(means), part.Title(part.Quiet(above), part.Strong(state)))}
	if text := words.Sentences(notes...); text != "" {
		objects = append(objects, part.Text(text))
	}
	if wrong {
		return part.NewAlert(objects...)
	}
	return part.NewPanel(objects...)
}

// held says in a sentence or two what Offhook set on a side and why.
func held(w *wire.Wire, h *local.Hold, now time.Time) string {
	if h == nil {
		return ""
	}
	then := ""
	if h.Before != "" {
		then = w.T("Afterwards it is {state} again", "state", w.Words.State(h.Before))
	}
	cause := h.Cause
	if side, state, ok := strings.Cut(cause, ": "); ok {
		cause = side + ": " + w.Words.State(state)
	}
	return words.Sentences(w.T("Set by Offhook at {time}", "time", w.Words.When(h.Since, now)), cause, then)
}
