// Package conformance is what every phone connector must do, as one suite of tests: any connector whose phone
// system is reached over HTTP or TCP passes it by a small harness. What has no meaning for a system the harness
// says with the reason, and the whole is printed as a table (go run ./sync/phone/conformance/table). The suite puts a line of its own between the
// connector and the system, and cuts, jams and garbles that. It must not know any one phone system.
package conformance

import (
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance/tell"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Harness is a phone system as the suite needs it.
type Harness struct {
	// Start answers the system at rest: nothing happens, and a status is chosen that is not Other.
	Start func(t *testing.T) World
	// Alone is set where each Start gives a system of its own, so that checks can run side by side.
	Alone bool
	// System names the system in the table; the test's own name where it is empty.
	System string
	// Pointless names checks that have no meaning for the system, each with the reason.
	Pointless map[string]string
	// Patience is how long the connector waits for an answer at most. 10 s when 0.
	Patience time.Duration
}

// World is one running phone system with one person's phone in it.
type World struct {
	Server       string // the address of its HTTP API, as a person enters it; host:port where TCP is set
	TCP          bool   // it speaks a protocol of its own over TCP, or over TLS at tls://host:port
	SIP          bool   // it speaks SIP at host:port;transport=udp or tcp; the line is at sip:host:port;transport=…
	Refusal      string // over TCP: what it says to a wrong password
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
	// Expire makes the system forget all sign-ins, so that they must be made again. Nil where there are none.
	Expire func(t *testing.T)
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
	if h.System == "" {
		h.System = t.Name()
	}
	run := func(name string, check func(*testing.T) (pointless string)) {
		t.Run(name, func(t *testing.T) {
			result := tell.Holds
			defer func() {
				switch {
				case t.Failed():
					result = tell.Fails
				case t.Skipped() && result == tell.Holds:
					result = tell.NotRun
				}
				tell.Line(os.Stdout, h.System, name, result)
			}()
			why := h.Pointless[name]
			if why == "" {
				why = check(t)
			}
			if why != "" {
				result = tell.DoesNotApply + why
				t.Skip(result)
			}
		})
	}
	run("no goroutine is left", func(t *testing.T) string { // alone: it counts all goroutines
		h.leak(t)
		return ""
	})
	for _, c := range checks {
		run(c.name, func(t *testing.T) string {
			if h.Alone {
				t.Parallel()
			}
			b := newBench(t, h)
			if c.pointless != nil {
				if why := c.pointless(b.World); why != "" {
					return why
				}
			}
			c.check(t, b)
			return ""
		})
	}
	for name := range h.Pointless {
		if !slices.ContainsFunc(checks, func(c check) bool { return c.name == name }) {
			t.Errorf("there is no check %q", name)
		}
	}
}

type check struct {
	name      string
	check     func(*testing.T, *bench)
	pointless func(World) (why string) // nil: never
}

var checks = []check{
	{name: "first reading", check: firstReading},
	{name: "each status is read", check: eachStatusRead},
	{name: "each status is written and given back", check: eachStatusWritten, pointless: nothingWritten},
	{name: "an event becomes a reading", check: eventBecomesReading, pointless: nothingTold},
	{name: "a connection lost and back", check: lostAndBack},
	{name: "sign-in expired in mid-stream", check: signInExpired, pointless: nothingExpires},
	{name: "a wrong password is tried once", check: wrongPassword},
	{name: "told to wait", check: toldToWait},
	{name: "server error", check: serverError},
	{name: "garbage", check: garbage},
	{name: "half an answer", check: halfAnswer},
	{name: "a slow answer", check: slowAnswer},
	{name: "a server that never answers", check: neverAnswers},
	{name: "an unknown certificate", check: unknownCertificate},
	{name: "a status that does not exist", check: noSuchStatus},
}

func nothingWritten(w World) string {
	if w.Capabilities.Writes {
		return ""
	}
	return "this phone system lets nothing be set"
}

func nothingTold(w World) string {
	if w.Capabilities.Events {
		return ""
	}
	return "this phone system tells no events"
}

func nothingExpires(w World) string {
	if w.Expire != nil {
		return ""
	}
	return "nothing here makes a sign-in lapse"
}

// bench is a phone system with the suite's line before it.
type bench struct {
	World
	line
	patience time.Duration
}

func newBench(t *testing.T, h Harness) *bench {
	w := h.Start(t)
	b := &bench{World: w, patience: h.Patience}
	if w.SIP {
		b.line = newSIPLine(t, w.Server)
	} else if w.TCP {
		b.line = newTCPLine(t, w.Server, w.Refusal)
	} else {
		b.line = newHTTPLine(t, w.Server, (*httptest.Server).Start)
	}
	return b
}

func (b *bench) open(t *testing.T) phone.Phone { return b.Open(t, b.address(), false) }

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
	if p.What.Phrase == "" || p.Do.Phrase == "" && !p.Do.IsZero() {
		t.Errorf("a problem without a sentence that can be translated: %+v", p)
	}
	for _, k := range kinds {
		if p.Kind == k {
			return p
		}
	}
	t.Fatalf("a problem of kind %s, not %v: %v (%v)", p.Kind, kinds, p, p.Err)
	return nil
}
