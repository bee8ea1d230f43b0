package simulate

import (
	"fmt"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate/internal/entra"
	"github.com/offhook/offhook/sync/simulate/internal/fault"
	"github.com/offhook/offhook/sync/simulate/internal/graph"
	"github.com/offhook/offhook/sync/simulate/internal/phone"
)

// Teams plays the person in the simulated Teams.
type Teams struct{ graph *graph.Server }

// Kind is something that happens in Teams itself.
type Kind = graph.Kind

// The kinds: calls of the Teams client, and a meeting that stands in the calendar.
const (
	Call       = graph.Call
	Conference = graph.Conference
	Presenting = graph.Presenting
	Calendar   = graph.Calendar
)

// Choose chooses a status, as in Teams' own menu.
func (t Teams) Choose(p presence.Pair) error {
	return t.graph.Act(graph.ByPerson, "Chosen in Teams: "+graph.Title(p), func(person *graph.Person, now time.Time) error {
		return person.Prefer(now, p, 0, false)
	})
}

// Reset is Teams' "Reset status".
func (t Teams) Reset() error {
	return t.graph.Act(graph.ByPerson, "The status was reset in Teams", func(person *graph.Person, _ time.Time) error {
		person.ClearPreferred()
		return nil
	})
}

// Client is what the Teams client reports by itself: presence.Available, presence.Away (idle or locked), or
// the zero pair, Teams being closed everywhere.
func (t Teams) Client(p presence.Pair) error {
	what := "Teams is closed everywhere"
	switch p {
	case presence.Available:
		what = "Teams is open and the person is there"
	case presence.Away:
		what = "Teams is open and nobody is there"
	}
	return t.graph.Act(graph.ByPerson, what, func(person *graph.Person, _ time.Time) error {
		return person.Client(p)
	})
}

// Start begins a call or a meeting in Teams.
func (t Teams) Start(k Kind) error {
	what := map[Kind]string{Call: "A call began in Teams", Conference: "A conference call began in Teams",
		Presenting: "The screen is shared in Teams", Calendar: "A meeting in the calendar began"}[k]
	return t.happen(k, what, true)
}

// End ends it.
func (t Teams) End(k Kind) error {
	what := map[Kind]string{Call: "The call in Teams ended", Conference: "The conference call in Teams ended",
		Presenting: "The screen is no longer shared in Teams", Calendar: "The meeting in the calendar ended"}[k]
	return t.happen(k, what, false)
}

func (t Teams) happen(k Kind, what string, on bool) error {
	return t.graph.Act(graph.ByPerson, what, func(person *graph.Person, _ time.Time) error {
		return person.Happen(k, on)
	})
}

// EndAll ends every call and meeting.
func (t Teams) EndAll() error {
	for _, k := range t.graph.Snapshot().Happening {
		if err := t.End(k); err != nil {
			return err
		}
	}
	return nil
}

// OutOfOffice turns automatic replies on or off.
func (t Teams) OutOfOffice(on bool) error {
	what := "Out of office is off"
	if on {
		what = "Out of office is on"
	}
	return t.graph.Act(graph.ByPerson, what, func(person *graph.Person, _ time.Time) error {
		person.OutOfOffice(on)
		return nil
	})
}

// SignInAs makes it another person who signs in from now on. Graph knows one presence and answers it to
// whoever has signed in: what is asked of it stands in Requests.
func (w *World) SignInAs(id, userName, displayName string) {
	w.authority.SetPerson(entra.Person{ID: id, UserName: userName, DisplayName: displayName})
}

// Phone plays the person at the simulated phone, and whoever rings.
type Phone struct{ phone *phone.Server }

// Ring lets it ring.
func (p Phone) Ring() error { return p.phone.Act("ring") }

// Answer takes the call.
func (p Phone) Answer() error { return p.phone.Act("answer") }

// Dial calls somebody, who answers at once.
func (p Phone) Dial() error { return p.phone.Act("dial") }

// Hold puts the call on hold.
func (p Phone) Hold() error { return p.phone.Act("hold") }

// Resume goes on with it.
func (p Phone) Resume() error { return p.phone.Act("resume") }

// HangUp ends the call, or the ringing.
func (p Phone) HangUp() error { return p.phone.Act("hangup") }

// Choose chooses a status on the phone, as its API names it: available, busy, dnd, away, vacation, meeting.
func (p Phone) Choose(status string) error { return p.phone.Choose(graph.ByPerson, status) }

// Restart restarts the phone system: calls, logins and streams are gone.
func (p Phone) Restart() { p.phone.Restart() }

// Faults says how the simulated servers fail. An empty field leaves a server as it is, "none" mends it.
type Faults struct {
	Graph string        // 401, 403 (with an empty message), 429, 500, 503, down, slow, cae
	Phone string        // 401, 403, 429, 500, 503, down, slow
	Entra string        // 429, 500, 503, down, slow, or an error's name such as invalid_grant
	Lack  []string      // scopes that are not granted from now on; empty but not nil: all are
	After time.Duration // Retry-After with 429 and 503
	Delay time.Duration // how slow "slow" is
}

// Fail turns faults on and off. Nothing is changed where one of them is not known.
func (w *World) Fail(f Faults) error {
	switches := []struct {
		name, kind string
		set        func(fault.Fault) error
		now        fault.Fault
	}{
		{"graph", f.Graph, w.graph.Faults.Set, w.graph.Faults.Get()},
		{"phone", f.Phone, w.phone.SetFault, w.phone.Faults.Get()},
		{"entra", f.Entra, w.authority.Faults.Set, w.authority.Faults.Get()},
	}
	var said []string
	for i, s := range switches {
		if s.kind == "" {
			continue
		}
		err := s.set(fault.Fault{Kind: s.kind, RetryAfter: f.After, Delay: f.Delay, Since: w.clock.Now()})
		if err != nil {
			for _, done := range switches[:i] {
				_ = done.set(done.now)
			}
			return fmt.Errorf("%s: %w", s.name, err)
		}
		said = append(said, s.name+" "+s.kind)
	}
	if f.Lack != nil {
		w.authority.Decline(f.Lack)
		said = append(said, "not granted: "+strings.Join(f.Lack, " "))
	}
	w.diary.note(sideWorld, graph.ByPerson, "Fault: "+strings.Join(said, ", "))
	return nil
}
