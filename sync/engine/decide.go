package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// This file is the rules: what each side is to show, given how things are, and the one write that brings it
// nearer. Which of several causes wins stands here and nowhere else.

func (d *step) decide() {
	d.decideTeams()
	for i := range d.Phones {
		d.decidePhone(i)
	}
}

// claim is what one phone would have Teams show.
type claim struct {
	want[presence.Pair]
	known bool // the phone is read; else what it caused stays until it expires
}

// better orders claims: do not disturb over busy over the rest; of equals the phone named first in the
// settings.
func better(a, b claim) bool { return rank(a.to) > rank(b.to) }

// rank puts Available last: it asks for nothing to be held.
func rank(p presence.Pair) int {
	s, ok := presence.Lookup(p)
	if !ok || p == presence.Available {
		return -1
	}
	return int(s.Means)
}

// claims gathers what the phones would have Teams show in one way: an activity before a choice.
func (d *step) claims(way presence.Way) (best claim) {
	if d.silent() {
		return claim{known: true}
	}
	held := d.Teams.Session
	if way == presence.Preferred {
		held = d.Teams.Preferred
	}
	for i, p := range d.Phones {
		c := d.cfg.Phones[i]
		mine := claim{known: true}
		to := c.asks(p.Happening)
		switch {
		case !p.Known || p.waiting:
			if held.Is() && held.Cause.Side == c.ID {
				mine = claim{want: want[presence.Pair]{held.Shows, held.Cause}}
			}
		case to != (presence.Pair{}) && presence.HowToWrite(to) == way && d.mayRaise(way):
			mine.want = want[presence.Pair]{to, Cause{Side: c.ID, State: p.Happening, Activity: true, At: p.SeenAt}}
		case p.up.want.is() && presence.HowToWrite(p.up.want.to) == way:
			mine.want = p.up.want
		}
		if mine.is() && (!best.is() || better(mine, best)) {
			best = mine
		}
	}
	return best
}

// mayRaise tells whether an activity may use the preferred presence, which overrules the person: only where
// they have chosen nothing, and have not put it aside.
func (d *step) mayRaise(way presence.Way) bool {
	t := d.Teams
	return way == presence.Session || !t.Override && (t.Preferred.Is() || t.Chosen == presence.Available)
}

func (d *step) decideTeams() {
	t := &d.Teams
	if t.writing.Do != Nothing || d.now.Before(t.retryAt) || !t.Known || t.Asked.Before(t.unread) {
		return
	}
	if t.Shown == (presence.Pair{}) { // what stands there may be what the last run went over, or what went over that
		return
	}
	session, preferred := d.claims(presence.Session), d.claims(presence.Preferred)
	switch {
	case d.hold(&t.Session, session, SetSession, ClearSession, d.cfg.SessionFor):
	case preferred.to == presence.Available:
		d.release(preferred.cause)
	case preferred.to == presence.Busy && d.covered():
	case preferred.is() && !t.Preferred.Is() && preferred.to == t.Shown: // it shows already, or Graph has not caught up
		if d.stale(t.Shown) {
			break
		}
		d.dropUp(func(to presence.Pair) bool { return to == t.Shown })
	case d.hold(&t.Preferred, preferred, SetPreferred, ClearPreferred, d.cfg.PreferredFor):
		for i := range d.Phones {
			if p := &d.Phones[i]; t.Preferred.Is() && !t.Preferred.Cause.Activity && t.writing.Do == SetPreferred {
				p.down = anchored[presence.Pair, string]{anchor: t.Preferred.Shows}
			}
		}
	}
	d.decideMessage(session)
}

// hold brings one of Teams' two slots to what is claimed, and tells whether that takes a write.
func (d *step) hold(slot *Hold[presence.Pair], c claim, set, clear Verb, life time.Duration) bool {
	write := Command{Do: set, Pair: c.to, For: life}
	switch {
	case !c.is() && !slot.Is():
		return false
	case !c.is():
		write = Command{Do: clear, Pair: slot.Shows}
	case c.to == slot.Shows && slot.Set:
		slot.Cause = keepAge(slot.Cause, c.cause)
		if !c.known || slot.Since.Add(life).Sub(d.now) > renewWhen(life) {
			return false
		}
	case c.to == slot.Shows && !c.known:
		return false
	case c.to == slot.Shows: // a write that may have failed: once more
		slot.Until = d.now.Add(life)
	default:
		*slot = slot.next(c.to, d.Teams.Shown, c.cause, d.now)
		slot.Until = d.now.Add(life)
	}
	d.Teams.writing, d.Teams.began = write, d.now
	d.do(write)
	return true
}

// covered tells whether Teams shows a call or a meeting: to prefer Busy now would hide it, so that waits.
func (d *step) covered() bool {
	state, ok := presence.Lookup(d.Teams.Shown)
	return ok && state.Activity
}

// keepAge lets a hold follow its cause (on a call → on hold) without the journal changing for it.
func keepAge(held, now Cause) Cause {
	if held.Side == now.Side && held.Activity == now.Activity {
		return held
	}
	return now
}

// release mirrors "available": the preferred presence goes, so that Teams shows what is real. To prefer
// Available would keep a person green who is not there.
func (d *step) release(c Cause) {
	t := &d.Teams
	if !t.Preferred.Is() && (t.Happening != (presence.Pair{}) || !preferable(t.Shown)) {
		d.releaseTeams()
		return
	}
	t.writing = Command{Do: ClearPreferred, Pair: presence.Available, Release: true}
	d.do(t.writing)
}

// preferable tells whether what Teams shows may be a choice that can be taken back.
func preferable(p presence.Pair) bool {
	return p != presence.Available && presence.HowToWrite(p) == presence.Preferred
}

// decidePhone brings one phone to what Teams wants there.
func (d *step) decidePhone(i int) {
	p, c := &d.Phones[i], d.cfg.Phones[i]
	if p.writing.Do != Nothing || d.now.Before(p.retryAt) || !p.Known || p.waiting {
		return
	}
	w, ok := d.wanted(i)
	if !ok || w.to == p.Hold.Shows && (p.Hold.Set || !w.is()) {
		return
	}
	if !c.Writes {
		p.down.want = want[string]{}
		return
	}
	beside := p.Shown.Chosen != "" && !c.happens(w.to) && !c.happens(p.Hold.Shows)
	if p.unjudged && !d.silent() { // what it shows is not known now
		return
	}
	if p.Happening != "" && !beside { // it shows one thing at a time, and that is its own call
		if w.is() {
			d.tellOnce(&p.told, Reason{Kind: InUse, Side: c.ID, Source: w.cause.Side, State: w.cause.State})
		}
		return
	}
	base := d.base(i)
	release := !w.cause.Activity && w.is() && c.means(w.to) == presence.MeansAvailable
	switch {
	case p.Hold.Is() && (!w.is() || w.to == base):
		p.down.want = want[string]{}
		p.writing = Command{Do: GiveBack, Phone: i, Status: p.Hold.Before}
		if p.Hold.Before == NoStatus {
			p.writing.Status = ""
		}
	case !p.Hold.Is() && (w.to == p.Chosen || w.to == p.Shown.Chosen || w.to == p.Shown.Happening): // it shows already
		p.down.want = want[string]{}
		return
	case !p.Hold.Is() && p.Chosen == "": // what stands there is not known, so it could not be given back
		return
	case release:
		p.writing = Command{Do: SetStatus, Phone: i, Status: w.to, Release: true}
	default:
		p.Hold = p.Hold.next(w.to, p.Chosen, w.cause, d.now)
		p.writing = Command{Do: SetStatus, Phone: i, Status: w.to}
	}
	d.do(p.writing)
}

// base is what a phone is to show when nothing is held.
func (d *step) base(i int) string {
	if p := &d.Phones[i]; p.Hold.Is() {
		return p.Hold.Before
	}
	return d.Phones[i].Chosen
}

// wanted is what Teams would have a phone show; not ok: that cannot be told now, and all stays as it is.
func (d *step) wanted(i int) (w want[string], ok bool) {
	t, p, c := &d.Teams, &d.Phones[i], d.cfg.Phones[i]
	if d.silent() {
		return w, true
	}
	if !t.Known {
		blind := p.Hold.Is() && !t.LostAt.IsZero() && !d.now.Before(t.LostAt.Add(d.cfg.Blind))
		return w, blind
	}
	if t.Happening == (presence.Pair{}) || p.Override {
		return p.down.want, true
	}
	row := c.Mapping.Phone(t.Happening)
	if row.Unchanged() {
		return p.down.want, true
	}
	if base := d.base(i); base != "" && c.means(base) > c.means(row.To) {
		d.tellOnce(&p.told, Reason{Kind: OwnHandWins, Side: c.ID, Shows: base, Source: TeamsSide, State: t.Happening.String()})
		return p.down.want, true
	}
	return want[string]{row.To, Cause{Side: TeamsSide, State: t.Happening.String(), Activity: true, At: t.SeenAt}}, true
}
