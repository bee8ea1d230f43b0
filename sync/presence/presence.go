// Package presence is the vocabulary: what Teams says of a person, what a phone says of them, and the two
// mapping tables between. It is pure: it must not know a network, a clock, a file or a screen.
//
// The tokens and what they mean are those of Microsoft Graph's presence resource
// (https://learn.microsoft.com/graph/api/resources/presence) and of the permutation table in
// https://learn.microsoft.com/graph/cloud-communications-manage-presence-state.
package presence

import (
	"fmt"
	"strings"
)

// Pair is a presence's availability and activity. Known tokens are in Graph's spelling, unknown ones as read.
type Pair struct {
	Availability string
	Activity     string
}

// The pairs Offhook knows by name.
var (
	Available         = Pair{"Available", "Available"}
	Busy              = Pair{"Busy", "Busy"}
	InACall           = Pair{"Busy", "InACall"}
	InAConferenceCall = Pair{"Busy", "InAConferenceCall"}
	InAMeeting        = Pair{"Busy", "InAMeeting"}
	DoNotDisturb      = Pair{"DoNotDisturb", "DoNotDisturb"}
	Presenting        = Pair{"DoNotDisturb", "Presenting"}
	Focusing          = Pair{"DoNotDisturb", "Focusing"}
	BeRightBack       = Pair{"BeRightBack", "BeRightBack"}
	Away              = Pair{"Away", "Away"}
	AppearOffline     = Pair{"Offline", "OffWork"}
	Offline           = Pair{"Offline", "Offline"}
	OutOfOffice       = Pair{"Available", "OutOfOffice"}
	Unknown           = Pair{"PresenceUnknown", "PresenceUnknown"}
)

func (p Pair) String() string { return p.Availability + "/" + p.Activity }

// tokens lists every availability and activity found in Microsoft's documents, in the spelling Graph sends.
var tokens = func() map[string]string {
	m := map[string]string{}
	for _, t := range strings.Fields(`Available AvailableIdle AvailableInactive Away BeRightBack Busy BusyIdle
		DoNotDisturb Focusing InACall InAConferenceCall Inactive InAMeeting Offline OffWork OutOfOffice
		PresenceUnknown Presenting UrgentInterruptionsOnly`) {
		m[strings.ToLower(t)] = t
	}
	return m
}()

func token(s string) string {
	s = strings.TrimSpace(s)
	if t, ok := tokens[strings.ToLower(s)]; ok {
		return t
	}
	return s
}

// NewPair makes a pair of two tokens as Graph sent them, in any spelling of upper and lower case.
func NewPair(availability, activity string) Pair {
	return Pair{token(availability), token(activity)}
}

// ParsePair reads "Busy/InACall". It knows the form only: an unknown token is kept, not refused.
func ParsePair(s string) (Pair, error) {
	availability, activity, ok := strings.Cut(s, "/")
	if !ok || strings.TrimSpace(availability) == "" || strings.TrimSpace(activity) == "" {
		return Pair{}, fmt.Errorf("%q is not availability/activity, such as Busy/InACall", s)
	}
	return NewPair(availability, activity), nil
}

func (p Pair) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p *Pair) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePair(string(b))
	return err
}

// Presence is what Graph answers for a person.
type Presence struct {
	Pair
	OutOfOffice bool   // outOfOfficeSettings.isOutOfOffice
	Message     string // the status message, plain text
	Sequence    string // sequenceNumber: orders two answers where Graph sends it, empty where not
}

// Means is what a status amounts to, in any system's words. The order is that of Graph's aggregation
// of sessions: a higher one is never lowered by an activity on the other side.
type Means int

// The meanings, lowest first.
const (
	MeansAway Means = iota // away, offline, off work, on vacation: not there
	MeansAvailable
	MeansBusy
	MeansDoNotDisturb
)

var meansNames = []string{"away", "available", "busy", "dnd"}

func (m Means) String() string {
	if m < 0 || int(m) >= len(meansNames) {
		return fmt.Sprintf("Means(%d)", int(m))
	}
	return meansNames[m]
}

// UnmarshalText reads away, available, busy or dnd.
func (m *Means) UnmarshalText(b []byte) error {
	for i, name := range meansNames {
		if string(b) == name {
			*m = Means(i)
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", b, strings.Join(meansNames, ", "))
}

// TeamsState is one of the states Teams shows, a row of the mapping's left column.
type TeamsState struct {
	Pair     Pair
	Title    string // as Teams names it
	Activity bool   // it happens and ends by itself; else the person chose it
	Means    Means
}

// TeamsStates lists the states Teams shows, in the order in which a table shows them.
func TeamsStates() []TeamsState {
	return []TeamsState{
		{Available, "Available", false, MeansAvailable},
		{Busy, "Busy", false, MeansBusy},
		{InACall, "In a call", true, MeansBusy},
		{InAConferenceCall, "In a conference call", true, MeansBusy},
		{InAMeeting, "In a meeting", true, MeansBusy},
		{DoNotDisturb, "Do not disturb", false, MeansDoNotDisturb},
		{Presenting, "Presenting", true, MeansDoNotDisturb},
		{Focusing, "Focusing", true, MeansDoNotDisturb},
		{BeRightBack, "Be right back", false, MeansAway},
		{Away, "Away", false, MeansAway},
		{OutOfOffice, "Out of office", false, MeansAway},
		{AppearOffline, "Appear offline", false, MeansAway},
		{Offline, "Offline", false, MeansAway},
	}
}

// State tells which state Teams shows for a presence, and whether it is one that Offhook knows: a presence
// unknown to Graph, or made of tokens unknown to Offhook, is no state and is never mirrored.
//
// The activity decides where it names something that happens; an idle client's variants count as what they
// are variants of; out of office shows only where nothing else is going on.
func State(p Presence) (TeamsState, bool) {
	pair := p.Pair
	switch pair.Activity {
	case "InACall", "InAConferenceCall", "InAMeeting":
		pair.Availability = "Busy"
	case "Presenting", "Focusing":
		pair.Availability = "DoNotDisturb"
	case "BeRightBack":
		pair = BeRightBack
	case "OutOfOffice":
		pair = OutOfOffice
	case "OffWork":
		pair = AppearOffline
	default:
		switch pair.Availability {
		case "Available", "AvailableIdle":
			pair = Available
		case "Busy", "BusyIdle":
			pair = Busy
		case "DoNotDisturb":
			pair = DoNotDisturb
		case "Away":
			pair = Away
		case "BeRightBack":
			pair = BeRightBack
		case "Offline":
			pair = Offline
		case "OutOfOffice":
			pair = OutOfOffice
		}
		if _, known := tokens[strings.ToLower(p.Activity)]; !known || p.Activity == "PresenceUnknown" {
			pair = Pair{}
		}
	}
	if p.OutOfOffice && (pair == Available || pair == Away) {
		pair = OutOfOffice
	}
	return Lookup(pair)
}

// Lookup finds a state by its pair.
func Lookup(p Pair) (TeamsState, bool) {
	for _, s := range TeamsStates() {
		if s.Pair == p {
			return s, true
		}
	}
	return TeamsState{}, false
}

// Way is how Graph can be made to show a pair.
type Way int

// The ways. Activities go as the application's session, choices as the user-preferred presence.
const (
	NoWay     Way = iota // Graph accepts it in no call
	Session              // setPresence
	Preferred            // setUserPreferredPresence
)

// HowToWrite tells which Graph call shows a pair: the check that a mapping's target is legal.
// Available and Away are legal in both calls; as targets they are choices, and so preferred: a session of
// either is overruled by any Teams client that says more.
func HowToWrite(p Pair) Way {
	switch p {
	case InACall, InAConferenceCall, Presenting:
		return Session
	case Available, Busy, DoNotDisturb, BeRightBack, Away, AppearOffline:
		return Preferred
	}
	return NoWay
}

// LegalTargets lists the pairs that a phone status may be mapped to.
func LegalTargets() []Pair {
	var legal []Pair
	for _, s := range TeamsStates() {
		if HowToWrite(s.Pair) != NoWay {
			legal = append(legal, s.Pair)
		}
	}
	return legal
}
