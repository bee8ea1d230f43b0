package resident

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/presence"
)

var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.Local)

// inStep is a status in which all is well.
func inStep(change func(*local.Status)) local.Status {
	s := local.Status{
		Synced:  true,
		Account: local.Account{SignedIn: true, Name: "sam@example.test"},
		Teams:   local.Teams{Known: true, Title: "Available", Means: "available"},
		Phones:  []local.Phone{{ID: "desk", Title: "Desk phone", Known: true, Status: "Available"}},
	}
	if change != nil {
		change(&s)
	}
	return s
}

func trouble(kind, where, what string) *local.Problem {
	return &local.Problem{Kind: kind, Where: where, What: what}
}

func TestLookAndSentence(t *testing.T) {
	type shown struct {
		Look     local.Look
		Sentence string
	}
	for _, tt := range []struct {
		name   string
		change func(*local.Status)
		want   shown
	}{
		{"all is well", nil, shown{local.LookSynced, "In step. Teams: Available, Desk phone: Available"}},
		{"busy", func(s *local.Status) {
			s.Teams.Title, s.Teams.Means, s.Phones[0].Status = "In a call", "busy", "On a call"
		},
			shown{local.LookBusy, "In step. Teams: In a call, Desk phone: On a call"}},
		{"do not disturb", func(s *local.Status) { s.Teams.Title, s.Teams.Means = "Presenting", "dnd" },
			shown{local.LookDisturb, "In step. Teams: Presenting, Desk phone: Available"}},
		{"away", func(s *local.Status) { s.Teams.Title, s.Teams.Means = "Be right back", "away" },
			shown{local.LookAway, "In step. Teams: Be right back, Desk phone: Available"}},
		{"two phones", func(s *local.Status) {
			s.Phones = append(s.Phones, local.Phone{Title: "Mobile", Known: true, Status: "Away"})
		}, shown{local.LookSynced, "In step. Teams: Available, Desk phone: Available, Mobile: Away"}},
		{"nothing read yet", func(s *local.Status) { s.Synced = false },
			shown{local.LookAway, "Starting: not everything has been read yet"}},
		{"paused for good", func(s *local.Status) { s.Synced, s.Paused = false, &local.Pause{} },
			shown{local.LookPaused, "Paused until you resume"}},
		{"paused for a while", func(s *local.Status) { s.Synced, s.Paused = false, &local.Pause{Until: now.Add(time.Hour)} },
			shown{local.LookPaused, "Paused until 13:00"}},
		{"a phone is out of reach", func(s *local.Status) { s.Problem = trouble("unreachable", "desk", "The phone cannot be reached") },
			shown{local.LookUnreachable, "The phone cannot be reached"}},
		{"out of reach and paused: it would not be in step after the pause either", func(s *local.Status) {
			s.Problem, s.Paused = trouble("unreachable", "desk", "The phone cannot be reached"), &local.Pause{}
		}, shown{local.LookUnreachable, "The phone cannot be reached"}},
		{"Teams is out of reach", func(s *local.Status) { s.Problem = trouble("unreachable", "teams", "Microsoft cannot be reached") },
			shown{local.LookUnreachable, "Microsoft cannot be reached"}},
		{"signed in, and no phone", func(s *local.Status) { s.Problem = trouble("settings", whereSettings, "No phone is set up") },
			shown{local.LookUnreachable, "No phone is set up"}},
		{"nobody is signed in", func(s *local.Status) { s.Account = local.Account{} },
			shown{local.LookSignedOut, "Nobody is signed in to Microsoft"}},
		{"nobody is signed in, and the phone is out of reach too", func(s *local.Status) {
			s.Account, s.Problem = local.Account{}, trouble("unreachable", "desk", "The phone cannot be reached")
		}, shown{local.LookSignedOut, "Nobody is signed in to Microsoft"}},
		{"the sign-in has lapsed", func(s *local.Status) {
			s.Account.SignedIn, s.Problem = false, trouble("signed-out", whereAccount, "The sign-in has lapsed")
		}, shown{local.LookSignedOut, "The sign-in has lapsed"}},
		{"the keyring is locked: not the same as signed out", func(s *local.Status) {
			s.Account, s.Problem = local.Account{}, trouble("keyring", whereAccount, "The keyring is locked")
		}, shown{local.LookSignedOut, "The keyring is locked"}},
		{"the settings are wrong", func(s *local.Status) {
			s.Account, s.Problem = local.Account{}, trouble("settings", whereSettings, "Line 2 is not right")
		}, shown{local.LookSignedOut, "Line 2 is not right"}},
		{"signing in", func(s *local.Status) {
			s.Account, s.Problem = local.Account{SigningIn: "browser"}, trouble("signed-out", whereAccount, "Nobody is signed in")
		}, shown{local.LookSignedOut, "Signing in"}},
		{"signing in once more while all is well", func(s *local.Status) { s.Account.SigningIn = "browser" },
			shown{local.LookSynced, "In step. Teams: Available, Desk phone: Available"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			icon, sentence := look(inStep(tt.change), now)
			if diff := cmp.Diff(tt.want, shown{icon, sentence}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorstProblem(t *testing.T) {
	ofSettings := trouble("settings", whereSettings, "settings")
	ofSignIn := trouble("forbidden", whereAccount, "sign-in")
	ofTeams := trouble("unreachable", "teams", "teams")
	ofPhone := trouble("unreachable", "desk", "phone")
	all := func(s *local.Status) {
		s.Account.SignedIn = false
		s.Account.Problem, s.Teams.Problem, s.Phones[0].Problem = ofSignIn, ofTeams, ofPhone
	}
	for _, tt := range []struct {
		name       string
		ofSettings *local.Problem
		change     func(*local.Status)
		want       string
	}{
		{"none", nil, nil, ""},
		{"the settings' before all", ofSettings, all, "settings"},
		{"then the sign-in's", nil, all, "sign-in"},
		{"which is over for one who is signed in", nil, func(s *local.Status) { s.Account.Problem = ofSignIn }, ""},
		{"then Teams'", nil, func(s *local.Status) { s.Teams.Problem, s.Phones[0].Problem = ofTeams, ofPhone }, "teams"},
		{"then the phones'", nil, func(s *local.Status) { s.Phones[0].Problem = ofPhone }, "phone"},
		{"also the second's", nil, func(s *local.Status) { s.Phones = append(s.Phones, local.Phone{Problem: ofPhone}) }, "phone"},
		{"no phone at all", nil, func(s *local.Status) { s.Phones = nil }, "No phone is set up, so there is nothing to keep in step with Teams"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if p := worst(inStep(tt.change), tt.ofSettings); p != nil {
				got = p.What
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPausedUntil(t *testing.T) {
	for _, tt := range []struct {
		until time.Time
		want  string
	}{
		{time.Time{}, "Paused until you resume"},
		{now.Add(90 * time.Minute), "Paused until 13:30"},
		{now.Add(90 * time.Minute).UTC(), "Paused until 13:30"},
		{now.Add(18 * time.Hour), "Paused until Thursday 5 March, 06:00"},
		{now.AddDate(1, 0, 0), "Paused until Thursday 4 March, 12:00"},
	} {
		if got := Paused(tt.until, now); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.until, got, tt.want)
		}
	}
}

// A table has a row for each state of Teams and each status of the phone, with a target or with a reason.
func TestRows(t *testing.T) {
	toPhone, toTeams := Rows(presence.Mapping{
		Statuses: []presence.Status{{Name: "Free"}, {Name: "Engaged"}, {Name: "Ringing"}},
		ToPhone: []presence.Row[presence.Pair, string]{
			{From: presence.InACall, To: "Engaged"},
			{From: presence.Away, Why: "away is nothing"},
		},
		ToTeams: []presence.Row[string, presence.Pair]{
			{From: "Engaged", To: presence.Busy},
			{From: "Ringing", Why: "ringing is not talking"},
		},
	})
	var want []local.Row
	for _, s := range presence.TeamsStates() {
		row := local.Row{From: s.Pair.String(), FromTitle: s.Title}
		switch s.Pair {
		case presence.InACall:
			row.To, row.ToTitle = "Engaged", "Engaged"
		case presence.Away:
			row.Unchanged, row.Why = true, "away is nothing"
		default:
			row.Unchanged, row.Why = true, fmt.Sprintf("the mapping has no row for %s", s.Pair)
		}
		want = append(want, row)
	}
	if diff := cmp.Diff(want, toPhone); diff != "" {
		t.Errorf("Teams to phone (-want +got):\n%s", diff)
	}
	want = []local.Row{
		{From: "Free", FromTitle: "Free", Unchanged: true, Why: `the mapping has no row for "Free"`},
		{From: "Engaged", FromTitle: "Engaged", To: "Busy/Busy", ToTitle: "Busy"},
		{From: "Ringing", FromTitle: "Ringing", Unchanged: true, Why: "ringing is not talking"},
	}
	if diff := cmp.Diff(want, toTeams); diff != "" {
		t.Errorf("phone to Teams (-want +got):\n%s", diff)
	}
}

// That a side was read again is no news by itself; anything else is.
func TestNews(t *testing.T) {
	same := func(change func(*local.Status)) bool { return cmp.Equal(lasting(inStep(nil)), lasting(inStep(change))) }
	if !same(func(s *local.Status) { s.Teams.Read, s.Phones[0].Read = now, now }) {
		t.Error("reading alone counts as news")
	}
	if same(func(s *local.Status) { s.Phones[0].Status = "Away" }) || same(func(s *local.Status) { s.Paused = &local.Pause{} }) {
		t.Error("a change counts as none")
	}
	read := inStep(func(s *local.Status) { s.Phones[0].Read = now })
	if lasting(read); read.Phones[0].Read.IsZero() {
		t.Error("lasting changes what it is given")
	}
}
