// Package tray is the icon in the panel and its menu. What they show is a pure function of the resident's
// status; the rest keeps the desktop's tray in step with it and tells the resident what was clicked. It must
// not know the engine, Graph or a phone.
package tray

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/sync/problem"
)

// Action is what a click on a row asks for.
type Action string

// The actions. A row without one cannot be clicked.
const (
	Nothing       Action = ""
	PauseHalfHour Action = "pause-30m"
	PauseHour     Action = "pause-1h"
	PauseTomorrow Action = "pause-tomorrow"
	PauseForever  Action = "pause"
	Resume        Action = "resume"
	SignIn        Action = "sign-in"
	SignOut       Action = "sign-out"
	OpenCodePage  Action = "open-code-page"
	OpenDemoPage  Action = "open-demo-page"
	Settings      Action = "settings"
	Activity      Action = "activity"
	Quit          Action = "quit"
)

// setting is the action that sets a status on both sides: setting + a choice.
const setting = "set-"

// signInPhone is the action that signs in to a phone: signInPhone + its id.
const signInPhone = "sign-in-phone-"

// Row is one row of the menu. One without a label is a line between groups.
type Row struct {
	Label  string
	Action Action
	Hidden bool  // it has its place, and shows when it is needed
	Under  []Row // its submenu
}

// Menu is the whole menu for a status. Which rows there are depends on the number of phones alone, so that a
// change of status changes rows in place and an open menu does not jump.
func Menu(w *words.Words, s local.Status) []Row {
	rows := []Row{
		{Label: shorten(sentence(w, s), maxLabel), Action: Settings}, // what cannot be clicked is grey, and hard to read
		advice(w, s.Problem),
		{Label: "Teams: " + since(w, teams(w, s.Teams), s.Teams.Since, s.Changed), Action: Settings},
	}
	rows = append(rows, phones(w, s.Phones, s.Changed)...)
	rows = append(rows,
		Row{Label: cmp.Or(shorten(strings.TrimSuffix(w.Differ(s, s.Changed.Local()), "."), maxLabel), w.T("Both show the same")), Action: Activity, Hidden: s.Differ == ""},
		Row{},
		codePage(w, s.Account),
		Row{Label: signInLabel(w, s), Action: SignIn, Hidden: !needsSignIn(s)},
	)
	for _, p := range s.Phones {
		rows = append(rows, Row{Label: shorten(w.T("Sign in to {phone}…", "phone", p.Title), maxLabel), Action: Action(signInPhone + p.ID),
			Hidden: p.SignIn != local.PhoneSignInNeeded})
	}
	return append(rows,
		Row{Label: w.T("Set my status"), Hidden: !s.Account.SignedIn, Under: choices(w)},
		Row{Label: w.T("Pause"), Hidden: s.Paused != nil, Under: []Row{
			{Label: w.T("For 30 minutes"), Action: PauseHalfHour},
			{Label: w.T("For an hour"), Action: PauseHour},
			{Label: w.T("Until tomorrow"), Action: PauseTomorrow},
			{Label: w.T("Until I resume"), Action: PauseForever},
		}},
		Row{Label: w.T("Resume"), Action: Resume, Hidden: s.Paused == nil},
		Row{Label: w.T("Lately"), Hidden: len(s.Reasons) == 0, Under: lately(w, s)},
		Row{Label: w.T("Settings…"), Action: Settings},
		Row{Label: w.T("Open the demo page"), Action: OpenDemoPage, Hidden: s.DemoPage == ""},
		Row{},
		Row{Label: w.T("Sign out"), Action: SignOut, Hidden: !s.Account.SignedIn},
		Row{Label: w.T("Quit Offhook"), Action: Quit},
	)
}

func choices(w *words.Words) (rows []Row) {
	for _, c := range local.Choices() {
		rows = append(rows, Row{Label: w.T(c.Title), Action: Action(setting + c.To)})
	}
	return rows
}

// lately has the last three decisions, newest first.
func lately(w *words.Words, s local.Status) []Row {
	rows := make([]Row, 3)
	for i := range rows {
		rows[i] = Row{Label: w.T("Nothing more"), Action: Activity, Hidden: true}
		if n := len(s.Reasons) - 1 - i; n >= 0 {
			r := s.Reasons[n]
			told := strings.TrimSuffix(w.Reason(r, words.Names(s.Phones), s.Changed.Local()), ".")
			rows[i].Label, rows[i].Hidden = shorten(w.Clock(r.At.Local())+"  "+told, maxLabel), false
		}
	}
	return rows
}

// since tells since when a side shows what it shows; now is about now.
func since(w *words.Words, shows string, at, now time.Time) string {
	if at.IsZero() || now.IsZero() {
		return shows
	}
	return w.T("{side}, since {time}", "side", shows, "time", w.When(at, now.Local()))
}

// withFailure says, in place of the state, why a click did not work.
func withFailure(w *words.Words, rows []Row, failure *local.Problem) []Row {
	if failure == nil {
		return rows
	}
	rows = slices.Clone(rows)
	rows[0].Label = shorten(w.T("That did not work: {problem}", "problem", w.Problem(failure).What), maxLabel)
	rows[1] = advice(w, failure)
	return rows
}

func isLine(r Row) bool { return r.Label == "" }

func clickable(r Row) bool { return r.Action != Nothing || len(r.Under) > 0 }

// Title names the icon, for panels that list their icons and for screen readers.
func Title(w *words.Words, s local.Status) string { return "Offhook: " + sentence(w, s) }

// Tooltip is what shows under the pointer: the state, and both sides.
func Tooltip(w *words.Words, s local.Status) string {
	lines := []string{shorten(sentence(w, s), 60), "Teams: " + teams(w, s.Teams)}
	for _, row := range phones(w, s.Phones, time.Time{}) {
		lines = append(lines, row.Label)
	}
	return fit(strings.Join(lines, "\n"))
}

// sentence says in one line how things are.
func sentence(w *words.Words, s local.Status) string {
	switch {
	case s.Paused != nil && s.Paused.Until.IsZero():
		return w.T("Paused until you resume")
	case s.Paused != nil:
		return w.T("Paused until {until}", "until", clock(w, s.Paused.Until.Local()))
	case !s.Closed.IsZero():
		return w.T("Outside your hours until {until}", "until", clock(w, s.Closed.Local()))
	case s.Synced:
		return w.T("In step")
	case s.Problem != nil:
		return w.T("Not in step: {problem}", "problem", w.Problem(s.Problem).What)
	case !s.Account.SignedIn:
		return w.T("Not in step: nobody is signed in")
	case s.Sentence != "":
		return w.T("Not in step: {problem}", "problem", w.T(s.Sentence))
	}
	return w.T("Not in step yet")
}

// clock is a time of day; midnight is how a pause until tomorrow ends.
func clock(w *words.Words, t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 {
		return w.T("tomorrow")
	}
	return w.Clock(t)
}

// advice says what to do about what is wrong, and does it where a click can.
func advice(w *words.Words, p *local.Problem) Row {
	if p == nil || p.Do == "" {
		return Row{Label: w.T("Nothing to do"), Hidden: true}
	}
	return Row{Label: shorten(w.Problem(p).Do, maxLabel), Action: Settings}
}

func teams(w *words.Words, t local.Teams) string {
	switch {
	case !t.Known:
		return w.T("not known")
	case t.Title == "":
		return t.Availability
	case t.OutOfOffice && t.Title != "Out of office":
		return w.T("{state}, out of office", "state", w.T(t.Title))
	default:
		return w.T(t.Title)
	}
}

// phones has a row a phone; a single one needs no name.
func phones(w *words.Words, list []local.Phone, now time.Time) []Row {
	if len(list) == 0 {
		return []Row{{Label: w.T("Phone: none set up"), Action: Settings}}
	}
	var rows []Row
	for _, p := range list {
		name := w.T("Phone")
		if len(list) > 1 {
			name = p.Title
		}
		shows := p.Status
		switch {
		case !p.Known:
			shows = w.T("not known")
		case shows == "" && p.Happening != "":
			shows = p.Happening
		case shows == "":
			shows = p.Chosen
		}
		shows = since(w, w.State(shows), p.Since, now)
		rows = append(rows, Row{Label: shorten(name+": "+shows, maxLabel), Action: Settings})
	}
	return rows
}

func needsSignIn(s local.Status) bool {
	return !s.Account.SignedIn || s.Problem != nil && problem.Kind(s.Problem.Kind) == problem.SignedOut
}

func signInLabel(w *words.Words, s local.Status) string {
	switch {
	case s.Account.SigningIn != "":
		return w.T("Start the sign-in again")
	case s.Account.Name != "":
		return w.T("Sign in again…")
	default:
		return w.T("Sign in…")
	}
}

// codePage opens the page where the code of a device-code sign-in is typed.
func codePage(w *words.Words, a local.Account) Row {
	if a.Code == "" {
		return Row{Label: w.T("No code to enter"), Hidden: true}
	}
	return Row{Label: w.T("Enter the code {code}…", "code", a.Code), Action: OpenCodePage, Hidden: a.CodeURL == ""}
}

// maxLabel keeps the menu from growing wider than a person reads.
const maxLabel = 80

// shorten cuts a text at a word.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	cut := string([]rune(s)[:limit-1])
	if i := strings.LastIndexByte(cut, ' '); i > limit/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.") + "…"
}

// fit keeps a tooltip to what Windows takes: 127 units of UTF-16.
func fit(s string) string {
	for limit := 127; len(utf16.Encode([]rune(s))) > 127; limit -= 4 {
		s = shorten(s, limit)
	}
	return s
}
