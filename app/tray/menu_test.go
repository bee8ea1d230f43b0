package tray

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/assets"
)

// visible writes a menu down as a person sees it: what cannot be clicked in brackets, submenus indented.
func visible(rows []Row) string {
	var b strings.Builder
	var write func(rows []Row, indent string)
	write = func(rows []Row, indent string) {
		for _, r := range rows {
			switch {
			case r.Hidden:
			case isLine(r):
				b.WriteString(indent + "---\n")
			case !clickable(r):
				b.WriteString(indent + "[" + r.Label + "]\n")
			case len(r.Under) > 0:
				b.WriteString(indent + r.Label + "\n")
				write(r.Under, indent+"  ")
			default:
				b.WriteString(indent + r.Label + " = " + string(r.Action) + "\n")
			}
		}
	}
	write(rows, "")
	return b.String()
}

// inStep is a person on the phone, both sides in step.
func inStep() local.Status {
	return local.Status{
		Look: local.LookBusy, Synced: true, Sentence: "In step",
		Account: local.Account{SignedIn: true, Name: "kim@example.com"},
		Teams:   local.Teams{Known: true, Availability: "Busy", Activity: "InACall", Title: "In a call"},
		Phones:  []local.Phone{{ID: "desk", Title: "Desk phone", Known: true, Status: "On a call"}},
	}
}

func with(change func(*local.Status)) local.Status {
	s := inStep()
	change(&s)
	return s
}

const choose = `Set my status
  Available = set-available
  Busy = set-busy
  Do not disturb = set-do-not-disturb
  Be right back = set-be-right-back
  Away = set-away
  Appear offline = set-appear-offline
`

const rest = "---\n" + choose + `Pause
  For 30 minutes = pause-30m
  For an hour = pause-1h
  Until tomorrow = pause-tomorrow
  Until I resume = pause
Settings… = settings
---
Sign out = sign-out
Quit Offhook = quit
`

func TestMenu(t *testing.T) {
	afternoon := time.Date(2026, 3, 4, 15, 30, 0, 0, time.Local)
	for _, test := range []struct {
		name   string
		status local.Status
		want   string
	}{
		{"in step", inStep(), "In step = settings\nTeams: In a call = settings\nPhone: On a call = settings\n" + rest},
		{"nothing known yet", local.Status{}, `Not in step: nobody is signed in = settings
Teams: not known = settings
Phone: none set up = settings
---
Sign in… = sign-in
Pause
  For 30 minutes = pause-30m
  For an hour = pause-1h
  Until tomorrow = pause-tomorrow
  Until I resume = pause
Settings… = settings
---
Quit Offhook = quit
`},
		{"paused", with(func(s *local.Status) { s.Synced, s.Paused = false, &local.Pause{Until: afternoon} }),
			`Paused until 15:30 = settings
Teams: In a call = settings
Phone: On a call = settings
---
` + choose + `Resume = resume
Settings… = settings
---
Sign out = sign-out
Quit Offhook = quit
`},
		{"a refused password", with(func(s *local.Status) {
			s.Synced = false
			s.Problem = &local.Problem{Kind: "bad-login", Where: "desk", What: "The phone refused user and password", Do: "Type the password again"}
			s.Phones[0].Known = false
		}), "Not in step: The phone refused user and password = settings\nType the password again = settings\nTeams: In a call = settings\nPhone: not known = settings\n" + rest},
		{"nothing a click can mend", with(func(s *local.Status) {
			s.Synced = false
			s.Problem = &local.Problem{Kind: "unreachable", Where: "teams", What: "Graph does not answer", Do: "Check the network"}
			s.Teams.Known = false
		}), "Not in step: Graph does not answer = settings\nCheck the network = settings\nTeams: not known = settings\nPhone: On a call = settings\n" + rest},
		{"the sign-in lapsed", with(func(s *local.Status) {
			s.Synced = false
			s.Problem = &local.Problem{Kind: "signed-out", Where: "account", What: "The sign-in has lapsed"}
		}), strings.Replace("Not in step: The sign-in has lapsed = settings\nTeams: In a call = settings\nPhone: On a call = settings\n"+rest, "---\n", "---\nSign in again… = sign-in\n", 1)},
		{"a phone to sign in to", with(func(s *local.Status) {
			s.Synced = false
			s.Problem = &local.Problem{Kind: "phone-signed-out", Where: "desk", What: "Nobody is signed in to Univerge Blue", Do: "Sign in to this phone"}
			s.Phones[0].Known, s.Phones[0].SignIn = false, local.PhoneSignInNeeded
		}), strings.Replace("Not in step: Nobody is signed in to Univerge Blue = settings\nSign in to this phone = settings\nTeams: In a call = settings\nPhone: not known = settings\n"+rest,
			"---\n", "---\nSign in to Desk phone… = sign-in-phone-desk\n", 1)},
		{"a code to enter", with(func(s *local.Status) {
			s.Synced = false
			s.Account = local.Account{SigningIn: "device-code", Code: "ABCD-EFGH", CodeURL: "https://example.com/device"}
		}), strings.NewReplacer("---\n"+choose+"Pause", "---\nEnter the code ABCD-EFGH… = open-code-page\nStart the sign-in again = sign-in\nPause", "Sign out = sign-out\n", "").
			Replace("Not in step: nobody is signed in = settings\nTeams: In a call = settings\nPhone: On a call = settings\n" + rest)},
		{"two phones", with(func(s *local.Status) {
			s.Phones = append(s.Phones, local.Phone{Title: "Mobile", Known: true, Happening: "Ringing", Chosen: "Available"}, local.Phone{Title: "Old", Known: true, Chosen: "Away"})
		}), "In step = settings\nTeams: In a call = settings\nDesk phone: On a call = settings\nMobile: Ringing = settings\nOld: Away = settings\n" + rest},
		{"the demo", with(func(s *local.Status) { s.DemoPage = "http://127.0.0.1:1/" }),
			"In step = settings\nTeams: In a call = settings\nPhone: On a call = settings\n" + strings.Replace(rest, "Settings… = settings\n", "Settings… = settings\nOpen the demo page = open-demo-page\n", 1)},
		{"a token unknown to Offhook", with(func(s *local.Status) { s.Teams = local.Teams{Known: true, Availability: "Juggling"} }),
			"In step = settings\nTeams: Juggling = settings\nPhone: On a call = settings\n" + rest},
		{"out of office", with(func(s *local.Status) { s.Teams.OutOfOffice = true }),
			"In step = settings\nTeams: In a call, out of office = settings\nPhone: On a call = settings\n" + rest},
		{"since when, why they differ, and what was decided", with(func(s *local.Status) {
			s.Changed = afternoon
			s.Teams.Since, s.Phones[0].Since = afternoon.Add(-time.Hour), afternoon.AddDate(0, 0, -1)
			s.Differ = "Desk phone: On a call; Teams unchanged: so it is set"
			for n := range 4 {
				s.Reasons = append(s.Reasons, local.Reason{At: afternoon.Add(time.Duration(n) * time.Minute), Sentence: "Decision " + string(rune('1'+n))})
			}
		}), "In step = settings\nTeams: In a call, since 14:30 = settings\nPhone: On a call, since Tue 15:30 = settings\n" +
			"Desk phone: On a call; Teams unchanged: so it is set = activity\n" +
			strings.Replace(rest, "Settings…", "Lately\n  15:33  Decision 4 = activity\n  15:32  Decision 3 = activity\n  15:31  Decision 2 = activity\nSettings…", 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, visible(Menu(english(), test.status))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if a, b := Menu(english(), test.status), Menu(english(), inStep()); len(test.status.Phones) == 1 && !sameShape(a, b) {
				t.Error("the menu would be rebuilt: an open one would jump")
			}
		})
	}
}

func TestSentence(t *testing.T) {
	for want, status := range map[string]local.Status{
		"Paused until you resume":              {Paused: &local.Pause{}},
		"Paused until tomorrow":                {Paused: &local.Pause{Until: tomorrow(time.Now())}},
		"Not in step yet":                      {Account: local.Account{SignedIn: true}},
		"Not in step: The phones are not read": {Account: local.Account{SignedIn: true}, Sentence: "The phones are not read"},
	} {
		if got := Title(english(), status); got != "Offhook: "+want {
			t.Errorf("Title = %q, want %q", got, want)
		}
	}
}

func TestAClickThatDidNotWorkIsSaid(t *testing.T) {
	paused := with(func(s *local.Status) { s.Synced, s.Paused = false, &local.Pause{} })
	rows := Menu(english(), paused)
	failed := withFailure(english(), rows, &local.Problem{Kind: "settings", What: "no window is installed", Do: "Install offhook-window"})
	want := "That did not work: no window is installed = settings\nInstall offhook-window = settings\n"
	if got := visible(failed); !strings.HasPrefix(got, want) || !strings.Contains(got, "Resume = resume") {
		t.Errorf("the menu is\n%s", got)
	}
	if diff := cmp.Diff(Menu(english(), paused), rows); diff != "" {
		t.Errorf("the menu without the failure was changed:\n%s", diff)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	long := with(func(s *local.Status) {
		s.Synced = false
		s.Problem = &local.Problem{What: strings.Repeat("The server says 😀 no ", 20), Do: strings.Repeat("word ", 50)}
		s.Phones[0].Status = strings.Repeat("busy ", 100)
	})
	for _, row := range Menu(english(), long) {
		if n := len([]rune(row.Label)); n > maxLabel {
			t.Errorf("%q has %d letters", row.Label, n)
		}
	}
	tooltip := Tooltip(english(), long)
	if n := len(utf16.Encode([]rune(tooltip))); n > 127 || !strings.Contains(tooltip, "Teams: In a call") || !strings.Contains(tooltip, "\nPhone: ") {
		t.Errorf("the tooltip has %d units: %q", n, tooltip)
	}
	if got := Tooltip(english(), inStep()); got != "In step\nTeams: In a call\nPhone: On a call" {
		t.Errorf("Tooltip = %q", got)
	}
	for text, want := range map[string]string{"short": "short", "exactly so": "exactly so", "one too long": "one too…", "abcdefghijklm": "abcdefghi…"} {
		if got := shorten(text, 10); got != want {
			t.Errorf("shorten(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTomorrowIsTheNextMidnight(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	for now, want := range map[string]string{
		"2026-03-04T15:30:00+01:00": "2026-03-05T00:00:00+01:00",
		"2026-03-04T00:00:00+01:00": "2026-03-05T00:00:00+01:00",
		"2026-03-29T01:00:00+01:00": "2026-03-30T00:00:00+02:00", // the night has an hour less
		"2026-12-31T23:59:59+01:00": "2027-01-01T00:00:00+01:00",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := tomorrow(at.In(berlin)).Format(time.RFC3339); got != want {
			t.Errorf("tomorrow(%s) = %s, want %s", now, got, want)
		}
	}
}

func TestEveryLookHasAnIconOfItsOwn(t *testing.T) {
	seen := map[string]local.Look{}
	for _, look := range []local.Look{local.LookSignedOut, local.LookUnreachable, local.LookPaused, local.LookDisturb,
		local.LookBusy, local.LookAway, local.LookSynced} {
		icon := assets.Icon(string(look))
		if other, ok := seen[string(icon)]; ok || len(icon) == 0 {
			t.Errorf("%s looks like %s (%d bytes)", look, other, len(icon))
		}
		seen[string(icon)] = look
	}
	if !bytes.Equal(assets.Icon("no such look"), assets.Icon(string(local.LookUnreachable))) {
		t.Error("a look without a picture does not ask for attention")
	}
}

func english() *words.Words { return words.In("en") }

// The menu speaks the person's language, with the same rows.
func TestMenuInEveryLanguage(t *testing.T) {
	for _, l := range words.Languages() {
		rows := Menu(words.In(l.Tag), inStep())
		if !sameShape(rows, Menu(english(), inStep())) {
			t.Errorf("%s has other rows", l.Tag)
		}
		if quit := rows[len(rows)-1].Label; l.Tag != "en" && quit == "Quit Offhook" {
			t.Errorf("%s: %q", l.Tag, quit)
		}
	}
}
