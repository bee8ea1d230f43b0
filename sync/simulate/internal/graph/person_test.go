package graph

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/presence"
)

const app = "0FF00000-0000-4000-8000-00000000C11E"

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var closed presence.Pair

// act is something done to a person.
type act func(p *Person, now time.Time) error

func set(pair presence.Pair, d time.Duration) act {
	return func(p *Person, now time.Time) error { return p.SetPresence(now, app, pair, d) }
}

func prefer(pair presence.Pair, d time.Duration) act {
	return func(p *Person, now time.Time) error { return p.Prefer(now, pair, d, true) }
}

func teams(pair presence.Pair) act {
	return func(p *Person, _ time.Time) error { return p.Client(pair) }
}

func happen(k Kind, on bool) act {
	return func(p *Person, _ time.Time) error { return p.Happen(k, on) }
}

func clearSession(p *Person, now time.Time) error { return p.ClearPresence(now, app) }

func reset(p *Person, _ time.Time) error { p.ClearPreferred(); return nil }

// after does a list of things to a new person, all at noon.
func after(t *testing.T, acts ...act) *Person {
	t.Helper()
	p := NewPerson()
	for _, do := range acts {
		if err := do(p, noon); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestAggregation(t *testing.T) {
	pair := func(availability, activity string) presence.Pair { return presence.NewPair(availability, activity) }
	tests := []struct {
		name string
		acts []act
		want presence.Pair
	}{
		{"Teams runs", nil, presence.Available},
		{"nobody at the PC", []act{teams(presence.Away)}, presence.Away},
		{"Teams closed everywhere", []act{teams(closed)}, presence.Offline},
		{"Teams opened again", []act{teams(closed), teams(presence.Available)}, presence.Available},

		{"a session alone brings a person online", []act{teams(closed), set(presence.Available, 0)}, presence.Available},
		{"the only session cleared", []act{teams(closed), set(presence.InACall, 0), clearSession}, presence.Offline},
		{"busy before available", []act{set(presence.InACall, 0)}, presence.InACall},
		{"busy before away", []act{teams(presence.Away), set(presence.InACall, 0)}, presence.InACall},
		{"available before away", []act{set(presence.Away, 0)}, presence.Available},
		{"away sticks where Teams is closed", []act{teams(closed), set(presence.Away, 0)}, presence.Away},
		{"do not disturb before busy", []act{happen(Call, true), set(presence.Presenting, 0)}, presence.Presenting},
		{"busy does not lower do not disturb", []act{happen(Presenting, true), set(presence.InACall, 0)}, presence.Presenting},
		{"a session is replaced", []act{set(presence.Presenting, 0), set(presence.InACall, 0)}, presence.InACall},

		{"a chosen status before every session", []act{prefer(presence.BeRightBack, 0), set(presence.Presenting, 0)}, presence.BeRightBack},
		{"a chosen busy is not undone by available", []act{prefer(presence.Busy, 0), set(presence.Available, 0)}, presence.Busy},
		{"a chosen status needs a session", []act{teams(closed), prefer(presence.DoNotDisturb, 0)}, presence.Offline},
		{"any session will do", []act{teams(closed), prefer(presence.DoNotDisturb, 0), set(presence.Away, 0)}, presence.DoNotDisturb},
		{"reset", []act{prefer(presence.DoNotDisturb, 0), reset}, presence.Available},
		{"reset twice", []act{prefer(presence.DoNotDisturb, 0), reset, reset}, presence.Available},
		{"chosen during a call", []act{set(presence.InACall, 0), prefer(presence.Available, 0)}, presence.Available},
		{"a renewal is no new call", []act{set(presence.InACall, 0), prefer(presence.Available, 0), set(presence.InACall, 0)}, presence.Available},

		{"a meeting in the calendar", []act{happen(Calendar, true)}, presence.InAMeeting},
		{"and a call in it", []act{happen(Calendar, true), happen(Call, true)}, presence.InACall},
		{"and the call is over", []act{happen(Calendar, true), happen(Call, true), happen(Call, false)}, presence.InAMeeting},
		{"a meeting is over", []act{happen(Calendar, true), happen(Calendar, false)}, presence.Available},
		{"a meeting while Teams is closed", []act{teams(closed), happen(Calendar, true)}, presence.Offline},
		{"chosen available in a meeting", []act{happen(Calendar, true), prefer(presence.Available, 0)}, presence.Available},
		{"a conference call", []act{happen(Conference, true)}, presence.InAConferenceCall},
		{"presenting in a call", []act{happen(Call, true), happen(Presenting, true)}, presence.Presenting},
		{"a call opens Teams", []act{teams(closed), happen(Call, true), happen(Call, false)}, presence.Available},
		{"closing Teams ends its calls", []act{happen(Call, true), teams(closed)}, presence.Offline},

		{"out of office", []act{func(p *Person, _ time.Time) error { p.OutOfOffice(true); return nil }}, presence.OutOfOffice},
		{"in a call, out of office", []act{set(presence.InACall, 0), func(p *Person, _ time.Time) error { p.OutOfOffice(true); return nil }}, pair("Busy", "InACall")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := after(t, tt.acts...).Shows(noon).Pair; got != tt.want {
				t.Errorf("shows %s, want %s", got, tt.want)
			}
		})
	}
}

// What Teams shows when a call begins, by what it showed before: an application's call and one of its own.
func TestDuringACall(t *testing.T) {
	tests := []struct{ before, during presence.Pair }{
		{presence.Available, presence.InACall},
		{presence.Busy, presence.InACall},
		{presence.DoNotDisturb, presence.DoNotDisturb},
		{presence.BeRightBack, presence.BeRightBack},
		{presence.Away, presence.Away},
		{presence.AppearOffline, presence.AppearOffline},
		{presence.InAMeeting, presence.InACall},
	}
	for _, tt := range tests {
		begin := prefer(tt.before, 0)
		if tt.before == presence.InAMeeting {
			begin = happen(Calendar, true)
		}
		for name, call := range map[string][2]act{
			"application": {set(presence.InACall, 0), clearSession},
			"teams":       {happen(Call, true), happen(Call, false)},
		} {
			t.Run(tt.before.String()+" "+name, func(t *testing.T) {
				got := []presence.Pair{
					after(t, begin).Shows(noon).Pair,
					after(t, begin, call[0]).Shows(noon).Pair,
					after(t, begin, call[0], call[1]).Shows(noon).Pair,
				}
				if diff := cmp.Diff([]presence.Pair{tt.before, tt.during, tt.before}, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestTime(t *testing.T) {
	inactive := presence.NewPair("Available", "AvailableInactive")
	tests := []struct {
		name string
		acts []act
		want map[time.Duration]presence.Pair // by how long after
	}{
		{"a session lasts 5 minutes by default", []act{set(presence.InACall, 0)}, map[time.Duration]presence.Pair{
			5*time.Minute - 1: presence.InACall, 5 * time.Minute: presence.Available,
		}},
		{"or as long as asked", []act{set(presence.InACall, 4*time.Hour)}, map[time.Duration]presence.Pair{
			4*time.Hour - 1: presence.InACall, 4 * time.Hour: presence.Available,
		}},
		{"an Available session fades whatever was asked", []act{teams(closed), set(presence.Available, time.Hour)}, map[time.Duration]presence.Pair{
			5*time.Minute - 1: presence.Available, 5 * time.Minute: inactive,
			10*time.Minute - 1: inactive, 10 * time.Minute: presence.Away,
			time.Hour - 1: presence.Away, time.Hour: presence.Offline,
		}},
		{"the Teams client does not fade", nil, map[time.Duration]presence.Pair{24 * time.Hour: presence.Available}},
		{"do not disturb lasts a day", []act{prefer(presence.DoNotDisturb, 0)}, map[time.Duration]presence.Pair{
			24*time.Hour - 1: presence.DoNotDisturb, 24 * time.Hour: presence.Available,
		}},
		{"busy lasts a day", []act{prefer(presence.Busy, 0)}, map[time.Duration]presence.Pair{
			24*time.Hour - 1: presence.Busy, 24 * time.Hour: presence.Available,
		}},
		{"anything else a week", []act{prefer(presence.BeRightBack, 0)}, map[time.Duration]presence.Pair{
			7*24*time.Hour - 1: presence.BeRightBack, 7 * 24 * time.Hour: presence.Available,
		}},
		{"or as long as asked, however short", []act{prefer(presence.Away, time.Second)}, map[time.Duration]presence.Pair{
			time.Second - 1: presence.Away, time.Second: presence.Available,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := after(t, tt.acts...)
			for d, want := range tt.want {
				if got := p.Shows(noon.Add(d)).Pair; got != want {
					t.Errorf("after %s it shows %s, want %s", d, got, want)
				}
			}
		})
	}
}

// Next never misses a moment: between one and the next, nothing changes.
func TestNext(t *testing.T) {
	p := after(t, teams(closed), set(presence.Available, time.Hour), prefer(presence.Busy, 7*time.Minute))
	p.SetNote(Note{Content: "back soon", Expires: noon.Add(2 * time.Hour)})
	var got []time.Duration
	for now := noon; ; {
		next := p.Next(now)
		if next.IsZero() {
			break
		}
		if before, last := p.Shows(now), p.Shows(next.Add(-1)); before != last {
			t.Errorf("changed between %s and %s without being announced: %v, %v", now, next, before, last)
		}
		got = append(got, next.Sub(noon))
		now = next
	}
	want := []time.Duration{5 * time.Minute, 7 * time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	sessions := map[presence.Pair]bool{presence.Available: true, presence.InACall: true,
		presence.InAConferenceCall: true, presence.Away: true, presence.Presenting: true}
	preferred := map[presence.Pair]bool{presence.Available: true, presence.Busy: true, presence.DoNotDisturb: true,
		presence.BeRightBack: true, presence.Away: true, presence.AppearOffline: true}
	for _, s := range presence.TeamsStates() {
		check := func(what string, legal bool, do act) {
			err := do(NewPerson(), noon)
			var no *Refusal
			if legal && err != nil || !legal && (!errors.As(err, &no) || no.Status != 400 || no.Code != "InvalidArgument") {
				t.Errorf("%s %s: legal %v, answered %v", what, s.Pair, legal, err)
			}
		}
		check("setPresence", sessions[s.Pair], set(s.Pair, 0))
		check("setUserPreferredPresence", preferred[s.Pair], prefer(s.Pair, 0))
	}
	for d, legal := range map[time.Duration]bool{
		5*time.Minute - 1: false, 5 * time.Minute: true, 4 * time.Hour: true, 4*time.Hour + 1: false, -time.Minute: false,
	} {
		if err := set(presence.InACall, d)(NewPerson(), noon); (err == nil) != legal {
			t.Errorf("setPresence for %s: legal %v, answered %v", d, legal, err)
		}
	}
}

func TestClearWithoutSession(t *testing.T) {
	tests := []struct {
		name string
		p    *Person
		at   time.Time
	}{
		{"never set", NewPerson(), noon},
		{"cleared already", after(t, set(presence.InACall, 0), clearSession), noon},
		{"expired", after(t, set(presence.InACall, 0)), noon.Add(5 * time.Minute)},
	}
	for _, tt := range tests {
		var no *Refusal
		if err := tt.p.ClearPresence(tt.at, app); !errors.As(err, &no) || no.Status != 404 {
			t.Errorf("%s: %v, want 404", tt.name, err)
		}
	}
}
