package sip

import (
	"slices"

	"github.com/offhook/offhook/sync/presence"
)

// reading is what is known of the phone. l.mu is held.
func (l *line) reading() (r presence.Reading) {
	on, _ := l.isDND()
	does := l.table.does(func(d dialog) bool {
		// On many a phone system do not disturb lights the same lamp as a call does. What names no call is then
		// taken for that: a call would be shown as no less than do not disturb anyway.
		return d.named || !on
	})
	if s, ok := l.status(does); ok {
		r.Happening = s.Name
	}
	published := ""
	if l.presence {
		all := l.statements()
		published = shown(all)
		if s, ok := l.status(published); ok && s.Activity {
			if r.Happening == "" {
				r.Happening = s.Name
			}
			published = shown(slices.DeleteFunc(all, func(o statement) bool { return o.word == published }))
		}
	}
	switch {
	case on:
		published = dnd
	case published == "" && (l.hasCodes() || l.dndLamp != ""):
		published = available
	}
	if s, ok := l.status(published); ok && !s.Activity {
		r.Chosen = s.Name
	}
	return r
}

// isDND tells whether do not disturb is on, as far as the lamp tells, or where there is none, the code dialled last;
// and whether that is known. l.mu is held.
func (l *line) isDND() (on, known bool) {
	if l.dndLamp != "" {
		return l.lamp.known && l.lamp.does(func(dialog) bool { return true }) != "", l.lamp.known
	}
	return l.dialled == dnd, l.dialled != ""
}

// statements are what counts of all that is published: what the last run of Offhook has left does not. l.mu is held.
func (l *line) statements() []statement {
	var all []statement
	for _, s := range l.says {
		mine := l.mine(s)
		if mine && (!l.pub.counts || !s.at.IsZero() && s.at.Before(l.pub.since)) {
			continue
		}
		s.said = s.said || mine
		all = append(all, s)
	}
	return all
}

// others are what others publish of the person. l.mu is held.
func (l *line) others() []statement {
	return slices.DeleteFunc(slices.Clone(l.says), l.mine)
}

func (l *line) mine(s statement) bool { return s.id == l.tuple || s.id == l.tuple+"-person" }

// status finds the preset's status for a word.
func (l *line) status(word string) (Status, bool) {
	for _, s := range l.statuses {
		if word != "" && slices.Contains(s.Values, word) {
			return s, true
		}
	}
	return Status{}, false
}
