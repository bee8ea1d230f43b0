// Package engine keeps a person's Teams presence and their phones in step. Its core is a pure function,
// (state, event, now) → (state, commands, reasons): Config.Step. Run is what lives around it: it hears both
// sides, carries the commands out and keeps the time.
//
// What it promises are the ten laws of the README's chapter "What Offhook promises". It must not know HTTP,
// files or a screen: a side is what the interfaces Teams and Phone say, nothing more.
package engine

import (
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// TeamsSide is the name of the Teams side, as Cause.Side and Reason.Side have it; phones have their own.
const TeamsSide = "teams"

// Config is what the engine is told once: the phones, their mappings, and how long things last.
type Config struct {
	Phones []PhoneConfig

	SessionFor   time.Duration // an application session's life: PT5M to PT4H by Graph's documents
	PreferredFor time.Duration // a preferred presence's life
	Settle       time.Duration // how long Graph may go on answering what stood before a write
	PhoneSettle  time.Duration // how long a phone may go on telling what stood before a write
	Blind        time.Duration // how long a phone shows what Teams caused while Teams cannot be read

	// Hours tells whether Offhook is to be at work, and until when that holds; nil: always. It is pure.
	Hours func(time.Time) (open bool, until time.Time)
	// Message is what Teams' status message says while a phone is in a call; empty: it is left alone.
	Message    string
	MessageFor time.Duration // its life, renewed while the call lasts
}

// PhoneConfig is one phone as the engine knows it.
type PhoneConfig struct {
	ID      string
	Mapping presence.Mapping
	Writes  bool // the phone can be written at all
	Polled  bool // the phone does not tell of changes: a reading may be as old as the last poll
}

// Defaults fills what is not set.
func (c Config) Defaults() Config {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&c.SessionFor, 5*time.Minute)
	set(&c.PreferredFor, time.Hour)
	set(&c.Settle, 30*time.Second)
	set(&c.PhoneSettle, 5*time.Second)
	set(&c.Blind, time.Hour)
	set(&c.MessageFor, time.Hour)
	return c
}

// renewWhen is how long before its end a hold is renewed.
func renewWhen(life time.Duration) time.Duration { return life * 2 / 5 }

// NoStatus stands for what is chosen on a phone that has no status of its own for nothing in particular.
const NoStatus = "no status"

// neutral is the status a phone shows when the person has chosen nothing in particular.
func (c PhoneConfig) neutral() string {
	for _, s := range c.Mapping.Statuses {
		if s.Means == presence.MeansAvailable && !s.Activity {
			return s.Name
		}
	}
	return NoStatus
}

// agreed is what counts as agreed on while the phone shows a choice: the choice itself where its row names a
// target, else the neutral one, so that coming back from it changes nothing.
func (c PhoneConfig) agreed(status string) string {
	if c.Mapping.Teams(status).Unchanged() {
		return c.neutral()
	}
	return status
}

// agreedTeams is the same of a choice in Teams.
func (c PhoneConfig) agreedTeams(p presence.Pair) presence.Pair {
	if c.Mapping.Phone(p).Unchanged() {
		return presence.Available
	}
	return p
}

// asks is what a status would have Teams show; nothing: it leaves Teams unchanged.
func (c PhoneConfig) asks(status string) presence.Pair {
	if status == "" || status == NoStatus {
		return presence.Pair{}
	}
	return c.Mapping.Teams(status).To
}

func (c PhoneConfig) happens(status string) bool {
	s, _ := c.Mapping.Status(status)
	return s.Activity
}

func (c PhoneConfig) means(status string) presence.Means {
	s, _ := c.Mapping.Status(status)
	return s.Means
}

// couldBeWritten tells whether a status on this phone may be the echo of a Teams state.
func (c PhoneConfig) couldBeWritten(status string) bool {
	for _, r := range c.Mapping.ToPhone {
		if status != "" && r.To == status {
			return true
		}
	}
	return false
}

// couldCause tells whether a Teams state may be the echo of a status of this phone.
func (c PhoneConfig) couldCause(p presence.Pair) bool {
	for _, r := range c.Mapping.ToTeams {
		if r.To == p {
			return true
		}
	}
	return false
}

// Event is something that happened: one of the types below.
type Event interface{ event() }

type (
	// TeamsRead is an answer of Graph; Asked is when the question was sent.
	TeamsRead struct {
		Presence presence.Presence
		Asked    time.Time
	}
	// TeamsLost says that Teams could not be read.
	TeamsLost struct{ Problem *problem.Problem }
	// PhoneRead is a reading of the phone with that index.
	PhoneRead struct {
		Phone   int
		Reading presence.Reading
	}
	// PhoneLost says that the phone could not be read.
	PhoneLost struct {
		Phone   int
		Problem *problem.Problem
	}
	// Done says how a command ended; Problem is nil when it was carried out.
	Done struct {
		Command Command
		Problem *problem.Problem
	}
	// Tick says that time has passed: State.Wake told when to send it.
	Tick struct{}
	// PauseUntil asks to give back everything and be silent; zero: until Resume.
	PauseUntil struct{ Until time.Time }
	// Resume ends a pause.
	Resume struct{}
	// Quit asks to give back everything for good; Because is Quits, SettingsChanged or SignInChanged, empty: Quits.
	Quit struct{ Because Kind }
)

func (TeamsRead) event()  {}
func (TeamsLost) event()  {}
func (PhoneRead) event()  {}
func (PhoneLost) event()  {}
func (Done) event()       {}
func (Tick) event()       {}
func (PauseUntil) event() {}
func (Resume) event()     {}
func (Quit) event()       {}

// Verb is what a command does.
type Verb int

// The verbs.
const (
	Nothing        Verb = iota
	Save                // write Journal to disk; what follows in the same step waits for it
	SetSession          // Teams: the application's session shows Pair, for For
	ClearSession        // Teams: end the application's session
	SetPreferred        // Teams: prefer Pair, for For
	ClearPreferred      // Teams: prefer nothing
	SetMessage          // Teams: the status message says Status, for For
	ClearMessage        // Teams: the status message is empty
	SetStatus           // phone: show Status
	GiveBack            // phone: show Status again, as before
	LookAtTeams         // read Teams soon
)

// Command is something to carry out. Commands of one step are in order.
type Command struct {
	Do      Verb
	Phone   int
	Pair    presence.Pair
	Status  string
	For     time.Duration
	Release bool     // the write leaves nothing held: it mirrors "available"
	Journal *Journal // of Save
}

// TeamsWrite tells whether the command goes to Graph.
func (c Command) TeamsWrite() bool { return c.Do >= SetSession && c.Do <= ClearMessage }

// sets tells whether the command brings about something that will have to be given back.
func (c Command) sets() bool {
	return c.Do == SetSession || c.Do == SetPreferred || c.Do == SetMessage || c.Do == SetStatus
}

// PhoneWrite tells whether the command goes to a phone.
func (c Command) PhoneWrite() bool { return c.Do == SetStatus || c.Do == GiveBack }
