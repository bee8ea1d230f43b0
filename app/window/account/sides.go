package account

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
)

// sides is Teams and the phones side by side.
func sides(s local.Status, now time.Time) fyne.CanvasObject {
	unread := "Not read yet"
	if !s.Account.SignedIn {
		unread = "Not read: nobody is signed in"
	}
	extra := ""
	if s.Teams.OutOfOffice {
		extra = "Out of office is on"
	}
	t := s.Teams
	teams := side("Teams", t.Title, t.Means, t.Known, part.Sentences(holdText(t.Known, unread, t.Held, t.Problem, now), extra), t.Problem)

	var phones []fyne.CanvasObject
	for _, ph := range s.Phones {
		phones = append(phones, side(ph.Title, ph.Status, ph.Means, ph.Known,
			holdText(ph.Known, "Not read yet", ph.Held, ph.Problem, now), ph.Problem))
	}
	switch len(phones) {
	case 0:
		return part.Columns(teams, part.NewPanel(
			part.Headed(part.Mark(""), part.Title(part.Quiet("Phone"), part.Strong("None yet"))),
			part.Text("Name your phone in Offhook's settings file; the command “offhook phones list” tells which there are."),
		))
	case 1:
		return part.Columns(teams, phones[0])
	}
	return part.Columns(teams, part.Column(phones...))
}

// side is one side: its state, large, and below it what Offhook set there and why.
func side(name, state, means string, known bool, text string, wrong *local.Problem) fyne.CanvasObject {
	if !known {
		state, means = "Not known", ""
	}
	head := part.Headed(part.Mark(means), part.Title(part.Quiet(name), part.Strong(state)))
	if wrong != nil {
		return part.NewAlert(head, part.Text(text))
	}
	return part.NewPanel(head, part.Text(text))
}

// holdText says in a sentence or two what Offhook set on a side and why.
func holdText(known bool, unread string, held *local.Hold, wrong *local.Problem, now time.Time) string {
	switch {
	case wrong != nil && held == nil:
		return part.Sentences(wrong.What, wrong.Do)
	case wrong != nil:
		return part.Sentences(wrong.What, wrong.Do, "Offhook had set "+held.Shows+" here")
	case held != nil:
		then := ""
		if held.Before != "" {
			then = "Afterwards it is " + held.Before + " again"
		}
		return part.Sentences("Set by Offhook at "+part.When(held.Since, now), held.Cause, then)
	case !known:
		return part.Sentence(unread)
	}
	return "Not set by Offhook."
}
