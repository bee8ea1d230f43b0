package simulate

import (
	"slices"
	"sync"
	"time"
)

// The sides of which the diary tells.
const (
	sideTeams  = "teams"
	sidePhone  = "phone"
	sideSignIn = "sign-in"
	sideWorld  = "world"
)

// Change is one thing that happened.
type Change struct {
	Number int       `json:"number"` // counts up
	At     time.Time `json:"at"`
	Side   string    `json:"side"` // teams, phone, sign-in, world
	By     string    `json:"by"`   // person, application, clock; teams for what Teams then shows
	What   string    `json:"what"`
}

// Request is one request that a simulated server answered. It holds no query, header or body.
type Request struct {
	At     time.Time `json:"at"`
	Side   string    `json:"side"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"` // 0: the connection was closed without an answer
	TookMS int64     `json:"took_ms"`
}

// Count is how often a server was asked.
type Count struct {
	Reads  int `json:"reads"`
	Writes int `json:"writes"`
}

const (
	keepChanges  = 200
	keepRequests = 500
)

// diary remembers what happened lately and wakes who waits for more.
type diary struct {
	now func() time.Time

	mu       sync.Mutex
	number   int
	changes  []Change
	requests []Request
	counts   map[string]Count
	changed  chan struct{} // closed at the next change
}

func newDiary(now func() time.Time) *diary {
	return &diary{
		now: now, changes: []Change{}, requests: []Request{}, // empty in JSON, not null
		counts: map[string]Count{}, changed: make(chan struct{}),
	}
}

func (d *diary) note(side, by, what string) {
	at := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.number++
	d.changes = append(d.changes, Change{d.number, at, side, by, what})
	d.changes = d.changes[max(0, len(d.changes)-keepChanges):]
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *diary) request(r Request, write bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, r)
	d.requests = d.requests[max(0, len(d.requests)-keepRequests):]
	c := d.counts[r.Side]
	if write {
		c.Writes++
	} else {
		c.Reads++
	}
	d.counts[r.Side] = c
}

// read answers what happened, oldest first, and a channel that is closed when more has.
func (d *diary) read() ([]Change, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.changes), d.changed
}

func (d *diary) asked() ([]Request, map[string]Count) {
	d.mu.Lock()
	defer d.mu.Unlock()
	counts := map[string]Count{sideTeams: {}, sidePhone: {}, sideSignIn: {}}
	for side, c := range d.counts {
		counts[side] = c
	}
	return slices.Clone(d.requests), counts
}
