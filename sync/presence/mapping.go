package presence

import (
	"fmt"
	"slices"
	"strings"
)

// Status is one thing a phone system says of a person, in its own words.
type Status struct {
	Name     string // as the phone system's own program shows it
	Means    Means
	Activity bool // it happens and ends by itself; else the person chose it
	Writable bool // the phone system lets it be set
}

// Reading is a phone as just seen: what is happening there and what the person chose there, as names of
// statuses. Happening is empty when nothing happens. Chosen is empty when the phone does not tell (some
// show one status only, and during a call that is the call).
type Reading struct {
	Happening string
	Chosen    string
}

// Why a row leaves the other side unchanged, where no phone system's file says it.
const (
	LeftByPerson = "you left it unchanged in the settings"
	OneWay       = "this goes one way only, from the phone to Teams"
)

// Row is one row of a mapping: what stands on one side and what the other is to show. An empty To leaves
// the other side unchanged, and Why says why.
type Row[From, To comparable] struct {
	From From
	To   To
	Why  string
}

// Unchanged tells whether the row leaves the other side as it is.
func (r Row[From, To]) Unchanged() bool {
	var none To
	return r.To == none
}

// Mapping is what a phone system can say and the two tables between it and Teams.
type Mapping struct {
	Statuses []Status
	ToPhone  []Row[Pair, string]
	ToTeams  []Row[string, Pair]
}

// Status finds a status by its name, in any spelling of upper and lower case.
func (m Mapping) Status(name string) (Status, bool) {
	for _, s := range m.Statuses {
		if strings.EqualFold(s.Name, name) {
			return s, true
		}
	}
	return Status{}, false
}

// Phone answers the row for a Teams state. A state without a row leaves the phone unchanged.
func (m Mapping) Phone(p Pair) Row[Pair, string] {
	for _, r := range m.ToPhone {
		if r.From == p {
			return r
		}
	}
	return Row[Pair, string]{From: p, Why: fmt.Sprintf("the mapping has no row for %s", p)}
}

// Teams answers the row for a phone status. A status without a row leaves Teams unchanged.
func (m Mapping) Teams(status string) Row[string, Pair] {
	for _, r := range m.ToTeams {
		if strings.EqualFold(r.From, status) {
			return r
		}
	}
	return Row[string, Pair]{From: status, Why: fmt.Sprintf("the mapping has no row for %q", status)}
}

// Check finds the first thing in a mapping that cannot be carried out.
func (m Mapping) Check() error {
	names := make([]string, len(m.Statuses))
	for i, s := range m.Statuses {
		if slices.ContainsFunc(names[:i], func(n string) bool { return strings.EqualFold(n, s.Name) }) {
			return fmt.Errorf("the status %q stands twice", s.Name)
		}
		names[i] = s.Name
	}
	unknown := func(name string) error {
		return fmt.Errorf("%q is no status of this phone; it has: %s", name, strings.Join(names, ", "))
	}
	for i, r := range m.ToPhone {
		if _, ok := Lookup(r.From); !ok {
			return fmt.Errorf("%s is no state of Teams; it has: %s", r.From, joinPairs(statePairs()))
		}
		if slices.ContainsFunc(m.ToPhone[:i], func(o Row[Pair, string]) bool { return o.From == r.From }) {
			return fmt.Errorf("the row for %s stands twice", r.From)
		}
		if r.Unchanged() {
			continue
		}
		if s, ok := m.Status(r.To); !ok {
			return unknown(r.To)
		} else if !s.Writable {
			return fmt.Errorf("%s cannot become %q: the phone system does not let it be set", r.From, r.To)
		}
	}
	for i, r := range m.ToTeams {
		if _, ok := m.Status(r.From); !ok {
			return unknown(r.From)
		}
		if slices.ContainsFunc(m.ToTeams[:i], func(o Row[string, Pair]) bool { return strings.EqualFold(o.From, r.From) }) {
			return fmt.Errorf("the row for %q stands twice", r.From)
		}
		if !r.Unchanged() && HowToWrite(r.To) == NoWay {
			return fmt.Errorf("%q cannot become %s: Graph lets an application set only %s", r.From, r.To, joinPairs(LegalTargets()))
		}
	}
	return nil
}

func statePairs() []Pair {
	states := TeamsStates()
	pairs := make([]Pair, len(states))
	for i, s := range states {
		pairs[i] = s.Pair
	}
	return pairs
}

func joinPairs(pairs []Pair) string {
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i] = p.String()
	}
	return strings.Join(names, ", ")
}
