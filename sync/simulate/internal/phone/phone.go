// Package phone is a simulated phone system with one extension: a line that rings and talks, and a status
// the person chooses, told apart. It must not know Teams.
package phone

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The line's states.
const (
	Idle    = "idle"
	Ringing = "ringing"
	Talking = "talking"
	Held    = "held"
)

// Statuses lists what a person can choose, as the API names it.
func Statuses() []string {
	return []string{"available", "busy", "dnd", "away", "vacation", "meeting"}
}

// Title names a status or a line's state as the phone's own display does.
func Title(name string) string {
	return map[string]string{
		"available": "Available", "busy": "Busy", "dnd": "Do not disturb", "away": "Away",
		"vacation": "On vacation", "meeting": "In a meeting",
		Idle: "Idle", Ringing: "Ringing", Talking: "On a call", Held: "On hold",
	}[name]
}

// State is what the phone tells of itself.
type State struct {
	Extension string    `json:"extension"`
	Line      string    `json:"line"`
	Status    string    `json:"status"`
	Changed   time.Time `json:"changed"`
}

// acts names what a person can do with the handset: in which states of the line, and what it becomes.
var acts = map[string]struct {
	from []string
	to   string
}{
	"ring":   {[]string{Idle}, Ringing},
	"answer": {[]string{Ringing}, Talking},
	"dial":   {[]string{Idle}, Talking},
	"hold":   {[]string{Talking}, Held},
	"resume": {[]string{Held}, Talking},
	"hangup": {[]string{Ringing, Talking, Held}, Idle},
}

// Acts lists what can be done with the handset.
func Acts() []string { return []string{"ring", "answer", "dial", "hold", "resume", "hangup"} }

func (s *State) act(name string) error {
	a, ok := acts[name]
	if !ok {
		return fmt.Errorf("%q is none of %s", name, strings.Join(Acts(), ", "))
	}
	if !slices.Contains(a.from, s.Line) {
		return fmt.Errorf("cannot %s: the line is %s, not %s", name, s.Line, strings.Join(a.from, " or "))
	}
	s.Line = a.to
	return nil
}

func (s *State) choose(status string) error {
	if !slices.Contains(Statuses(), status) {
		return fmt.Errorf("%q is no status of this phone; it has: %s", status, strings.Join(Statuses(), ", "))
	}
	s.Status = status
	return nil
}
