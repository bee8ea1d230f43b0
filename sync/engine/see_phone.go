package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// This file takes what a phone shows apart: the person's own share of it, and what is only the echo of a write.

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

// seePhone takes a reading of a phone for what it tells.
func (d *step) seePhone(i int, r presence.Reading) {
	p, c := &d.Phones[i], d.cfg.Phones[i]
	for _, name := range []string{r.Happening, r.Chosen} {
		if _, ok := c.Mapping.Status(name); name != "" && !ok {
			d.losePhone(i, &problem.Problem{Kind: problem.Server, What: problem.Say("{phone} shows {status}, which is no status its profile knows",
				"phone", c.ID, "status", name)})
			return
		}
	}
	if !p.LostAt.IsZero() && !p.Known {
		d.say(Reason{Kind: Found, Side: c.ID})
		p.retryAt, p.failures = d.now, 0
	}
	first := p.Read.IsZero()
	if !p.Known || c.Polled {
		p.Known, p.Problem, p.LostAt, p.Read = true, nil, d.now, d.now
	}
	if r == (presence.Reading{}) && c.neutral() == NoStatus {
		r.Chosen = NoStatus
	}
	defer d.takeLate()
	if first && p.Hold.Is() && c.gone(p.Hold, r) {
		p.Hold, p.down = Hold[string]{}, anchored[presence.Pair, string]{}
		p.up = anchored[string, presence.Pair]{}
	}
	if p.Shown == r && p.waiting {
		return
	}
	if p.Shown != r {
		if p.waiting && d.teamsSays(i, p.Shown.Chosen) {
			d.takePhone(i, true) // what waited has gone again, and Teams had explained it
		}
		p.Shown, p.ToldAt, p.told = r, d.now, ""
	}
	d.takePhone(i, false)
}

// gone tells whether what the last run held on a phone was never written, or is given back already: the last run
// may have ended between the two and the journal. The phone starts anew, then.
func (c PhoneConfig) gone(h Hold[string], r presence.Reading) bool {
	if c.happens(h.Shows) {
		return r.Happening == ""
	}
	return r.Chosen == h.Before
}

// share is what a phone shows, taken apart.
type share struct {
	happening, chosen       string
	ownHappening, ownChosen bool // it is the phone's own, and the person's; else it is an echo
	late                    bool // it may tell of the time before a write
}

// shareOf takes what a phone shows apart. looked tells that Teams has been looked at since.
func (d *step) shareOf(i int, looked bool) share {
	p := &d.Phones[i]
	s := share{happening: p.Shown.Happening, chosen: p.Shown.Chosen}
	own := func(status, echoed string) bool {
		return status != "" && status != echoed && !p.Hold.shows(status) && status != p.writing.Status &&
			!d.teamsSays(i, status) && !(looked && d.bothSay(i, status))
	}
	s.late = d.now.Before(p.doubtUntil) && d.shownBy(i) == p.doubt
	s.ownHappening = s.happening != "" && s.happening == p.Happening ||
		own(s.happening, p.echoed.Happening) && !(s.late && s.happening == p.doubt)
	s.ownChosen = s.chosen != "" && s.chosen == p.Chosen || own(s.chosen, p.echoed.Chosen)
	s.late = s.late || p.writing.Do != Nothing
	return s
}

// news tells whether something of the phone's own is new that could be an echo as well.
func (d *step) news(i int, s share) bool {
	p, c := &d.Phones[i], &d.cfg.Phones[i]
	return s.ownHappening && s.happening != p.Happening && c.couldBeWritten(s.happening) ||
		!s.late && s.ownChosen && s.chosen != p.Chosen && p.up.anchor != "" && c.couldBeWritten(s.chosen)
}

// takePhone takes a phone's reading for what it tells. A status that Offhook on another PC may have written, because
// of something in Teams not yet seen here, waits until Teams has been looked at: looked tells that it has been.
func (d *step) takePhone(i int, looked bool) {
	p := &d.Phones[i]
	s := d.shareOf(i, looked)
	p.obeyed = p.obeyed || p.writing.Do != Nothing && (s.chosen == p.writing.Status || s.happening == p.writing.Status)
	if p.waiting = !looked && d.news(i, s); p.waiting {
		p.waitsSince = d.now
		d.do(Command{Do: LookAtTeams})
		return
	}
	echoed := p.echoed
	p.echoed = presence.Reading{}
	if was := d.cfg.Phones[i].asks(echoed.Happening); echoed.Happening != s.happening && was != (presence.Pair{}) && was == d.Teams.Shown {
		d.doubtTeams(was)
	}
	if !s.ownHappening && !s.late && !p.Hold.shows(s.happening) {
		p.echoed.Happening = s.happening
	}
	d.phoneDoes(i, s)
	if p.unjudged = s.late; !p.unjudged {
		p.doubtUntil = time.Time{} // the phone has caught up
		d.takeChosen(i, s, echoed.Chosen)
	} else if p.writing.Do != Nothing && !p.obeyed && s.ownChosen && s.chosen != p.Chosen {
		p.over = s.chosen
	}
}

// takeChosen follows what is chosen on a phone, as far as it is the person's.
func (d *step) takeChosen(i int, s share, echoed string) {
	p, c, chosen := &d.Phones[i], d.cfg.Phones[i], s.chosen
	switch {
	case p.Hold.shows(s.happening) || p.Hold.shows(chosen):
		p.Hold.Seen = true
		if c.happens(p.Hold.Shows) {
			d.choseBefore(i, chosen)
		}
	case chosen == "", p.Hold.begins() && chosen == p.Hold.Before:
	case c.happens(p.Hold.Shows) && (s.happening != "" || p.Hold.begins()): // something covers what was set, or it is not there yet
		d.choseBefore(i, chosen)
	case !s.ownChosen:
		if p.Hold.Is() { // another PC has set something else
			p.Hold, p.down = Hold[string]{}, anchored[presence.Pair, string]{anchor: d.Teams.Shown}
		}
		p.echoed.Chosen = chosen
		if chosen != echoed || d.teamsSays(i, chosen) { // else Teams has moved on, and its giving back is still to come
			p.up.anchor = c.agreed(chosen)
		}
	case chosen != p.Chosen || p.Hold.Is() || c.agreed(chosen) == chosen && chosen != p.up.anchor:
		d.phoneOwn(i, chosen)
	}
}

// shownBy is what a phone shows in the place where the newest write should have ended something.
func (d *step) shownBy(i int) string {
	p := &d.Phones[i]
	if p.Shown.Chosen == "" || d.cfg.Phones[i].happens(p.doubt) {
		return p.Shown.Happening
	}
	return p.Shown.Chosen
}

// choseBefore follows a choice that the phone has told although it shows what Offhook has set: it stands beside that,
// or beneath it.
func (d *step) choseBefore(i int, chosen string) {
	p := &d.Phones[i]
	if chosen == "" || chosen == p.Chosen {
		return
	}
	p.Chosen, p.Hold.Before, p.SeenAt = chosen, chosen, d.now
	d.phoneChose(i, chosen)
}

// phoneDoes follows what happens on a phone.
func (d *step) phoneDoes(i int, s share) {
	p, m, id := &d.Phones[i], d.cfg.Phones[i].Mapping, d.cfg.Phones[i].ID
	happening, before := "", p.Happening
	if s.ownHappening {
		happening = s.happening
	}
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
	} else if meeting != (presence.Pair{}) && d.Teams.SeenAt.Before(p.ToldAt) && p.up.anchor != "" && !d.silent() &&
		!d.cfg.Phones[i].Mapping.Phone(meeting).Unchanged() {
		p.Override = true
	}
	p.Chosen, p.SeenAt = chosen, d.now
	if t := &d.Teams; t.Echo && !d.setHere(t.Shown) && !d.phoneSays(t.Shown) {
		for i := range d.Phones { // another PC will take back what it shows in Teams: no choice of the person's
			d.Phones[i].down.anchor = d.cfg.Phones[i].agreedTeams(t.Chosen)
		}
	}
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
