// Package conformance is what every phone connector must do, as one suite of tests: any connector whose phone
// system is reached over HTTP passes it by a small harness. The suite puts a line of its own between the
// connector and the system, and cuts, jams and garbles that. It must not know any one phone system.
package conformance

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Harness is a phone system as the suite needs it.
type Harness struct {
	// Start answers the system at rest: nothing happens, and a status is chosen that is not Other.
	Start func(t *testing.T) World
	// Alone is set where each Start gives a system of its own, so that checks can run side by side.
	Alone bool
	// Patience is how long the connector waits for an answer at most. 10 s when 0.
	Patience time.Duration
}

// World is one running phone system with one person's phone in it.
type World struct {
	Server       string // the address of its HTTP API, as a person enters it
	Statuses     []presence.Status
	Capabilities phone.Capabilities
	Other        string // a status that can be chosen, and written where the system can be

	// Open makes a phone that reaches the system at an address, with a wrong password where asked.
	Open func(t *testing.T, server string, wrongPassword bool) phone.Phone
	// Choose and Happen play the person and the line; Happen("") ends what happens. A status that the
	// system cannot be brought to by either is left out of Plays.
	Choose func(t *testing.T, status string)
	Happen func(t *testing.T, status string)
	Plays  []string
	// Shown is what the system itself says of the phone.
	Shown func(t *testing.T) presence.Reading
	// Refusals counts the sign-ins that were refused. Where nil, it is the answers 401 and 400.
	Refusals func() int
}

// Bound is how long anything may take that nothing stands in the way of.
const Bound = 5 * time.Second

// Run checks a connector.
func Run(t *testing.T, h Harness) {
	if h.Patience == 0 {
		h.Patience = 10 * time.Second
	}
	t.Run("no goroutine is left", h.leak) // alone: it counts all goroutines
	for _, c := range []struct {
		name  string
		check func(*testing.T, *bench)
	}{
		{"first reading", firstReading},
		{"each status is read", eachStatusRead},
		{"each status is written and given back", eachStatusWritten},
		{"an event becomes a reading", eventBecomesReading},
		{"a connection lost and back", lostAndBack},
		{"a wrong password is tried once", wrongPassword},
		{"told to wait", toldToWait},
		{"server error", serverError},
		{"garbage", garbage},
		{"half an answer", halfAnswer},
		{"a slow answer", slowAnswer},
		{"a server that never answers", neverAnswers},
		{"an unknown certificate", unknownCertificate},
		{"a status that does not exist", noSuchStatus},
	} {
		t.Run(c.name, func(t *testing.T) {
			if h.Alone {
				t.Parallel()
			}
			c.check(t, newBench(t, h))
		})
	}
}

// bench is a phone system with the suite's line before it.
type bench struct {
	World
	*line
	patience time.Duration
}

func newBench(t *testing.T, h Harness) *bench {
	w := h.Start(t)
	return &bench{World: w, line: newLine(t, w.Server, (*httptest.Server).Start), patience: h.Patience}
}

func (b *bench) open(t *testing.T) phone.Phone { return b.Open(t, b.address, false) }

// watched opens a phone, watches it and takes the first reading, which must be right.
func (b *bench) watched(t *testing.T) (phone.Phone, *watching) {
	t.Helper()
	p := b.open(t)
	w := watch(t, p)
	w.reading(t, b.Shown(t))
	return p, w
}

func same(t *testing.T, want, got presence.Reading) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the phone shows something else:\n%s", diff)
	}
}

// sentence demands a problem of a kind, made for a person.
func sentence(t *testing.T, err error, kinds ...problem.Kind) *problem.Problem {
	t.Helper()
	p, ok := err.(*problem.Problem)
	if !ok {
		t.Fatalf("%T is no problem made for a person: %v", err, err)
	}
	if p.What == "" {
		t.Errorf("a problem without a sentence: %+v", p)
	}
	for _, k := range kinds {
		if p.Kind == k {
			return p
		}
	}
	t.Fatalf("a problem of kind %s, not %v: %v (%v)", p.Kind, kinds, p, p.Err)
	return nil
}
