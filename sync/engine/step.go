package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
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
		d.say(Reason{Kind: cmp.Or(e.Because, Quits)})
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
			d.doubtTeams(h.mayShow(d.Teams.Shown))
			d.runsOut(h)
			d.Teams.unread = d.now
			d.do(Command{Do: LookAtTeams})
		}
	}
	for i := range d.Phones {
		p := &d.Phones[i]
		late := d.now.Before(p.doubtUntil) || d.now.After(p.doubtUntil.Add(d.cfg.Settle)) // after a sleep, say
		if p.unjudged && !p.waiting && p.Known && p.writing.Do == Nothing && !late {
			d.takePhone(i, false) // it is no late answer, then: it stands there
		}
	}
	if n := &d.Teams.Note; n.Is() && !d.now.Before(n.Until) && !d.Teams.writing.TeamsWrite() {
		*n = Hold[string]{}
	}
	if t := &d.Teams; (t.Echo || t.Preferred.unseen()) && !t.doubtUntil.IsZero() && !d.now.Before(t.doubtUntil) {
		t.doubtUntil, t.unread = time.Time{}, d.now
		d.do(Command{Do: LookAtTeams})
	}
}

// runsOut forgets a hold that has ended by itself: that it is gone is no choice of the person's.
func (d *step) runsOut(h *Hold[presence.Pair]) {
	d.say(Reason{Kind: Expired, Side: TeamsSide, Shows: h.Shows.String()})
	*h = Hold[presence.Pair]{}
	d.anchorDown()
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
