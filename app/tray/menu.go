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

// Row is one row of the menu. One without a label is a line between groups.
type Row struct {
	Label  string
	Action Action
	Hidden bool  // it has its place, and shows when it is needed
	Under  []Row // its submenu
}

// Menu is the whole menu for a status. Which rows there are depends on the number of phones alone, so that a
// change of status changes rows in place and an open menu does not jump.
func Menu(s local.Status) []Row {
	rows := []Row{
		{Label: shorten(sentence(s), maxLabel), Action: Settings}, // what cannot be clicked is grey, and hard to read
		advice(s.Problem),
		{Label: "Teams: " + teams(s.Teams) + since(s.Teams.Since, s.Changed), Action: Settings},
	}
	rows = append(rows, phones(s.Phones, s.Changed)...)
	return append(rows,
		Row{Label: cmp.Or(shorten(s.Differ, maxLabel), "Both show the same"), Action: Activity, Hidden: s.Differ == ""},
		Row{},
		codePage(s.Account),
		Row{Label: signInLabel(s), Action: SignIn, Hidden: !needsSignIn(s)},
		Row{Label: "Set my status", Hidden: !s.Account.SignedIn, Under: choices()},
		Row{Label: "Pause", Hidden: s.Paused != nil, Under: []Row{
			{Label: "For 30 minutes", Action: PauseHalfHour},
			{Label: "For an hour", Action: PauseHour},
			{Label: "Until tomorrow", Action: PauseTomorrow},
			{Label: "Until I resume", Action: PauseForever},
		}},
		Row{Label: "Resume", Action: Resume, Hidden: s.Paused == nil},
		Row{Label: "Lately", Hidden: len(s.Reasons) == 0, Under: lately(s.Reasons)},
		Row{Label: "Settings…", Action: Settings},
		Row{Label: "Open the demo page", Action: OpenDemoPage, Hidden: s.DemoPage == ""},
		Row{},
		Row{Label: "Sign out", Action: SignOut, Hidden: !s.Account.SignedIn},
		Row{Label: "Quit Offhook", Action: Quit},
	)
}

func choices() (rows []Row) {
	for _, c := range local.Choices() {
		rows = append(rows, Row{Label: c.Title, Action: Action(setting + c.To)})
	}
	return rows
}

// lately has the last three decisions, newest first.
func lately(reasons []local.Reason) []Row {
	rows := make([]Row, 3)
	for i := range rows {
		rows[i] = Row{Label: "Nothing more", Action: Activity, Hidden: true}
		if n := len(reasons) - 1 - i; n >= 0 {
			rows[i].Label, rows[i].Hidden = shorten(reasons[n].At.Local().Format("15:04")+"  "+reasons[n].Sentence, maxLabel), false
		}
	}
	return rows
}

// since tells since when a side shows what it shows; now is about now.
func since(at, now time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case now.Sub(at) < 20*time.Hour:
		return ", since " + at.Local().Format("15:04")
	}
	return ", since " + at.Local().Format("Monday 15:04")
}

// withFailure says, in place of the state, why a click did not work.
func withFailure(rows []Row, failure *local.Problem) []Row {
	if failure == nil {
		return rows
	}
	rows = slices.Clone(rows)
	rows[0].Label = shorten("That did not work: "+failure.What, maxLabel)
	rows[1] = advice(failure)
	return rows
}

func isLine(r Row) bool { return r.Label == "" }

func clickable(r Row) bool { return r.Action != Nothing || len(r.Under) > 0 }

// Title names the icon, for panels that list their icons and for screen readers.
func Title(s local.Status) string { return "Offhook: " + sentence(s) }

// Tooltip is what shows under the pointer: the state, and both sides.
func Tooltip(s local.Status) string {
	lines := []string{shorten(sentence(s), 60), "Teams: " + teams(s.Teams)}
	for _, row := range phones(s.Phones, time.Time{}) {
		lines = append(lines, row.Label)
	}
	return fit(strings.Join(lines, "\n"))
}

// sentence says in one line how things are.
func sentence(s local.Status) string {
	switch {
	case s.Paused != nil && s.Paused.Until.IsZero():
		return "Paused until you resume"
	case s.Paused != nil:
		return "Paused until " + clock(s.Paused.Until.Local())
	case !s.Closed.IsZero():
		return "Outside your hours until " + clock(s.Closed.Local())
	case s.Synced:
		return "In step"
	case s.Problem != nil:
		return "Not in step: " + s.Problem.What
	case !s.Account.SignedIn:
		return "Not in step: nobody is signed in"
	case s.Sentence != "":
		return "Not in step: " + s.Sentence
	default:
		return "Not in step yet"
	}
}

// clock is a time of day; midnight is how a pause until tomorrow ends.
func clock(t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 {
		return "tomorrow"
	}
	return t.Format("15:04")
}

// advice says what to do about what is wrong, and does it where a click can.
func advice(p *local.Problem) Row {
	if p == nil || p.Do == "" {
		return Row{Label: "Nothing to do", Hidden: true}
	}
	return Row{Label: shorten(p.Do, maxLabel), Action: Settings}
}

func teams(t local.Teams) string {
	switch {
	case !t.Known:
		return "not known"
	case t.Title == "":
		return t.Availability
	case t.OutOfOffice && t.Title != "Out of office":
		return t.Title + ", out of office"
	default:
		return t.Title
	}
}

// phones has a row a phone; a single one needs no name.
func phones(list []local.Phone, now time.Time) []Row {
	if len(list) == 0 {
		return []Row{{Label: "Phone: none set up", Action: Settings}}
	}
	var rows []Row
	for _, p := range list {
		name := "Phone"
		if len(list) > 1 {
			name = p.Title
		}
		shows := p.Status
		switch {
		case !p.Known:
			shows = "not known"
		case shows == "" && p.Happening != "":
			shows = p.Happening
		case shows == "":
			shows = p.Chosen
		}
		if !now.IsZero() {
			shows += since(p.Since, now)
		}
		rows = append(rows, Row{Label: shorten(name+": "+shows, maxLabel), Action: Settings})
	}
	return rows
}

func needsSignIn(s local.Status) bool {
	return !s.Account.SignedIn || s.Problem != nil && problem.Kind(s.Problem.Kind) == problem.SignedOut
}

func signInLabel(s local.Status) string {
	switch {
	case s.Account.SigningIn != "":
		return "Start the sign-in again"
	case s.Account.Name != "":
		return "Sign in again…"
	default:
		return "Sign in…"
	}
}

// codePage opens the page where the code of a device-code sign-in is typed.
func codePage(a local.Account) Row {
	if a.Code == "" {
		return Row{Label: "No code to enter", Hidden: true}
	}
	return Row{Label: "Enter the code " + a.Code + "…", Action: OpenCodePage, Hidden: a.CodeURL == ""}
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
