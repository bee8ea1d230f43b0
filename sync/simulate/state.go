package simulate

import (
	"cmp"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate/internal/graph"
	"github.com/offhook/offhook/sync/simulate/internal/phone"
)

// State is both sides at one moment, with what led there. It is what GET /world/state answers.
type State struct {
	Now      time.Time        `json:"now"`
	Person   PersonState      `json:"person"`
	Teams    TeamsState       `json:"teams"`
	Phone    PhoneState       `json:"phone"`
	Faults   FaultState       `json:"faults"`
	Requests map[string]Count `json:"requests"` // by side: teams, phone, sign-in
	Changes  []Change         `json:"changes"`  // the latest, oldest first
}

// PersonState is who is simulated.
type PersonState struct {
	Name string `json:"name"`
	User string `json:"user"`
}

// TeamsState is the person's presence and what it is made of.
type TeamsState struct {
	Shows         presence.Pair   `json:"shows"` // "Busy/InACall": what everybody sees
	Availability  string          `json:"availability"`
	Activity      string          `json:"activity"`
	Title         string          `json:"title"` // as Teams names it
	OutOfOffice   bool            `json:"out_of_office"`
	StatusMessage string          `json:"status_message"`
	Sequence      string          `json:"sequence"`
	Client        string          `json:"client"`    // what the Teams client reports; empty: closed everywhere
	Happening     []Kind          `json:"happening"` // in Teams itself
	Sessions      []SessionState  `json:"sessions"`
	Preferred     *PreferredState `json:"preferred"`        // null: none
	StaleReads    int             `json:"stale_reads_left"` // how many reads still answer what stood before
}

// SessionState is what one program reports of the person.
type SessionState struct {
	ID      string        `json:"id"`
	By      string        `json:"by"` // teams, application
	Shows   presence.Pair `json:"shows"`
	Title   string        `json:"title"`
	Expires time.Time     `json:"expires,omitzero"`
}

// PreferredState is the chosen presence.
type PreferredState struct {
	By      string        `json:"by"` // person, application
	Shows   presence.Pair `json:"shows"`
	Title   string        `json:"title"`
	Expires time.Time     `json:"expires"`
}

// PhoneState is the phone as it stands on the desk.
type PhoneState struct {
	Extension   string    `json:"extension"`
	Line        string    `json:"line"` // idle, ringing, talking, held
	LineTitle   string    `json:"line_title"`
	Status      string    `json:"status"`
	StatusTitle string    `json:"status_title"`
	StatusBy    string    `json:"status_by"` // application: it stands where the person chose something else
	Changed     time.Time `json:"changed"`
	Streams     int       `json:"streams"` // how many follow its events
}

// FaultState is how the servers fail at present.
type FaultState struct {
	Graph      string   `json:"graph"`
	Phone      string   `json:"phone"`
	Entra      string   `json:"entra"`
	NotGranted []string `json:"not_granted"`
}

// showChanges is how many changes a State holds.
const showChanges = 60

// State answers both sides as they are now.
func (w *World) State() State {
	changes, _ := w.diary.read()
	_, counts := w.diary.asked()
	return State{
		Now:    w.clock.Now(),
		Person: PersonState{DisplayName, UserName},
		Teams:  teamsState(w.graph.Snapshot()),
		Phone:  phoneState(w.phone.Snapshot()),
		Faults: FaultState{
			Graph:      cmp.Or(w.graph.Faults.Get().Kind, "none"),
			Phone:      cmp.Or(w.phone.Faults.Get().Kind, "none"),
			Entra:      cmp.Or(w.authority.Faults.Get().Kind, "none"),
			NotGranted: append([]string{}, w.authority.Declined()...),
		},
		Requests: counts,
		Changes:  changes[max(0, len(changes)-showChanges):],
	}
}

func teamsState(g graph.Snapshot) TeamsState {
	t := TeamsState{
		Shows: g.Pair, Availability: g.Pair.Availability, Activity: g.Pair.Activity, Title: graph.Title(g.Pair),
		OutOfOffice: g.OutOfOffice, StatusMessage: g.Note.Content, Sequence: g.Sequence,
		Happening: append([]Kind{}, g.Happening...), Sessions: []SessionState{}, StaleReads: g.StaleLeft,
	}
	if g.Client != (presence.Pair{}) {
		t.Client = g.Client.String()
	}
	for _, s := range g.Sessions {
		t.Sessions = append(t.Sessions, SessionState{s.ID, by(s.Application, graph.ByTeams), s.Pair, graph.Title(s.Pair), s.Expires})
	}
	if p := g.Preferred; p != nil {
		t.Preferred = &PreferredState{by(p.Application, graph.ByPerson), p.Pair, graph.Title(p.Pair), p.Expires}
	}
	return t
}

func by(application bool, otherwise string) string {
	if application {
		return graph.ByApplication
	}
	return otherwise
}

func phoneState(p phone.Snapshot) PhoneState {
	return PhoneState{
		Extension: p.Extension, Line: p.Line, LineTitle: phone.Title(p.Line), Status: p.Status,
		StatusTitle: phone.Title(p.Status), StatusBy: p.By, Changed: p.Changed, Streams: p.Streams,
	}
}

// Requests answers the latest requests, oldest first. They hold no query, header or body.
func (w *World) Requests() []Request {
	requests, _ := w.diary.asked()
	return requests
}
