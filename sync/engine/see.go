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
	if r.Presence != t.read {
		t.read = r.Presence
		t.state, _ = presence.State(r.Presence)
	}
	state := t.state
	if state.Title == "" {
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
	case v == t.Shown && t.Echo && state.Activity && !stale && !d.setHere(v) && !d.phoneSays(v) && !d.echoSays():
		t.Echo = false // what Offhook had set is over, and Teams still shows it: it is Teams' own
	case v == t.Shown || stale && !d.setHere(v):
		if t.Session.Set && !t.Session.Seen && !stale && v != t.Session.Shows {
			d.tellOverruled(state)
		}
		if !stale {
			d.noticeReset(state)
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
		if !state.Activity && !d.setHere(v) {
			t.Happening = presence.Pair{}
		}
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
	shown := t.Preferred.Seen || v != t.doubt || !d.now.Before(t.Preferred.Since.Add(d.cfg.Settle))
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
		d.endEcho(i)
		if !state.Activity {
			d.Phones[i].Override = false
			d.teamsChose(i, v)
		} else if row := d.cfg.Phones[i].Mapping.Phone(v); row.Unchanged() && v != before {
			d.say(Reason{Kind: Unchanged, Side: d.cfg.Phones[i].ID, Source: TeamsSide, State: v.String(), Why: row.Why})
		}
	}
}

// endEcho notes that Teams no longer explains what a phone shows. Another PC will give it back, which is no choice
// of the person's; where it does not, it is the phone's own.
func (d *step) endEcho(i int) {
	p := &d.Phones[i]
	if echo := p.echoed.Happening; echo != "" && !d.teamsSays(i, echo) {
		p.echoed.Happening, p.unjudged = "", true
		p.doubt, p.doubtUntil = echo, d.now.Add(d.cfg.Settle)
	}
	if echo := p.echoed.Chosen; echo != "" && p.Chosen != "" && !p.Hold.Is() && !d.teamsSays(i, echo) {
		p.up.anchor = d.cfg.Phones[i].agreed(p.Chosen)
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
	for i := range d.Phones {
		p, c := &d.Phones[i], &d.cfg.Phones[i]
		says := func(happening, chosen string) bool {
			return c.asks(happening) == v || v != presence.Available && c.asks(chosen) == v
		}
		if p.Known && (says(p.Happening, p.Chosen) || p.waiting && says(p.Shown.Happening, p.Shown.Chosen)) {
			return true
		}
	}
	return false
}

// agreeOnTeams notes that a choice shown in Teams and the phone it comes from are of one mind.
func (d *step) agreeOnTeams(v presence.Pair) {
	for i := range d.Phones {
		p, c := &d.Phones[i], &d.cfg.Phones[i]
		if v != presence.Available && c.asks(p.Chosen) == v {
			p.down.anchor = v
		}
	}
}

// mayEchoPolled tells whether Teams may show what Offhook on another PC has seen on a phone that has not been
// read here yet, or is only polled: then its next reading decides.
func (d *step) mayEchoPolled(v presence.Pair) bool {
	if v == presence.Available || d.setHere(v) || d.phoneSays(v) || d.silent() {
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
			!d.teamsSays(i, status) && !(looked && d.bothSay(i, status))
	}
	late := d.now.Before(p.doubtUntil) && d.shownBy(i) == p.doubt
	ownHappening := happening != "" && happening == p.Happening ||
		own(happening, p.echoed.Happening) && !(late && happening == p.doubt)
	ownChosen := chosen != "" && chosen == p.Chosen || own(chosen, p.echoed.Chosen)
	late = late || p.writing.Do != Nothing
	p.obeyed = p.obeyed || p.writing.Do != Nothing && (chosen == p.writing.Status || happening == p.writing.Status)
	news := ownHappening && happening != p.Happening && c.couldBeWritten(happening) ||
		!late && ownChosen && chosen != p.Chosen && p.up.anchor != "" && c.couldBeWritten(chosen)
	if p.waiting = news && !looked; p.waiting {
		p.waitsSince = d.now
		d.do(Command{Do: LookAtTeams})
		return
	}
	if was := c.asks(p.echoed.Happening); p.echoed.Happening != happening && was != (presence.Pair{}) && was == d.Teams.Shown {
		d.doubtTeams(was)
	}
	p.echoed = presence.Reading{}
	if !ownHappening && !late && !p.Hold.shows(happening) {
		p.echoed.Happening = happening
	}
	d.phoneDoes(i, happening, ownHappening)
	if p.unjudged = late; p.unjudged {
		if p.writing.Do != Nothing && !p.obeyed && ownChosen && chosen != p.Chosen {
			p.over = chosen
		}
		return
	}
	p.doubtUntil = time.Time{} // the phone has caught up
	switch {
	case p.Hold.shows(happening) || p.Hold.shows(chosen):
		p.Hold.Seen = true
		if c.happens(p.Hold.Shows) {
			d.choseBefore(i, chosen)
		}
	case chosen == "", p.Hold.begins() && chosen == p.Hold.Before:
	case c.happens(p.Hold.Shows) && (happening != "" || p.Hold.begins()): // something covers what was set, or it is not there yet
		d.choseBefore(i, chosen)
	case !ownChosen:
		if p.Hold.Is() { // another PC has set something else
			p.Hold, p.down = Hold[string]{}, anchored[presence.Pair, string]{anchor: d.Teams.Shown}
		}
		p.echoed.Chosen = chosen
		p.up.anchor = c.agreed(chosen)
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

// bothSay tells whether a status and what Teams shows explain each other, and neither was set here: then another
// PC has mirrored the one to the other, and which came first is not to be told.
func (d *step) bothSay(i int, status string) bool {
	t, m := &d.Teams, d.cfg.Phones[i].Mapping
	return t.Known && t.Echo && !d.setHere(t.Shown) && m.Phone(t.Shown).To == status && m.Teams(status).To == t.Shown
}

// echoSays tells whether what Teams shows and what happens on a phone are of one mind in this way.
func (d *step) echoSays() bool {
	for i, p := range d.Phones {
		if p.echoed.Happening != "" && d.bothSay(i, p.echoed.Happening) {
			return true
		}
	}
	return false
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
