package engine

import "github.com/offhook/offhook/sync/presence"

// This file tells echoes from what is the person's own: what a side shows may be there because Offhook, here or on
// another PC of the same person, has set it, or will soon be given back by it.

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

// mayEchoPolled tells whether Teams may show what Offhook on another PC has seen on a phone that has not been
// read here yet, or is only polled: then its next reading decides.
func (d *step) mayEchoPolled(v presence.Pair) bool {
	if v == presence.Available && !d.Teams.Preferred.Is() || d.setHere(v) || d.phoneSays(v) || d.silent() {
		return false
	}
	since := d.Teams.late.Asked
	if since.IsZero() || d.Teams.late.Presence.Pair != v {
		since = d.now
	}
	for i, p := range d.Phones {
		unheard := !p.Known && p.LostAt.IsZero()
		old := d.cfg.Phones[i].Polled && p.Known && p.Read.Before(since)
		cause := d.Teams.Preferred.Cause
		causes := d.cfg.Phones[i].couldCause(v) || v == presence.Available && !cause.Activity && cause.Side == d.cfg.Phones[i].ID
		if (unheard || old) && causes {
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
