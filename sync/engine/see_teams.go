package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// This file takes what Teams shows apart: the person's own share of it, and what is only the echo of a write.

func (d *step) loseTeams(p *problem.Problem) {
	t := &d.Teams
	if t.Known || t.LostAt.IsZero() || t.Problem == nil || t.Problem.Kind != p.Kind {
		d.say(Reason{Kind: Lost, Side: TeamsSide, Problem: p})
	}
	if t.Known || t.LostAt.IsZero() {
		t.LostAt = d.now
	}
	t.Known, t.Problem = false, p
}

// takeLate takes up what Teams showed once the phone it waited for has been heard of.
func (d *step) takeLate() {
	if late := d.Teams.late; !late.Asked.IsZero() {
		d.Teams.late, d.Teams.Asked = TeamsRead{}, time.Time{}
		d.seeTeams(late)
	}
}

// seeTeams takes an answer of Graph for what it tells.
func (d *step) seeTeams(r TeamsRead) {
	t := &d.Teams
	if t.writing.TeamsWrite() || r.Asked.Before(t.Written) || r.Asked.Before(t.Asked) {
		return // asked before what has been written since: it tells of the past
	}
	if r.Presence != t.read {
		t.read = r.Presence
		t.state, _ = presence.State(r.Presence)
	}
	state := t.state
	if state.Title == "" {
		d.loseTeams(&problem.Problem{Kind: problem.Server, What: problem.Say("Teams shows {state}, which is no state Offhook knows",
			"state", r.Presence.Pair)})
		return
	}
	if !t.LostAt.IsZero() && !t.Known {
		d.say(Reason{Kind: Found, Side: TeamsSide})
		if t.Problem != nil && t.Problem.Kind != problem.Server {
			t.retryAt, t.failures = r.Asked, 0
		}
	}
	t.Known, t.Problem, t.LostAt, t.Asked = true, nil, d.now, r.Asked

	d.seeMessage(r.Presence.Message)
	v := state.Pair
	stale := d.stale(v)
	switch {
	case v == t.Shown && t.Echo && state.Activity && !stale && !d.setHere(v) && !d.phoneSays(v) && !d.echoSays():
		t.Echo = false // what Offhook had set is over, and Teams still shows it: it is Teams' own
	case v == t.Shown || stale && !d.setHere(v):
		if t.Session.Set && !t.Session.Seen && !stale && v != t.Session.Shows {
			d.tellOverruled(state)
		}
		if !stale {
			d.noticeReset(state)
		}
		if v != t.doubt {
			d.caughtUp()
		}
		d.freshLook(r)
		return
	case d.mayEchoPolled(v):
		t.late = r
		return
	default:
		t.Echo = d.setHere(v) || d.phoneSays(v)
		t.Shown = v
		t.told = ""
		d.caughtUp()
	}
	t.late = TeamsRead{}
	if t.Session.Shows == v {
		t.Session.Seen = true
	}
	if t.Preferred.Shows == v {
		t.Preferred.Seen = true
	}
	d.noticeReset(state)
	if t.Echo {
		if !state.Activity && !d.setHere(v) {
			t.Happening = presence.Pair{}
		}
		d.agreeOnTeams(v)
	} else {
		d.teamsOwn(state)
	}
	d.freshLook(r)
}

// caughtUp notes that Graph no longer answers what is over, where nothing is held that it may still have to show.
func (d *step) caughtUp() {
	if t := &d.Teams; !t.Session.Is() && !t.Preferred.Is() {
		t.doubtUntil = time.Time{}
	}
}

// stale tells whether Graph may answer this only because it has not caught up with a write: what it showed before, or
// some choice that the write went over and that was never seen.
func (d *step) stale(v presence.Pair) bool {
	t := &d.Teams
	s, _ := presence.Lookup(v)
	unseen := t.Preferred.unseen() && (t.Preferred.Set && !s.Activity || t.Preferred.restored() && byHand(v) && v != t.Preferred.Shows)
	return d.now.Before(t.doubtUntil) && (v == t.doubt || unseen)
}

// noticeReset notices that the person has put aside what Offhook had made preferred: it would show before any
// session, wherever there is one; but a call that began after it shows over Busy and Available.
func (d *step) noticeReset(state presence.TeamsState) {
	t, v := &d.Teams, state.Pair
	shown := t.Preferred.Seen || !d.now.Before(t.Preferred.Since.Add(d.cfg.Settle))
	over := state.Activity && t.Preferred.Shows == presence.Busy
	if !t.Preferred.Is() || !shown || over || t.Preferred.shows(v) || v == presence.Offline {
		return
	}
	if !byHand(v) && (!d.now.Before(t.Preferred.Since.Add(d.cfg.PreferredFor)) || t.Preferred.left() || d.ended(t.Preferred.Cause)) {
		d.runsOut(&t.Preferred) // or the last run, or another PC, has given it back: which is no choice
		return
	}
	t.Override = t.Override || t.Preferred.Cause.Activity
	d.dropUp(func(to presence.Pair) bool { return to == t.Preferred.Shows })
	t.Preferred = Hold[presence.Pair]{}
	d.say(Reason{Kind: PersonChanged, Side: TeamsSide, Shows: v.String()})
}

// ended tells whether a phone no longer shows the choice that is the cause of something.
func (d *step) ended(c Cause) bool {
	for i, p := range d.Phones {
		if d.cfg.Phones[i].ID == c.Side && !c.Activity && p.Known {
			shows := p.Chosen
			if p.waiting {
				shows = p.Shown.Chosen
			}
			return shows != "" && shows != c.State
		}
	}
	return false
}

// teamsOwn takes a state for the person's own.
func (d *step) teamsOwn(state presence.TeamsState) {
	t, v := &d.Teams, state.Pair
	if t.Session.Set {
		d.tellOverruled(state)
	}
	before := t.Happening
	t.Happening = presence.Pair{}
	if state.Activity {
		t.Happening = v
	} else {
		if v != t.Chosen && byHand(v) {
			d.dropUp(func(to presence.Pair) bool { // a session may stay: what the person chose shows over it
				return to != v && presence.HowToWrite(to) == presence.Preferred
			})
		}
		t.Chosen = v
	}
	t.SeenAt = d.now
	for i := range d.Phones {
		d.Phones[i].told = ""
		d.endEcho(i)
		if !state.Activity {
			d.Phones[i].Override = false
			d.teamsChose(i, v)
		} else if row := d.cfg.Phones[i].Mapping.Phone(v); row.Unchanged() && v != before {
			d.say(Reason{Kind: Unchanged, Side: d.cfg.Phones[i].ID, Source: TeamsSide, State: v.String(), Why: row.Why})
		}
	}
}

// byHand tells whether Teams shows this of itself only where the person chose it: being away or offline may be
// the client's own doing.
func byHand(p presence.Pair) bool {
	return preferable(p) && p != presence.Away && p != presence.Offline
}

// dropUp ends what phones ask for in Teams, as far as it is of that kind: it shows already, or the person has since
// chosen something else there.
func (d *step) dropUp(kind func(to presence.Pair) bool) {
	for i := range d.Phones {
		if up := &d.Phones[i].up; kind(up.want.to) {
			up.want = want[presence.Pair]{}
		}
	}
}

// tellOverruled tells that Teams shows something else than the session says: a status chosen by hand beats
// an application's, and Offhook does not fight it.
func (d *step) tellOverruled(state presence.TeamsState) {
	if t := &d.Teams; !state.Activity {
		d.tellOnce(&t.told, Reason{Kind: OwnHandWins, Side: TeamsSide, Shows: state.Pair.String(),
			Source: t.Session.Cause.Side, State: t.Session.Cause.State})
	}
}

// teamsChose follows a choice in Teams down to a phone.
func (d *step) teamsChose(i int, v presence.Pair) {
	p, m := &d.Phones[i], d.cfg.Phones[i].Mapping
	row := m.Phone(v)
	switch {
	case p.down.anchor == presence.Pair{}: // the first choice seen: nothing has been changed yet
		p.down.anchor = d.cfg.Phones[i].agreedTeams(v)
	case v == p.down.anchor:
	case row.Unchanged():
		if p.down.want.is() {
			p.down = anchored[presence.Pair, string]{anchor: presence.Available}
		}
		d.say(Reason{Kind: Unchanged, Side: d.cfg.Phones[i].ID, Source: TeamsSide, State: v.String(), Why: row.Why})
	case d.silent():
		p.down.anchor = v
	default:
		p.down.anchor = v
		p.down.want = want[string]{row.To, Cause{Side: TeamsSide, State: v.String(), At: d.now}}
	}
}

// freshLook takes up phones whose reading waited for this answer of Graph.
func (d *step) freshLook(r TeamsRead) {
	for i := range d.Phones {
		if p := &d.Phones[i]; p.waiting && !r.Asked.Before(p.waitsSince) {
			d.takePhone(i, true)
		}
	}
}
