package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// key is a state in few bytes, hashed: everything that can make a difference later, and nothing else. Moments
// count as whole units from now, those that are over as over; of what was asked, written and read only the order
// counts. Reasons, and when something was seen, make no difference.
func (m *model) key() uint64 {
	k := encoder{model: m, h: 14695981039346656037}
	k.byte(m.config)
	k.byte(m.client)
	k.byte(m.happening)
	k.byte(m.newer)
	k.pair(m.session)
	k.until(m.sessionTo)
	k.pair(m.preferred)
	k.until(m.prefersTo)
	k.byte(m.preferrer)
	k.byte(m.teams)
	if k.byte(m.oldLeft); m.oldLeft > 0 {
		k.pair(m.old)
	}
	for i := range m.configs[0].Phones {
		p := &m.phones[i]
		k.bytes(p.line, p.chosen, p.setter, p.base, p.answers)
	}
	for i := range m.pcs[:m.setup.pcs] {
		k.pc(&m.pcs[i])
	}
	k.past(&m.past)
	return k.h
}

type encoder struct {
	*model
	h uint64
}

func (k *encoder) byte(b uint8) { k.h = (k.h ^ uint64(b)) * 1099511628211 }

func (k *encoder) bytes(all ...uint8) {
	for _, b := range all {
		k.byte(b)
	}
}

func (k *encoder) flag(all ...bool) {
	var b uint8
	for i, f := range all {
		if f {
			b |= 1 << i
		}
	}
	k.byte(b)
}

// until writes how many units are left.
func (k *encoder) until(t time.Time) {
	left := time.Duration(0)
	if !t.IsZero() {
		left = t.Sub(k.now)
	}
	switch {
	case left <= 0:
		k.byte(0)
	default:
		k.byte(uint8(min((left+unit-1)/unit, 255)))
	}
}

var known = []presence.Pair{{}, presence.Available, presence.InACall, presence.InAMeeting, presence.DoNotDisturb,
	presence.Busy, presence.Presenting, presence.Away, presence.Offline, presence.AppearOffline, presence.BeRightBack,
	presence.OutOfOffice, presence.InAConferenceCall, presence.Focusing}

var knownNames = func() (names []string) {
	for _, p := range known {
		names = append(names, p.String())
	}
	return names
}()

func (k *encoder) pair(p presence.Pair) {
	for i := range known {
		if known[i].Activity == p.Activity && known[i].Availability == p.Availability {
			k.byte(uint8(i))
			return
		}
	}
	panic("a pair the key does not know: " + p.String())
}

func (k *encoder) status(s string) {
	switch {
	case s == "":
		k.byte(0)
	case s == NoStatus:
		k.byte(99)
	default:
		k.byte(100 + k.place(s))
	}
}

func (k *encoder) reading(r presence.Reading) {
	k.status(r.Happening)
	k.status(r.Chosen)
}

func (k *encoder) cause(c Cause) {
	k.flag(c.Activity)
	if k.byte(uint8(len(c.Side))); c.Side == "" {
		return
	}
	if c.Side == TeamsSide {
		for i := range knownNames {
			if knownNames[i] == c.State {
				k.byte(uint8(i))
			}
		}
		return
	}
	k.byte(c.Side[len(c.Side)-1])
	k.status(c.State)
}

func (k *encoder) pairs(h *Hold[presence.Pair]) {
	if k.pair(h.Shows); !h.Is() {
		return
	}
	k.pair(h.Was)
	k.cause(h.Cause)
	k.until(h.Until)
	k.until(h.Since.Add(k.cfg().Settle))
	k.until(h.Since.Add(k.cfg().PreferredFor))
	k.flag(h.Set, h.Seen, h.Unsure)
}

func (k *encoder) statuses(h *Hold[string]) {
	if k.status(h.Shows); !h.Is() {
		return
	}
	k.status(h.Before)
	k.status(h.Was)
	k.cause(h.Cause)
	k.until(h.Until)
	k.flag(h.Set, h.Seen, h.Unsure)
}

func (k *encoder) pc(p *modelPC) {
	if k.flag(p.on); !p.on {
		k.journal(p.disk)
		return
	}
	for i := range p.writes {
		w := &p.writes[i]
		if w.command == nil {
			k.byte(0)
			continue
		}
		k.byte(uint8(w.command.Do))
		k.pair(w.command.Pair)
		k.status(w.command.Status)
		k.flag(w.applied, w.renews, w.command.Release)
		if i == 0 {
			k.until(p.state.Teams.began.Add(w.command.For))
		}
	}
	s := p.state
	t := &s.Teams
	k.flag(!p.answer.asked.IsZero(), p.late[0].there, p.late[1].there, s.Paused, s.Closed, s.Quitting)
	if s.Paused {
		k.until(s.Until)
	}
	if asked := p.answer.asked; !asked.IsZero() {
		k.pair(p.answer.shows)
		k.flag(asked.Before(t.Written), asked.Before(t.Asked))
	}
	for i := range s.Phones {
		if p.late[i].there {
			k.reading(p.late[i].Reading)
		}
	}
	k.flag(t.Known, t.Echo, t.Override, t.LostAt.IsZero(), !t.late.Asked.IsZero(), t.Problem != nil, t.Asked.Before(t.unread))
	k.flag(t.doubtUntil.IsZero(), !p.answer.asked.IsZero() && p.answer.asked.Before(t.unread))
	if !t.Known {
		k.until(t.LostAt.Add(k.cfg().Blind))
	}
	k.pair(t.Shown)
	k.pair(t.Happening)
	k.pair(t.Chosen)
	k.pairs(&t.Session)
	k.pairs(&t.Preferred)
	k.statuses(&t.Note)
	if k.until(t.doubtUntil); k.now.Before(t.doubtUntil) {
		k.pair(t.doubt)
	}
	if !t.late.Asked.IsZero() {
		k.pair(t.late.Presence.Pair)
		k.flag(t.late.Asked.Before(t.Written))
	}
	k.until(t.retryAt)
	k.byte(uint8(min(t.failures, 7)))
	for i := range s.Phones {
		k.phone(&s.Phones[i], p)
	}
}

func (k *encoder) phone(v *PhoneView, p *modelPC) {
	k.flag(v.Known, v.LostAt.IsZero(), v.Override, v.waiting, p.state.Teams.late.Asked.After(v.Read),
		v.waiting && p.answer.asked.Before(v.waitsSince), v.unjudged, v.obeyed)
	k.flag(p.state.Teams.SeenAt.Before(v.ToldAt), v.Read.IsZero())
	k.reading(v.Shown)
	k.status(v.Happening)
	k.status(v.Chosen)
	k.status(v.over)
	k.statuses(&v.Hold)
	k.pair(v.down.anchor)
	k.status(v.down.want.to)
	k.cause(v.down.want.cause)
	k.status(v.up.anchor)
	k.pair(v.up.want.to)
	k.cause(v.up.want.cause)
	k.reading(v.echoed)
	if k.until(v.doubtUntil); k.now.Before(v.doubtUntil) {
		k.status(v.doubt)
	}
	k.until(v.retryAt)
	k.byte(uint8(min(v.failures, 7)))
}

func (k *encoder) journal(j *Journal) {
	k.pairs(&j.Session)
	k.pairs(&j.Preferred)
	k.statuses(&j.Message)
	for i := range k.configs[0].Phones {
		h := j.Phones[k.configs[0].Phones[i].ID]
		k.statuses(&h)
	}
	k.byte(uint8(len(j.Overrides)))
	for _, o := range j.Overrides {
		k.byte(o[len(o)-1])
	}
}
