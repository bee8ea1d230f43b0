// Package graph is a simulated Microsoft Graph, as far as one person's presence reaches. The rules are in
// Person, which is pure; Server adds the clock, late answers and HTTP. It must not know how tokens come to
// be, nor that there is a phone.
package graph

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate/internal/fault"
)

// Who did something: the words that stand in the timeline.
const (
	ByPerson      = "person"
	ByApplication = "application"
	ByClock       = "clock"
	ByTeams       = "teams" // the outcome of any of the others, as everybody sees it
)

// Grant is what an access token stands for.
type Grant struct {
	ClientID string
	Scopes   []string
	Issued   time.Time
}

// Config is what a Server needs to be told.
type Config struct {
	UserID, UserName, DisplayName string
	Tenant                        string
	Base                          func() string                      // the address of the service, for @odata.context
	Check                         func(bearer string) (Grant, error) // whether an access token is good
	StaleReads                    int
	NoSequence                    bool // sequenceNumber is absent, as in some clouds
	WriteStatus                   int  // 200 or 204
	Now                           func() time.Time
	Report                        func(by, what string) // something changed; must not call back
	Log                           *slog.Logger
}

// Server is one person's Graph.
type Server struct {
	Config
	Faults *fault.Switch

	mu     sync.Mutex
	person *Person
	shown  version // what everybody sees
	stale  version // what reads still answer
	left   int     // how many reads still answer it
}

type version struct {
	View
	sequence int
}

// New makes a Server for a person whose Teams runs.
func New(c Config) *Server {
	s := &Server{
		Config: c,
		Faults: fault.NewSwitch("401", "403", "429", "500", "503", "down", "slow", FaultCAE),
		person: NewPerson(),
	}
	s.shown = version{s.person.Shows(c.Now()), 129311063}
	return s
}

// settle notices what the time or an act changed. The lock is held.
func (s *Server) settle(now time.Time) (changed bool) {
	v := s.person.Shows(now)
	if v == s.shown.View {
		return false
	}
	old := s.shown.View
	s.shown = version{v, s.shown.sequence + 1}
	if v.Pair != old.Pair {
		s.Report(ByTeams, fmt.Sprintf("Teams shows %s, before that %s", Title(v.Pair), Title(old.Pair)))
	}
	return true
}

// Title names a pair as Teams does.
func Title(p presence.Pair) string {
	if p == presence.AppearOffline || p == presence.Offline {
		return "Offline"
	}
	if s, ok := presence.State(presence.Presence{Pair: p}); ok {
		return s.Title
	}
	return p.String()
}

// Act does something to the person's presence from outside of Graph: it is seen at once.
func (s *Server) Act(by, what string, do func(*Person, time.Time) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.act(by, what, do)
}

func (s *Server) act(by, what string, do func(*Person, time.Time) error) error {
	now := s.Now()
	if s.settle(now) {
		s.Report(ByClock, "Something ran out in Teams")
	}
	if err := do(s.person, now); err != nil {
		return err
	}
	s.Report(by, what)
	s.settle(now)
	return nil
}

// write is Act for a Graph call: the next reads still answer what they would have before.
func (s *Server) write(what string, do func(*Person, time.Time) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(s.Now())
	before := s.shown
	if s.left > 0 {
		before = s.stale
	}
	if err := s.act(ByApplication, what, do); err != nil {
		return err
	}
	s.stale, s.left = before, s.StaleReads
	return nil
}

func (s *Server) read() version {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(s.Now())
	if s.left > 0 {
		s.left--
		return s.stale
	}
	return s.shown
}

// Tick notices what time alone changed, and answers when it may next do so; zero: never.
func (s *Server) Tick() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	s.settle(now)
	return s.person.Next(now)
}

// Snapshot is everything there is to know of the person's presence.
type Snapshot struct {
	View
	Sequence  string
	Client    presence.Pair // zero: Teams is closed
	Happening []Kind
	Sessions  []Session
	Preferred *Preferred
	StaleLeft int
}

// Snapshot answers everything, late answers apart.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	s.settle(now)
	snap := Snapshot{
		View:      s.shown.View,
		Sequence:  sequence(s.shown.sequence),
		Client:    s.person.sessions[client].Pair,
		Happening: s.person.Happening(),
		Sessions:  s.person.Sessions(now),
		StaleLeft: s.left,
	}
	if pref, ok := s.person.Preferred(now); ok {
		snap.Preferred = &pref
	}
	return snap
}

func sequence(n int) string { return fmt.Sprintf("A%010d", n) }
