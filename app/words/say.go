package words

import (
	"maps"
	"slices"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Names gives a side its name: "Teams", or a phone as its person calls it.
func Names(phones []local.Phone) func(side string) string {
	return func(side string) string {
		if side == engine.TeamsSide {
			return "Teams"
		}
		for _, p := range phones {
			if p.ID == side {
				return p.Title
			}
		}
		return side
	}
}

// Named is a status whose phones have names in the person's language, where the person gave them none of their own.
func (w *Words) Named(s local.Status) local.Status {
	s.Phones = slices.Clone(s.Phones)
	for i := range s.Phones {
		s.Phones[i].Title = w.T(s.Phones[i].Title)
	}
	return s
}

// State is how a person knows a state: one of Teams by its title, one of a phone by the name its file gives it.
func (w *Words) State(state string) string {
	if pair, err := presence.ParsePair(state); err == nil {
		if s, ok := presence.Lookup(pair); ok {
			return w.T(s.Title)
		}
	}
	return w.T(state)
}

// Reason is the sentence of a decision. The engine words it, in English; here it is said in the person's
// language with the same parts. One of an Offhook that knew more is shown as it said it.
func (w *Words) Reason(r local.Reason, name func(side string) string, now time.Time) string {
	part := func(key string) string { s, _ := r.With[key].(string); return s }
	e := engine.Reason{Kind: engine.Kind(r.Kind), Side: r.Where, Shows: part("shows"), Source: part("source"), State: part("state")}
	until, err := time.Parse(time.RFC3339, part("until"))
	if err == nil {
		e.Until = until
	}
	phrase := e.Phrase()
	if phrase == "" || len(r.With) == 0 && r.Sentence != "" {
		return Sentence(r.Sentence)
	}
	return Sentence(w.T(phrase, "side", name(r.Where), "source", name(e.Source), "state", w.State(e.State),
		"shows", w.State(e.Shows), "why", w.T(part("why")), "problem", w.text(r.Told, part("what")), "until", w.Until(until, now)))
}

// Differ says why the two sides do not show the same, where they do not.
func (w *Words) Differ(s local.Status, now time.Time) string {
	if s.DifferWhy == nil {
		return Sentence(s.Differ)
	}
	if len(s.DifferWhy.With) == 0 {
		return w.T("They differed before Offhook looked; that is left until you change one") + "."
	}
	return w.Reason(*s.DifferWhy, Names(s.Phones), now)
}

// Told is a problem as it is told: what happened, and what to do.
type Told struct{ What, Do string }

// Problem tells what is wrong in the person's language.
func (w *Words) Problem(p *local.Problem) Told {
	if p == nil {
		return Told{}
	}
	return Told{What: w.text(p.Said.What, p.What), Do: w.text(p.Said.Do, p.Do)}
}

// Notes tells what the person should know of what went well.
func (w *Words) Notes(r local.Result) string {
	var all []string
	for _, note := range r.Noted {
		all = append(all, w.text(note, ""))
	}
	return Sentences(all...)
}

// Found tells what a phone answered that was tried, without a full stop.
func (w *Words) Found(t local.Tested) string {
	if w.tag == "en" || t.Said.IsZero() {
		return t.Found
	}
	return w.text(t.Said, "")
}

// text says a text, or what an Offhook that had no phrase for it said.
func (w *Words) text(t problem.Text, plain string) string {
	if t.IsZero() {
		return w.T(plain)
	}
	return t.In(func(phrase string) string { return w.T(phrase) })
}

// Status is the state in one plain sentence, without a full stop.
func (w *Words) Status(s local.Status, now time.Time) string {
	p := w.Problem(s.Problem)
	switch {
	case s.Account.SigningIn != "" && !s.Account.SignedIn:
		return w.T("Signing in")
	case !s.Account.SignedIn && (s.Problem == nil || s.Problem.Kind == string(problem.SignedOut)):
		return w.T("Nobody is signed in to Microsoft")
	case s.Problem != nil:
		return p.What
	case s.Paused != nil:
		return w.Paused(s.Paused.Until, now)
	case !s.Closed.IsZero():
		return w.T("Outside your hours until {until}", "until", w.Until(s.Closed, now))
	case !s.Synced:
		return w.T("Starting: not everything has been read yet")
	}
	return w.T("In step")
}

// Paused tells how long a pause lasts, without a full stop.
func (w *Words) Paused(until, now time.Time) string {
	if until.IsZero() {
		return w.T("Paused until you resume")
	}
	return w.T("Paused until {until}", "until", w.Until(until, now))
}

// phrases are the texts that no call names: the engine's and the states'.
func phrases() map[string]bool {
	all := map[string]bool{presence.LeftByPerson: true, presence.OneWay: true}
	for _, s := range presence.TeamsStates() {
		all[s.Title] = true
	}
	for _, c := range local.Choices() {
		all[c.Title] = true
	}
	maps.Copy(all, engine.Phrases())
	delete(all, "")
	return all
}
