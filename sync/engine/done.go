package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// This file is what follows from how a write ended.

func (d *step) done(c Command, failed *problem.Problem) {
	switch {
	case c.TeamsWrite():
		d.doneTeams(c, failed)
	case c.PhoneWrite():
		d.donePhone(c, failed)
	}
}

func (d *step) doneTeams(c Command, failed *problem.Problem) {
	t := &d.Teams
	t.writing, t.Written = Command{}, d.now
	if c.Do == SetMessage || c.Do == ClearMessage {
		d.doneMessage(c, failed)
		return
	}
	slot := &t.Session
	if c.Do == SetPreferred || c.Do == ClearPreferred {
		slot = &t.Preferred
	}
	clear := c.Do == ClearSession || c.Do == ClearPreferred
	if failed != nil {
		t.failures++
		t.retryAt = d.now.Add(patience(failed, t.failures))
		shows := c.Pair.String()
		if clear {
			shows = ""
		}
		d.say(Reason{Kind: Failed, Side: TeamsSide, Shows: shows, Problem: failed,
			Source: slot.Cause.Side, State: slot.Cause.State})
		switch {
		case clear && failed.Unsure:
			slot.mayBeGone()
		case clear:
		case failed.Unsure:
			slot.Unsure = true
			d.doubtTeams(t.Shown)
		default:
			slot.refused()
		}
		return
	}
	t.failures, t.retryAt, t.told = 0, time.Time{}, ""
	cause := slot.Cause
	renewal := false
	switch {
	case c.Release:
		cause = d.releaseTeams()
		fallthrough
	case clear:
		over := t.Shown
		if !c.Release { // what is taken back on a phone may at once be chosen in Teams
			over = slot.mayShow(t.Shown)
		}
		d.doubtTeams(over)
		*slot = Hold[presence.Pair]{}
		if c.Do == ClearPreferred && !c.Release {
			d.anchorDown()
		}
	default:
		renewal = slot.Set
		slot.written()
		slot.Since, slot.Until = t.began, d.now.Add(c.For)
		if !renewal {
			d.doubtTeams(t.Shown)
		}
		if c.Do == SetPreferred && preferable(t.Chosen) {
			t.Chosen = presence.Pair{} // Graph keeps one: what the person had preferred is gone
		}
	}
	r := Reason{Kind: Mirrored, Side: TeamsSide, Shows: c.Pair.String(), Source: cause.Side, State: cause.State,
		Took: d.now.Sub(cause.At)}
	if clear && !c.Release {
		r.Kind, r.Shows, r.Took = GaveBack, "", d.now.Sub(d.sourceSeen(cause.Side))
	}
	if !renewal {
		d.say(r)
	}
}

// releaseTeams ends the choices of phones that asked for Available, and tells the newest's cause.
func (d *step) releaseTeams() (cause Cause) {
	for i := range d.Phones {
		p := &d.Phones[i]
		if p.up.want.to == presence.Available {
			cause, p.up.want = p.up.want.cause, want[presence.Pair]{}
		}
		p.down = anchored[presence.Pair, string]{anchor: presence.Available}
	}
	return cause
}

// anchorDown takes Teams' choice for agreed after a preferred presence of Offhook's is gone.
func (d *step) anchorDown() {
	for i := range d.Phones {
		if p := &d.Phones[i]; !p.down.want.is() {
			p.down.anchor = d.cfg.Phones[i].agreedTeams(d.Teams.Chosen)
		}
	}
}

func (d *step) donePhone(c Command, failed *problem.Problem) {
	p, id := &d.Phones[c.Phone], d.cfg.Phones[c.Phone].ID
	obeyed := p.obeyed
	p.writing, p.obeyed = Command{}, false
	cause := p.Hold.Cause
	if c.Release {
		cause = p.down.want.cause
	}
	if failed != nil && !(obeyed && failed.Unsure && c.Do == SetStatus) { // what has been seen was carried out, then
		p.failures++
		p.retryAt = d.now.Add(patience(failed, p.failures))
		shows := c.Status
		if c.Do == GiveBack {
			shows = ""
		}
		d.say(Reason{Kind: Failed, Side: id, Shows: shows, Problem: failed, Source: cause.Side, State: cause.State})
		switch {
		case c.Do == GiveBack:
			if failed.Unsure {
				p.Hold.mayBeGone()
			}
		case c.Release:
		case failed.Unsure:
			p.Hold.Unsure = true
		default:
			p.Hold.refused()
		}
		p.doubt, p.doubtUntil = "", d.now.Add(d.cfg.PhoneSettle)
		return
	}
	p.failures, p.retryAt, p.told = 0, time.Time{}, ""
	r := Reason{Kind: Mirrored, Side: id, Shows: c.Status, Source: cause.Side, State: cause.State, Took: d.now.Sub(cause.At)}
	switch {
	case c.Do == GiveBack:
		p.doubt, p.doubtUntil = p.Hold.Shows, d.now.Add(d.cfg.PhoneSettle)
		p.Chosen, p.Hold = p.Hold.Before, Hold[string]{}
		if !cause.Activity {
			p.up.anchor = d.cfg.Phones[c.Phone].agreed(p.Chosen)
		}
		r.Kind, r.Took = GaveBack, d.now.Sub(d.sourceSeen(cause.Side))
	case c.Release:
		p.doubt, p.doubtUntil = p.Chosen, d.now.Add(d.cfg.PhoneSettle)
		p.Chosen, p.Hold = c.Status, Hold[string]{}
		p.down.want = want[string]{}
		p.up.anchor = c.Status
	default:
		p.doubt, p.doubtUntil = p.Hold.stood(), d.now.Add(d.cfg.PhoneSettle)
		p.Hold.written()
		if !cause.Activity {
			p.up = anchored[string, presence.Pair]{anchor: c.Status}
		}
	}
	if c.Do == SetStatus || d.cfg.Phones[c.Phone].happens(p.doubt) { // else it may have been chosen anew meanwhile
		p.unjudged = p.unjudged && d.shownBy(c.Phone) != p.doubt
	}
	d.say(r)
	if p.Hold.Is() {
		d.choseBefore(c.Phone, p.over)
	}
	p.over = ""
	if p.unjudged && obeyed { // it came after what was written
		p.doubtUntil = time.Time{}
		d.takePhone(c.Phone, false)
	}
}

// sourceSeen tells when a side was last seen to change.
func (d *step) sourceSeen(side string) time.Time {
	if side == TeamsSide {
		return d.Teams.SeenAt
	}
	for i, p := range d.cfg.Phones {
		if p.ID == side {
			return d.Phones[i].SeenAt
		}
	}
	return d.now
}

// patience is how long to wait after the nth failed write in a row. What the person must mend is not
// hammered at; a new sign-in or new settings start the engine's side anew.
func patience(p *problem.Problem, n int) time.Duration {
	wait := min(5*time.Second<<min(n-1, 6), 5*time.Minute)
	switch p.Kind {
	case problem.Forbidden, problem.BadLogin, problem.SignedOut, problem.Refused, problem.Settings:
		wait = 5 * time.Minute
	}
	return max(wait, p.RetryAfter)
}
