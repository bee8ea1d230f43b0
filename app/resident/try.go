package resident

import (
	"cmp"
	"context"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Try tells what a state on one side would do, with rows that are not saved yet. It asks the engine's own core,
// which reads and writes nothing.
func (r *Resident) Try(_ context.Context, t local.Try) local.Tried {
	set := r.now()
	p, l, missing := set.phone(t.Phone)
	if missing != nil {
		return local.Tried{Problem: missing}
	}
	rows, wrong := withRows(p.Mapping, t.Rows)
	if wrong != nil {
		return local.Tried{Problem: wrong}
	}
	p.Mapping = rows
	mapping, err := Mapping(p, l.system)
	if err != nil {
		return local.Tried{Problem: show(problem.Of(err), whereSettings, time.Time{})}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	trial, wrong := newTrial(set, l, mapping, t)
	if wrong != nil {
		return local.Tried{Problem: wrong}
	}
	return trial.run(r.name)
}

// trial is one phone and Teams, without anybody behind them.
type trial struct {
	config engine.Config
	state  engine.State
	now    time.Time
	where  string // the side that would be written

	teams, teamsBefore presence.Presence
	phone, phoneBefore presence.Reading
	upward             bool // the phone is played, not Teams
	ends               bool // what is played ends by itself
}

func newTrial(set *setup, l line, m presence.Mapping, t local.Try) (*trial, *local.Problem) {
	writes := l.system.Capabilities.Writes
	if limited, ok := l.open.(phone.Reader); ok && limited.ReadOnly() {
		writes = false
	}
	x := &trial{now: time.Now(), upward: t.Side == l.id, where: engine.TeamsSide,
		config: engine.Config{SessionFor: set.Timing.Session, PreferredFor: set.Timing.Preferred, Settle: set.Timing.Settle,
			Phones: []engine.PhoneConfig{{ID: l.id, Mapping: m, Writes: writes}}}.Defaults()}
	state, other := t.State, t.Other
	if !x.upward {
		if t.Side != engine.TeamsSide {
			return nil, wrong(problem.Say("“{text}” is neither Teams nor the phone {phone}", "text", t.Side, "phone", l.id))
		}
		x.where, state, other = l.id, t.Other, t.State
	}
	// from here on state is the phone's, and other is Teams'
	if state == "" {
		state = resting(m)
	}
	status, ok := m.Status(state)
	if !ok {
		return nil, wrong(problem.Say("{phone} has no status “{status}”", "phone", l.title, "status", state))
	}
	pair, err := presence.ParsePair(cmp.Or(other, presence.Available.String()))
	if err != nil {
		return nil, wrong(problem.Plain(err.Error()))
	}
	teams, ok := presence.State(presence.Presence{Pair: pair})
	if !ok {
		return nil, wrong(problem.Say("{text} is no state of Teams", "text", other))
	}
	x.teams, x.teamsBefore = presence.Presence{Pair: teams.Pair}, presence.Presence{Pair: teams.Pair}
	x.phone = reading(m, status)
	x.phoneBefore = x.phone
	if x.upward {
		x.ends = status.Activity
		x.phoneBefore = presence.Reading{Chosen: resting(m)}
	} else {
		x.ends = teams.Activity
		x.teamsBefore = presence.Presence{Pair: presence.Available}
	}
	if x.upward && x.phone == x.phoneBefore { // then it is seen where it comes from something else
		x.phoneBefore = presence.Reading{Chosen: otherChoice(m, state)}
	}
	if !x.upward && x.teams == x.teamsBefore {
		x.teamsBefore = presence.Presence{Pair: presence.Busy}
	}
	return x, nil
}

// resting is the status of nothing in particular.
func resting(m presence.Mapping) string {
	for _, s := range m.Statuses {
		if s.Means == presence.MeansAvailable && !s.Activity {
			return s.Name
		}
	}
	for _, s := range m.Statuses {
		if !s.Activity {
			return s.Name
		}
	}
	return ""
}

func otherChoice(m presence.Mapping, than string) string {
	for _, s := range m.Statuses {
		if !s.Activity && s.Name != than {
			return s.Name
		}
	}
	return than
}

func reading(m presence.Mapping, s presence.Status) presence.Reading {
	if s.Activity {
		return presence.Reading{Happening: s.Name, Chosen: resting(m)}
	}
	return presence.Reading{Chosen: s.Name}
}

// step lets an event happen, and whatever follows from it succeed at once.
func (x *trial) step(e engine.Event) (reasons []engine.Reason) {
	events := []engine.Event{e}
	for n := 0; len(events) > 0 && n < 50; n++ {
		var commands []engine.Command
		var why []engine.Reason
		x.now = x.now.Add(time.Minute) // nothing is doubted any more
		if read, ok := events[0].(engine.TeamsRead); ok {
			read.Asked = x.now
			events[0] = read
		}
		x.state, commands, why = x.config.Step(x.state, events[0], x.now)
		events, reasons = events[1:], append(reasons, why...)
		for _, c := range commands {
			switch {
			case c.TeamsWrite(), c.PhoneWrite():
				events = append(events, engine.Done{Command: c})
			case c.Do == engine.LookAtTeams:
				events = append(events, engine.TeamsRead{Presence: x.teamsNow()})
			}
			switch c.Do {
			case engine.SetStatus, engine.GiveBack:
				shown := x.phoneNow()
				shown.Chosen = cmp.Or(c.Status, shown.Chosen)
				events = append(events, engine.PhoneRead{Reading: shown})
			case engine.SetSession, engine.SetPreferred:
				events = append(events, engine.TeamsRead{Presence: presence.Presence{Pair: c.Pair}})
			case engine.ClearSession, engine.ClearPreferred:
				events = append(events, engine.TeamsRead{Presence: presence.Presence{Pair: presence.Available}})
			}
		}
	}
	return reasons
}

func (x *trial) teamsNow() presence.Presence { return presence.Presence{Pair: x.state.Teams.Shown} }
func (x *trial) phoneNow() presence.Reading  { return x.state.Phones[0].Shown }

func (x *trial) run(name engine.Names) local.Tried {
	x.state = x.config.Start(engine.Journal{})
	x.step(engine.TeamsRead{Presence: x.teamsBefore})
	x.step(engine.PhoneRead{Reading: x.phoneBefore})
	play, stop := engine.Event(engine.TeamsRead{Presence: x.teams}), engine.Event(engine.TeamsRead{Presence: x.teamsBefore})
	if x.upward {
		play, stop = engine.PhoneRead{Reading: x.phone}, engine.PhoneRead{Reading: x.phoneBefore}
	}
	tried := local.Tried{Where: x.where, Unchanged: true, Sentence: name(x.where) + " stays as it is: it shows that already"}
	if why, ok := last(x.step(play), x.where); ok {
		shown := shownReason(why, name)
		tried.Sentence, tried.Why = shown.Sentence, &shown
		if why.Kind == engine.Mirrored || why.Kind == engine.GaveBack {
			tried.Unchanged, tried.Shows, tried.ShowsTitle = false, why.Shows, why.Shows
			if pair, err := presence.ParsePair(why.Shows); err == nil && x.where == engine.TeamsSide {
				tried.ShowsTitle = title(pair)
			}
		}
	}
	if x.ends && !tried.Unchanged {
		if why, ok := last(x.step(stop), x.where); ok {
			shown := shownReason(why, name)
			tried.Then, tried.After = shown.Sentence, &shown
		}
	}
	return tried
}

// last is the newest decision about a side.
func last(reasons []engine.Reason, where string) (why engine.Reason, ok bool) {
	for _, r := range reasons {
		if r.Side == where {
			why, ok = r, true
		}
	}
	return why, ok
}
