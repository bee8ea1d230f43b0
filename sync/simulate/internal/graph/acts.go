package graph

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// Refusal is a request that Graph turns down.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message) }

func invalid(format string, args ...any) *Refusal {
	return &Refusal{http.StatusBadRequest, "InvalidArgument", fmt.Sprintf(format, args...)}
}

var outOfRange = invalid("The provided [ExpirationDuration] is out of range.")

// Client is what the Teams client reports: Available, Away, or the zero pair when Teams is closed everywhere.
// Closing Teams ends the calls in it.
func (p *Person) Client(pair presence.Pair) error {
	switch pair {
	case presence.Pair{}:
		for _, k := range Kinds() {
			delete(p.sessions, string(k))
		}
		delete(p.sessions, client)
	case presence.Available, presence.Away:
		p.put(Session{ID: client, Pair: pair})
	default:
		return fmt.Errorf("a Teams client reports Available/Available, Away/Away or nothing, not %s", pair)
	}
	return nil
}

// Happen begins or ends something in Teams. A call opens Teams where it is closed.
func (p *Person) Happen(k Kind, on bool) error {
	switch {
	case !slices.Contains(Kinds(), k):
		return fmt.Errorf("%q is none of call, conference, presenting, calendar", k)
	case k == Calendar:
		p.calendar = on
	case !on:
		delete(p.sessions, string(k))
	default:
		if _, open := p.sessions[client]; !open {
			p.put(Session{ID: client, Pair: presence.Available})
		}
		p.put(Session{ID: string(k), Pair: k.pair()})
	}
	return nil
}

// Happening lists what happens in Teams itself.
func (p *Person) Happening() []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool {
		_, on := p.sessions[string(k)]
		return !on && !(k == Calendar && p.calendar)
	})
}

// OutOfOffice turns automatic replies on or off.
func (p *Person) OutOfOffice(on bool) { p.outOfOffice = on }

// SetPresence is Graph's setPresence: the application's session shows pair for d, 0 for the default.
func (p *Person) SetPresence(now time.Time, id string, pair presence.Pair, d time.Duration) error {
	legal := []presence.Pair{presence.Available, presence.InACall, presence.InAConferenceCall,
		presence.Away, presence.Presenting}
	if !slices.Contains(legal, pair) {
		return illegal(pair)
	}
	if d == 0 {
		d = 5 * time.Minute
	}
	if d < 5*time.Minute || d > 4*time.Hour {
		return outOfRange
	}
	p.put(Session{ID: strings.ToLower(id), Application: true, Pair: pair, Set: now, Expires: now.Add(d)})
	return nil
}

// ClearPresence is Graph's clearPresence.
func (p *Person) ClearPresence(now time.Time, id string) error {
	id = strings.ToLower(id)
	s, ok := p.sessions[id]
	delete(p.sessions, id)
	if !ok || over(s.Expires, now) {
		return &Refusal{http.StatusNotFound, "NotFound", "The presence session was not found."}
	}
	return nil
}

// Prefer is Graph's setUserPreferredPresence, and what choosing a status in Teams does. 0 is the default
// duration.
func (p *Person) Prefer(now time.Time, pair presence.Pair, d time.Duration, application bool) error {
	legal := []presence.Pair{presence.Available, presence.Busy, presence.DoNotDisturb,
		presence.BeRightBack, presence.Away, presence.AppearOffline}
	if !slices.Contains(legal, pair) {
		return illegal(pair)
	}
	if d < 0 {
		return outOfRange
	}
	if d == 0 {
		d = 7 * 24 * time.Hour
		if pair == presence.Busy || pair == presence.DoNotDisturb {
			d = 24 * time.Hour
		}
	}
	p.order++
	p.preferred = &Preferred{Pair: pair, Application: application, Set: now, Expires: now.Add(d), order: p.order}
	return nil
}

func illegal(pair presence.Pair) error {
	return invalid("The provided combination of [Availability] %s and [Activity] %s is not supported.", pair.Availability, pair.Activity)
}

// ClearPreferred is Graph's clearUserPreferredPresence, and Teams' "Reset status".
func (p *Person) ClearPreferred() { p.preferred = nil }

// SetNote is Graph's setStatusMessage.
func (p *Person) SetNote(n Note) { p.note = n }
