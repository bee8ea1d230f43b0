package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Teams is what the engine needs of the Teams side. Errors are *problem.Problem.
type Teams interface {
	// Watch reports each answer of Graph, with the time the question was sent, or why there was none.
	Watch(ctx context.Context, report func(p presence.Presence, asked time.Time, err error))
	Nudge(why string) // read at once
	// What follows writes, and is followed by a read before long.
	SetSession(context.Context, presence.Pair, time.Duration) error
	ClearSession(context.Context) error
	SetPreferred(context.Context, presence.Pair, time.Duration) error
	ClearPreferred(context.Context) error
	SetMessage(ctx context.Context, text string, d time.Duration) error
	ClearMessage(context.Context) error
}

// Phone is what the engine needs of a phone: see phone.Phone.
type Phone interface {
	Watch(ctx context.Context, report func(presence.Reading, error))
	Write(ctx context.Context, status string) error
	GiveBack(ctx context.Context, before string) error
}

// Keeper keeps the journal on disk.
type Keeper interface{ Save(Journal) error }

// Runner runs the core. It owns every goroutine it starts; Run ends them.
type Runner struct {
	Config  Config
	Teams   Teams
	Phones  []Phone // in the order of Config.Phones
	Keeper  Keeper
	Journal Journal // what the last run left

	// Observe is told each state, and the reasons that led to it, from Run's goroutine. It must not block.
	Observe func(State, []Reason)

	once   sync.Once
	events chan Event
}

// The longest a write may take, and a farewell at the end.
const (
	writeTimeout = 20 * time.Second
	farewell     = 8 * time.Second
)

func (r *Runner) queue() chan Event {
	r.once.Do(func() { r.events = make(chan Event) })
	return r.events
}

// Tell hands the engine an event from outside: a pause, a resume. It gives up when ctx ends.
func (r *Runner) Tell(ctx context.Context, e Event) {
	select {
	case r.queue() <- e:
	case <-ctx.Done():
	}
}

// Configure has the engine at work go on with another configuration of the same phones, and decide anew what
// is to be shown. It gives up when ctx ends.
func (r *Runner) Configure(ctx context.Context, c Config) { r.Tell(ctx, configured{c}) }

type configured struct{ Config }

func (configured) event() {}

// step is a Step of the core; another configuration is followed at once.
func (r *Runner) step(s State, e Event) (State, []Command, []Reason) {
	if c, ok := e.(configured); ok {
		r.Config = c.Config
		return r.Config.step(s, Tick{}, time.Now())
	}
	return r.Config.Step(s, e, time.Now())
}

// Ends is the cause of the end of Run's context, where it is not the end of Offhook: SettingsChanged or
// SignInChanged.
type Ends Kind

func (e Ends) Error() string { return string(e) }

// Run keeps the sides in step until ctx ends. Then it gives back what is held, as far as the sides answer,
// and returns with everything ended; what could not be given back stays in the journal.
func (r *Runner) Run(ctx context.Context) {
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var started sync.WaitGroup
	defer started.Wait()
	defer stop()

	events := r.queue()
	tell := func(e Event) { r.Tell(watching, e) }
	started.Go(func() {
		r.Teams.Watch(watching, func(p presence.Presence, asked time.Time, err error) {
			if err != nil {
				tell(TeamsLost{problem.Of(err)})
				return
			}
			tell(TeamsRead{p, asked})
		})
	})
	for i, p := range r.Phones {
		started.Go(func() {
			p.Watch(watching, func(reading presence.Reading, err error) {
				if err != nil {
					tell(PhoneLost{i, problem.Of(err)})
					return
				}
				tell(PhoneRead{i, reading})
			})
		})
	}

	state := r.Config.Start(r.Journal)
	timer := time.NewTimer(0)
	defer timer.Stop()
	ended := ctx.Done()
	var deadline <-chan time.Time
	for {
		var event Event
		select {
		case event = <-events:
		case <-timer.C:
			event = Tick{}
		case <-ended:
			ended, deadline = nil, time.After(farewell)
			var because Ends
			errors.As(context.Cause(ctx), &because)
			event = Quit{Because: Kind(because)}
		case <-deadline:
			return
		}
		pending := []Event{event}
		for len(pending) > 0 {
			var commands []Command
			var reasons []Reason
			state, commands, reasons = r.step(state, pending[0])
			pending = append(pending[1:], r.carryOut(watching, &started, commands, tell)...)
			r.Observe(state, reasons)
		}
		if state.Quitting && !state.Busy() && !state.canGiveBack() {
			return
		}
		timer.Stop()
		if wake := r.Config.Wake(state, time.Now()); !wake.IsZero() {
			timer.Reset(time.Until(wake))
		}
	}
}

// carryOut starts what is to be done. It answers at once what could not even be started: where the journal
// cannot be saved nothing is written, for it could not be given back after a crash.
func (r *Runner) carryOut(ctx context.Context, started *sync.WaitGroup, commands []Command, tell func(Event)) (failed []Event) {
	var unsaved *problem.Problem
	for _, c := range commands {
		switch {
		case c.Do == Save:
			if err := r.Keeper.Save(*c.Journal); err != nil {
				unsaved = problem.Of(err)
			}
		case c.Do == LookAtTeams:
			r.Teams.Nudge("something changed")
		case unsaved != nil && c.sets():
			failed = append(failed, Done{c, unsaved})
		default:
			started.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, writeTimeout)
				defer cancel()
				err := r.write(ctx, c)
				if err != nil {
					tell(Done{c, problem.Of(err)})
					return
				}
				tell(Done{Command: c})
			})
		}
	}
	return failed
}

func (r *Runner) write(ctx context.Context, c Command) error {
	switch c.Do {
	case SetSession:
		return r.Teams.SetSession(ctx, c.Pair, c.For)
	case ClearSession:
		return r.Teams.ClearSession(ctx)
	case SetPreferred:
		return r.Teams.SetPreferred(ctx, c.Pair, c.For)
	case ClearPreferred:
		return r.Teams.ClearPreferred(ctx)
	case SetMessage:
		return r.Teams.SetMessage(ctx, c.Status, c.For)
	case ClearMessage:
		return r.Teams.ClearMessage(ctx)
	case SetStatus:
		return r.Phones[c.Phone].Write(ctx, c.Status)
	default:
		return r.Phones[c.Phone].GiveBack(ctx, c.Status)
	}
}

// canGiveBack tells whether anything held is on a side that answers.
func (s State) canGiveBack() bool {
	if s.Teams.Known && s.Teams.failures == 0 && (s.Teams.Session.Is() || s.Teams.Preferred.Is() || s.Teams.Note.Is()) {
		return true
	}
	for _, p := range s.Phones {
		if p.Hold.Is() && p.Known && p.failures == 0 && (p.Happening == "" || p.Shown.Chosen != "") {
			return true
		}
	}
	return false
}
