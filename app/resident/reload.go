package resident

import (
	"reflect"
	"time"
)

// reload follows the settings as they are now. What only concerns how states are mirrored goes to the engine at
// work; where who signs in, or a phone, is another, what is held is given back and the engine starts anew. A
// file that is not right changes nothing but what the person is told.
func (r *Resident) reload() {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.follow(r.prepare(r.now()))
}

// take makes a setup the one in force. Its caller holds r.mu, or is alone yet.
func (r *Resident) take(next *setup) {
	r.set, r.stray = next, nil
	r.current.Store(next)
}

// follow is reload, once the settings have been read. Its caller holds r.changing.
func (r *Resident) follow(next *setup) {
	r.signing.Lock() // no sign-in begins with what is on its way out
	defer r.signing.Unlock()
	was := r.now()
	switch {
	case next.problem != nil && was.problem == nil:
		r.mu.Lock()
		r.stray = next.problem
		r.mu.Unlock()
		r.o.Log.Warn("the settings are not followed", "problem", next.problem.What)
	case next.problem == nil && was.problem == nil && next.print == was.print:
		r.mu.Lock()
		r.take(next)
		runner, running, same := r.runner, r.running, r.runs == next.print
		r.mu.Unlock()
		if runner != nil && same && !reflect.DeepEqual(was.Settings, next.Settings) {
			runner.Configure(running, next.config)
		}
	default:
		r.mu.Lock()
		last := r.attempt
		r.mu.Unlock()
		if next.teams != was.teams {
			r.end(last)
		}
		r.endPhones()
		r.mu.Lock()
		r.take(next)
		r.mu.Unlock()
		select {
		case r.restarts <- struct{}{}:
		default: // it is about to
		}
	}
	if !reflect.DeepEqual(r.now().Hints, was.Hints) {
		select {
		case r.rehear <- struct{}{}:
		default: // it is about to
		}
	}
	if now := r.now(); now.General.Days() != was.General.Days() {
		if err := r.story.Forget(time.Now(), now.General.Days()); err != nil {
			r.o.Log.Warn("old days of the activity stay", "problem", err)
		}
	}
	r.refresh()
}
