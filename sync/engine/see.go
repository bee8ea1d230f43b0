package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// This file takes readings apart: what of a side is the person's own, and what is only the echo of something
// that Offhook, here or on another PC of the same person, has set.

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

func (d *step) losePhone(i int, lost *problem.Problem) {
	p := &d.Phones[i]
	if p.Known || p.LostAt.IsZero() || p.Problem == nil || p.Problem.Kind != lost.Kind {
		d.say(Reason{Kind: Lost, Side: d.cfg.Phones[i].ID, Problem: lost})
	}
	if p.Known || p.LostAt.IsZero() {
		p.LostAt = d.now
	}
	p.Known, p.Problem = false, lost
	d.takeLate()
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
	state, ok := presence.State(r.Presence)
	if !ok {
		d.loseTeams(&problem.Problem{Kind: problem.Server, What: "Teams shows " + r.Presence.Pair.String() +
			", which is no state Offhook knows"})
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
	case v == t.Shown && t.Echo && state.Activity && !stale && !d.setHere(v) && !d.phoneSays(v):
		t.Echo = false // what Offhook had set is over, and Teams still shows it: it is Teams' own
	case v == t.Shown || stale && !d.setHere(v):
		if t.Session.Set && !t.Session.Seen && !stale && v != t.Session.Shows {
			d.tellOverruled(state)
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
		if !t.Session.Is() && !t.Preferred.Is() {
			t.doubtUntil = time.Time{} // Graph has caught up
		}
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
		d.agreeOnTeams(v)
	} else {
		d.teamsOwn(state)
	}
	d.freshLook(r)
}

// stale tells whether Graph may answer this only because it has not caught up with a write.
func (d *step) stale(v presence.Pair) bool {
	return d.now.Before(d.Teams.doubtUntil) && v == d.Teams.doubt
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
	t.Override = t.Override || t.Preferred.Cause.Activity
	for i := range d.Phones {
		if up := &d.Phones[i].up; up.want.to == t.Preferred.Shows {
			up.want = want[presence.Pair]{}
		}
	}
	t.Preferred = Hold[presence.Pair]{}
	d.say(Reason{Kind: PersonChanged, Side: TeamsSide, Shows: v.String()})
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
		t.Chosen = v
	}
	t.SeenAt = d.now
	for i := range d.Phones {
		d.Phones[i].told = ""
		if !state.Activity {
			d.Phones[i].Override = false
			d.teamsChose(i, v)
		} else if row := d.cfg.Phones[i].Mapping.Phone(v); row.Unchanged() && v != before {
			d.say(Reason{Kind: Unchanged, Side: d.cfg.Phones[i].ID, Source: TeamsSide, State: v.String(), Why: row.Why})
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

// setHere tells whether this Offhook has set what Teams shows.
func (d *step) setHere(v presence.Pair) bool {
	return d.Teams.Session.shows(v) || d.Teams.Preferred.shows(v)
}

// phoneSays tells whether a phone's own state would make Teams show this: Offhook on another PC may have
// seen it first.
func (d *step) phoneSays(v presence.Pair) bool {
	for i, p := range d.Phones {
		m := d.cfg.Phones[i].Mapping
		if p.Known && p.Happening != "" && m.Teams(p.Happening).To == v {
			return true
		}
		if p.Known && p.Chosen != "" && v != presence.Available && m.Teams(p.Chosen).To == v {
			return true
		}
	}
	return false
}

// agreeOnTeams notes that a choice shown in Teams and the phone it comes from are of one mind.
func (d *step) agreeOnTeams(v presence.Pair) {
	for i := range d.Phones {
		p, m := &d.Phones[i], d.cfg.Phones[i].Mapping
		if p.Chosen != "" && v != presence.Available && m.Teams(p.Chosen).To == v {
			p.down.anchor = v
		}
	}
}

// mayEchoPolled tells whether Teams may show what Offhook on another PC has seen on a phone that has not been
// read here yet, or is only polled: then its next reading decides.
func (d *step) mayEchoPolled(v presence.Pair) bool {
	if v == presence.Available || d.setHere(v) || d.phoneSays(v) {
		return false
	}
	since := d.Teams.late.Asked
	if since.IsZero() || d.Teams.late.Presence.Pair != v {
		since = d.now
	}
	for i, p := range d.Phones {
		unheard := !p.Known && p.LostAt.IsZero()
		old := d.cfg.Phones[i].Polled && p.Known && p.Read.Before(since)
		if (unheard || old) && d.cfg.Phones[i].couldCause(v) {
			return true
		}
	}
	return false
}

// seePhone takes a reading of a phone for what it tells.
func (d *step) seePhone(i int, r presence.Reading) {
	p, c := &d.Phones[i], d.cfg.Phones[i]
	for _, name := range []string{r.Happening, r.Chosen} {
		if _, ok := c.Mapping.Status(name); name != "" && !ok {
			d.losePhone(i, &problem.Problem{Kind: problem.Server, What: c.ID + " shows " + name +
				", which is no status its profile knows"})
			return
		}
	}
	if !p.LostAt.IsZero() && !p.Known {
		d.say(Reason{Kind: Found, Side: c.ID})
		p.retryAt, p.failures = d.now, 0
	}
	p.Known, p.Problem, p.LostAt, p.Read = true, nil, d.now, d.now
	if r == (presence.Reading{}) && c.neutral() == NoStatus {
		r.Chosen = NoStatus
	}
	defer d.takeLate()
	if p.Shown == r {
		return
	}
	p.Shown = r
	p.told = ""
	d.takePhone(i, false)
}

// freshLook takes up phones whose reading waited for this answer of Graph.
func (d *step) freshLook(r TeamsRead) {
	for i := range d.Phones {
		if p := &d.Phones[i]; p.waiting && !r.Asked.Before(p.waitsSince) {
			d.takePhone(i, true)
		}
	}
}

// takePhone takes what a phone shows apart. A status that Offhook on another PC may have written, because of
// something in Teams not yet seen here, waits until Teams has been looked at: looked tells that it has been.
func (d *step) takePhone(i int, looked bool) {
	p, c := &d.Phones[i], d.cfg.Phones[i]
	happening, chosen := p.Shown.Happening, p.Shown.Chosen
	own := func(status, echoed string) bool {
		return status != "" && status != echoed && !p.Hold.shows(status) && status != p.writing.Status &&
			!d.teamsSays(i, status)
	}
	ownHappening, ownChosen := own(happening, p.echoed.Happening), own(chosen, p.echoed.Chosen)
	news := ownHappening && happening != p.Happening && c.couldBeWritten(happening) ||
		ownChosen && chosen != p.Chosen && p.up.anchor != "" && c.couldBeWritten(chosen)
	if p.waiting = news && !looked; p.waiting {
		p.waitsSince = d.now
		d.do(Command{Do: LookAtTeams})
		return
	}
	p.echoed = presence.Reading{}
	if !ownHappening {
		p.echoed.Happening = happening
	}
	d.phoneDoes(i, happening, ownHappening)
	switch {
	case p.Hold.shows(happening) || p.Hold.shows(chosen):
		p.Hold.Seen = true
	case chosen == "":
	case chosen == p.writing.Status:
		p.obeyed = true
	case d.now.Before(p.doubtUntil) && chosen == p.doubt && !p.Hold.Seen: // late, perhaps
	case !ownChosen:
		p.doubtUntil = time.Time{}
		p.echoed.Chosen = chosen
		p.up.anchor = c.agreed(chosen)
	default:
		p.doubtUntil = time.Time{} // the phone has caught up
		if chosen != p.Chosen || c.agreed(chosen) != p.up.anchor || p.Hold.Is() {
			d.phoneOwn(i, chosen)
		}
	}
}

// phoneDoes follows what happens on a phone.
func (d *step) phoneDoes(i int, happening string, own bool) {
	p, m, id := &d.Phones[i], d.cfg.Phones[i].Mapping, d.cfg.Phones[i].ID
	if !own {
		happening = ""
	}
	before := p.Happening
	if happening == before {
		return
	}
	p.Happening, p.SeenAt = happening, d.now
	if row := m.Teams(before); before != "" && !row.Unchanged() && m.Teams(happening).To != row.To {
		d.doubtTeams(row.To)
	}
	if row := m.Teams(happening); happening != "" && row.Unchanged() {
		d.say(Reason{Kind: Unchanged, Side: TeamsSide, Source: id, State: happening, Why: row.Why})
	}
	if happening == "" {
		d.Teams.Override = false
	}
}

// phoneOwn takes a status for one that the person chose on the phone.
func (d *step) phoneOwn(i int, chosen string) {
	p, id := &d.Phones[i], d.cfg.Phones[i].ID
	meeting := d.Teams.Happening
	if p.Hold.Is() {
		d.say(Reason{Kind: PersonChanged, Side: id, Shows: chosen})
		if p.Hold.Cause.Activity {
			p.Override = true
		}
		p.down.want = want[string]{}
		p.Hold = Hold[string]{}
	} else if meeting != (presence.Pair{}) && p.up.anchor != "" && !d.silent() &&
		!d.cfg.Phones[i].Mapping.Phone(meeting).Unchanged() {
		p.Override = true
	}
	p.Chosen, p.SeenAt = chosen, d.now
	d.phoneChose(i, chosen)
}

// phoneChose follows a choice on a phone up to Teams.
func (d *step) phoneChose(i int, chosen string) {
	p, c := &d.Phones[i], d.cfg.Phones[i]
	row := c.Mapping.Teams(chosen)
	switch {
	case p.up.anchor == "":
		p.up.anchor = c.agreed(chosen)
	case chosen == p.up.anchor:
	case row.Unchanged():
		if p.up.want.is() {
			p.up = anchored[string, presence.Pair]{anchor: c.neutral()}
		}
		if chosen == NoStatus {
			break
		}
		d.say(Reason{Kind: Unchanged, Side: TeamsSide, Source: c.ID, State: chosen, Why: row.Why})
	case d.silent():
		p.up.anchor = chosen
	default:
		p.up.anchor = chosen
		p.down.want = want[string]{}
		p.up.want = want[presence.Pair]{row.To, Cause{Side: c.ID, State: chosen, At: d.now}}
	}
}

// teamsSays tells whether Teams' own state would make this phone show the status.
func (d *step) teamsSays(i int, status string) bool {
	t, m := d.Teams, d.cfg.Phones[i].Mapping
	if !t.Known {
		return false
	}
	if t.Happening != (presence.Pair{}) && m.Phone(t.Happening).To == status {
		return true
	}
	return t.Chosen != (presence.Pair{}) && status != d.cfg.Phones[i].neutral() && m.Phone(t.Chosen).To == status
}
