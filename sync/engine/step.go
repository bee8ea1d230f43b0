package engine

import (
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// step is one Step under way.
type step struct {
	cfg Config
	State
	now      time.Time
	commands []Command
	reasons  []Reason
}

// Step decides what follows from an event. It changes nothing but what it returns, and where nothing changes it
// allocates nothing.
func (c Config) Step(s State, e Event, now time.Time) (State, []Command, []Reason) {
	if c.nothingNew(&s, e, now) {
		return s, nil, nil
	}
	return c.step(s, e, now)
}

func (c Config) step(s State, e Event, now time.Time) (State, []Command, []Reason) {
	s.Phones = slices.Clone(s.Phones)
	d := &step{cfg: c, State: s, now: now}
	switch e := e.(type) {
	case TeamsRead:
		d.seeTeams(e)
	case TeamsLost:
		d.loseTeams(e.Problem)
	case PhoneRead:
		d.seePhone(e.Phone, e.Reading)
	case PhoneLost:
		d.losePhone(e.Phone, e.Problem)
	case Done:
		d.done(e.Command, e.Problem)
	case PauseUntil:
		d.Paused, d.Until = true, e.Until
		d.say(Reason{Kind: Paused, Until: e.Until})
	case Resume:
		d.resume()
	case Quit:
		d.Quitting = true
		d.say(Reason{Kind: Quits})
	}
	d.passTime()
	if d.silent() {
		d.takeLate() // what is given back now must not take what may be the person's own with it
	}
	d.decide()
	if j := d.cfg.journal(d.State); !j.equal(d.saved) {
		d.saved = j
		d.commands = slices.Insert(d.commands, 0, Command{Do: Save, Journal: &j})
	}
	d.at = now
	return d.State, d.commands, d.reasons
}

// nothingNew takes the short way where a reading tells what was known, and nothing waits for it or for the time.
func (c Config) nothingNew(s *State, e Event, now time.Time) bool {
	if wake := c.Wake(*s, s.at); s.at.IsZero() || !wake.IsZero() && !wake.After(now) {
		return false
	}
	switch e := e.(type) {
	case Tick:
	case TeamsRead:
		t := &s.Teams
		waits := t.Echo && !t.Session.shows(t.Shown) && !t.Preferred.shows(t.Shown) || now.Before(t.doubtUntil) || t.Session.Is() && !t.Session.Seen || t.Preferred.Is() && !t.Preferred.Seen ||
			!t.late.Asked.IsZero() || slices.ContainsFunc(s.Phones, func(p PhoneView) bool { return p.waiting })
		if !t.Known || waits || e.Presence != t.read || t.state.Pair != t.Shown || e.Asked.Before(t.Asked) || e.Asked.Before(t.Written) || t.writing.TeamsWrite() {
			return false
		}
		t.Asked = e.Asked
	case PhoneRead:
		p := &s.Phones[e.Phone]
		if !p.Known || p.unjudged || p.waiting || e.Reading != p.Shown || c.Phones[e.Phone].Polled || now.Before(p.doubtUntil) ||
			!s.Teams.late.Asked.IsZero() {
			return false
		}
	default:
		return false
	}
	s.at = now
	return true
}

func (d *step) say(r Reason) {
	r.At = d.now
	d.reasons = append(d.reasons, r)
}

func (d *step) do(c Command) { d.commands = append(d.commands, c) }

// tellOnce says why a side is left alone, once for each cause.
func (d *step) tellOnce(told *Kind, r Reason) {
	if *told != r.Kind {
		*told = r.Kind
		d.say(r)
	}
}

func (d *step) silent() bool { return d.Paused || d.Closed || d.Quitting }

func (d *step) passTime() {
	if d.cfg.Hours != nil {
		d.keepHours(d.cfg.Hours(d.now))
	}
	if d.Paused && !d.Until.IsZero() && !d.now.Before(d.Until) {
		d.resume()
	}
	for _, h := range []*Hold[presence.Pair]{&d.Teams.Session, &d.Teams.Preferred} {
		if h.Is() && !d.now.Before(h.Until) && !d.Teams.writing.TeamsWrite() {
			d.say(Reason{Kind: Expired, Side: TeamsSide, Shows: h.Shows.String()})
			*h = Hold[presence.Pair]{}
			d.doubtTeams(d.Teams.Shown)
			d.anchorDown() // that it is gone is no choice of the person's
		}
	}
	for i := range d.Phones {
		p := &d.Phones[i]
		late := d.now.Before(p.doubtUntil) || d.now.After(p.doubtUntil.Add(d.cfg.Settle)) // after a sleep, say
		if p.unjudged && p.writing.Do == Nothing && !late {
			d.takePhone(i, false) // it is no late answer, then: it stands there
		}
	}
	if n := &d.Teams.Note; n.Is() && !d.now.Before(n.Until) && !d.Teams.writing.TeamsWrite() {
		*n = Hold[string]{}
	}
	if t := &d.Teams; t.Echo && !t.doubtUntil.IsZero() && !d.now.Before(t.doubtUntil) {
		t.doubtUntil = time.Time{}
		d.do(Command{Do: LookAtTeams})
	}
}

// keepHours begins and ends the hours in which Offhook is at work.
func (d *step) keepHours(open bool, until time.Time) {
	switch {
	case open && d.Closed:
		d.Closed = false
		d.anchor()
		d.say(Reason{Kind: Opened})
	case !open && !d.Closed:
		d.Closed = true
		d.say(Reason{Kind: Closed, Until: until})
	}
}

// anchor takes all choices, as they are, for agreed.
func (d *step) anchor() {
	for i := range d.Phones {
		d.anchorPhone(i)
	}
}

// resume starts anew from how things are: activities are mirrored, differing choices are left.
func (d *step) resume() {
	if !d.Paused {
		return
	}
	d.Paused, d.Until = false, time.Time{}
	d.anchor()
	d.say(Reason{Kind: Resumed})
}

// anchorPhone takes both sides' choices, as they are, for agreed.
func (d *step) anchorPhone(i int) {
	p, c := &d.Phones[i], d.cfg.Phones[i]
	p.down, p.up = anchored[presence.Pair, string]{}, anchored[string, presence.Pair]{}
	if d.Teams.Chosen != (presence.Pair{}) {
		p.down.anchor = c.agreedTeams(d.Teams.Chosen)
	}
	if p.Chosen != "" {
		p.up.anchor = c.agreed(p.Chosen)
	}
}

// doubtTeams notes what Graph may go on answering for a while although it is over.
func (d *step) doubtTeams(stale presence.Pair) {
	d.Teams.doubt, d.Teams.doubtUntil = stale, d.now.Add(d.cfg.Settle)
}

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
		case clear:
		case failed.Unsure:
			slot.Unsure = true
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
		*slot = Hold[presence.Pair]{}
		d.doubtTeams(t.Shown)
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
	if failed != nil && !(obeyed && c.Do == SetStatus) { // what has been seen was carried out, whatever was answered
		p.failures++
		p.retryAt = d.now.Add(patience(failed, p.failures))
		shows := c.Status
		if c.Do == GiveBack {
			shows = ""
		}
		d.say(Reason{Kind: Failed, Side: id, Shows: shows, Problem: failed, Source: cause.Side, State: cause.State})
		switch {
		case c.Do != SetStatus || c.Release:
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
	p.unjudged = p.unjudged && d.shownBy(c.Phone) != p.doubt
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
