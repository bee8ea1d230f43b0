package local

import (
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/problem"
)

// Settings is what a person may set, as it stands: what their file says, with what the administrator's policy
// sets put over it. Durations are texts such as "5m"; an empty text or null is the default.
type Settings struct {
	File    string     `json:"file"`              // where the person's settings lie
	Policy  string     `json:"policy,omitempty"`  // the administrator's file, where there is one
	Locked  []string   `json:"locked"`            // the keys that the policy sets, see Locks
	Problem *Problem   `json:"problem,omitempty"` // why the file is not followed: what is below stood before
	Phones  []OwnPhone `json:"phones"`            // in the file's order, which breaks ties between them

	Account       AccountSettings `json:"account"`
	Hours         HoursSettings   `json:"hours"`
	StatusMessage string          `json:"status_message"` // what Teams says during a call; empty: it is left alone
	Timing        TimingSettings  `json:"timing"`
	General       GeneralSettings `json:"general"`
}

// Locks tells whether the policy sets a key, such as "account.tenant", "hours", "general.language", "phones"
// (none can be added or removed), "phones.desk", "phones.desk.fields.server", "phones.desk.mapping". A key is
// locked with what it is part of.
func (s Settings) Locks(key string) bool {
	for _, locked := range s.Locked {
		if key == locked || len(key) > len(locked) && key[:len(locked)] == locked && key[len(locked)] == '.' && locked != "phones" {
			return true
		}
	}
	return false
}

// AccountSettings says how to sign in and where Graph is.
type AccountSettings struct {
	ClientID        string `json:"client_id"`
	Tenant          string `json:"tenant"`
	Authority       string `json:"authority"`
	Graph           string `json:"graph"`
	RootCertificate string `json:"root_certificate"`
}

// HoursSettings are the hours in which Offhook is at work; no days: always.
type HoursSettings struct {
	Zone string            `json:"zone"` // such as Europe/Helsinki; empty: the PC's own
	Days map[string]string `json:"days"` // by weekday in English, small letters: "8:00-12:00, 13:00-17:00"
}

// TimingSettings is how long what Offhook sets may last.
type TimingSettings struct {
	Session   string `json:"session"`   // 5m to 4h
	Preferred string `json:"preferred"` // 10m to 24h
	Settle    string `json:"settle"`    // 1s to 10m
}

// GeneralSettings is how Offhook behaves on this PC.
type GeneralSettings struct {
	StartAtLogin  bool   `json:"start_at_login"`
	Language      string `json:"language"`      // "en", "de", …; empty: the desktop's
	Notifications bool   `json:"notifications"` // say so when the person must act
	KeepDays      int    `json:"keep_days"`     // how long the activity is kept
	Hints         bool   `json:"hints"`         // read at once when the microphone, the screen or the network changes
}

// OwnPhone is one phone of the settings. Secrets are never told, only which of them are kept.
type OwnPhone struct {
	ID      string            `json:"id"`
	System  string            `json:"system"`
	Title   string            `json:"title"`        // empty: the system's
	Fields  map[string]string `json:"fields"`       // without the secret ones
	Secrets map[string]bool   `json:"secrets"`      // the system's secret fields, and whether each is kept
	Changed int               `json:"changed_rows"` // rows of the mapping that differ from the preset's
	Locked  bool              `json:"locked"`       // the policy has set it up: it cannot be removed
}

// Edit changes settings, all of it or, where anything in it is not right or locked, nothing. What is nil stays
// as it is. It takes effect at once; comments in the file stay.
type Edit struct {
	Account       *AccountEdit   `json:"account,omitempty"`
	Hours         *HoursSettings `json:"hours,omitempty"` // as a whole; no days: always at work
	StatusMessage *string        `json:"status_message,omitempty"`
	Timing        *TimingEdit    `json:"timing,omitempty"`
	General       *GeneralEdit   `json:"general,omitempty"`

	AddPhone    *PhoneEdit `json:"add_phone,omitempty"`    // ID may be empty: Result.ID tells which it got
	ChangePhone *PhoneEdit `json:"change_phone,omitempty"` // of that ID; System stays
	RemovePhone string     `json:"remove_phone,omitempty"` // an ID; its secrets go too

	Rows         []RowEdit `json:"rows,omitempty"`
	ResetMapping string    `json:"reset_mapping,omitempty"` // a phone's ID: all rows are the preset's again
}

// AccountEdit changes AccountSettings; an empty text is the default again.
type AccountEdit struct {
	ClientID        *string `json:"client_id,omitempty"`
	Tenant          *string `json:"tenant,omitempty"`
	Authority       *string `json:"authority,omitempty"`
	Graph           *string `json:"graph,omitempty"`
	RootCertificate *string `json:"root_certificate,omitempty"`
}

// TimingEdit changes TimingSettings; an empty text is the default again.
type TimingEdit struct {
	Session   *string `json:"session,omitempty"`
	Preferred *string `json:"preferred,omitempty"`
	Settle    *string `json:"settle,omitempty"`
}

// GeneralEdit changes GeneralSettings.
type GeneralEdit struct {
	StartAtLogin  *bool   `json:"start_at_login,omitempty"`
	Language      *string `json:"language,omitempty"`
	Notifications *bool   `json:"notifications,omitempty"`
	KeepDays      *int    `json:"keep_days,omitempty"`
	Hints         *bool   `json:"hints,omitempty"`
}

// PhoneEdit is a phone to add, or what to change of one. A field or a secret that is not named stays; an empty
// text takes it away. Secrets are sealed and come back in no answer.
type PhoneEdit struct {
	ID      string            `json:"id,omitempty"`
	System  string            `json:"system,omitempty"`
	Title   *string           `json:"title,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"`
	Secrets map[string]string `json:"secrets,omitempty"`
}

// The two directions of a mapping.
const (
	ToPhone = "to_phone" // Teams → phone: From is a pair such as "Busy/InACall", To a status
	ToTeams = "to_teams" // phone → Teams: From is a status, To a pair
)

// RowEdit changes one row of a phone's mapping.
type RowEdit struct {
	Phone     string  `json:"phone"`
	Direction string  `json:"direction"` // ToPhone or ToTeams
	From      string  `json:"from"`
	To        *string `json:"to"` // null: as in the preset; empty: leave the other side unchanged
}

// System is one phone system of the catalog: what a person enters, what it can do, how far that has been
// proven, and its preset mapping.
type System struct {
	phone.System
	Statuses []SystemStatus `json:"statuses"`
	ToPhone  []Row          `json:"to_phone"`
	ToTeams  []Row          `json:"to_teams"`
}

// SystemStatus is one thing a phone system says of a person, in its own words.
type SystemStatus struct {
	Name     string `json:"name"`
	Means    string `json:"means"`              // away, available, busy or dnd
	Activity bool   `json:"activity,omitempty"` // it happens and ends by itself
	Writable bool   `json:"writable,omitempty"`
}

// Systems is the catalog.
type Systems struct {
	Systems []System `json:"systems"`           // by title
	Problem *Problem `json:"problem,omitempty"` // a file of the person's own is left out, and why
}

// Test asks to try a phone connection. Nothing is saved.
type Test struct {
	System  string            `json:"system"`
	Fields  map[string]string `json:"fields"`
	Secrets map[string]string `json:"secrets"`
	Phone   string            `json:"phone,omitempty"` // a phone of the settings: its kept secrets stand in for those not given
}

// Tested is what a connection told. Only one of Found and Problem is there.
type Tested struct {
	Found     string       `json:"found,omitempty"` // "Extension 100, available, not in a call"
	Said      problem.Text `json:"said,omitzero"`   // the same, to be said in the person's language
	Happening string       `json:"happening,omitempty"`
	Chosen    string       `json:"chosen,omitempty"`
	TookMS    int64        `json:"took_ms"`
	Problem   *Problem     `json:"problem,omitempty"` // Key names the field, where it is known which
}

// Target is one thing that a mapping's row may name. The first of a list is "leave unchanged", with an empty To.
type Target struct {
	To    string `json:"to"`
	Title string `json:"title"`
}

// Targets are what the rows of a phone's mapping may name.
type Targets struct {
	ToPhone []Target `json:"to_phone"`
	ToTeams []Target `json:"to_teams"`
	Problem *Problem `json:"problem,omitempty"`
}

// Try asks what a state on one side would do with a phone's mapping, with rows that are not saved yet.
type Try struct {
	Phone string    `json:"phone"`
	Rows  []RowEdit `json:"rows,omitempty"`
	Side  string    `json:"side"`            // "teams", or the phone's id
	State string    `json:"state"`           // a pair, or a status
	Other string    `json:"other,omitempty"` // what the other side shows before; empty: nothing in particular
}

// Tried is what would happen, told by the engine itself.
type Tried struct {
	Where      string   `json:"where"`           // the other side: "teams" or the phone's id
	Shows      string   `json:"shows,omitempty"` // what it would show
	ShowsTitle string   `json:"shows_title,omitempty"`
	Unchanged  bool     `json:"unchanged"`
	Sentence   string   `json:"sentence"`        // what would happen, and why
	Then       string   `json:"then,omitempty"`  // what would happen when that activity ends
	Why        *Reason  `json:"why,omitempty"`   // the decision behind Sentence, where there is one
	After      *Reason  `json:"after,omitempty"` // and behind Then
	Problem    *Problem `json:"problem,omitempty"`
}

// ActivityQuery asks for a page of the activity, newest first.
type ActivityQuery struct {
	Before string   `json:"before,omitempty"` // ActivityPage.Next of the page before; empty: from now
	Limit  int      `json:"limit,omitempty"`  // default 100, at most 1000
	Search string   `json:"search,omitempty"` // words of the sentence, in any spelling of upper and lower case
	Kinds  []string `json:"kinds,omitempty"`  // Reason.Kind; none: all
	Where  string   `json:"where,omitempty"`  // "teams", a phone's id or "offhook": the side written or left alone
	Day    string   `json:"day,omitempty"`    // 2006-01-02, local: that day alone
}

// ActivityPage is part of the activity.
type ActivityPage struct {
	Entries []Entry  `json:"entries"`           // newest first
	Next    string   `json:"next,omitempty"`    // empty: there is nothing older
	Days    []string `json:"days,omitempty"`    // the days of which anything is kept, newest first
	Problem *Problem `json:"problem,omitempty"` // why it cannot be read
}

// Entry is one decision as the activity keeps it.
type Entry struct {
	ID string `json:"id"` // unique; "before" of a query may name it
	Reason
	Cause  *Seen `json:"cause,omitempty"`  // what was seen where
	Effect *Seen `json:"effect,omitempty"` // what the other side shows since; none: it was left unchanged
}

// Seen is a state of a side.
type Seen struct {
	Where      string `json:"where"`
	WhereTitle string `json:"where_title"`
	State      string `json:"state"`
	StateTitle string `json:"state_title"`
}

// Choice is a status that the person sets on both sides at once.
type Choice string

// The choices.
const (
	ChooseAvailable    Choice = "available" // takes back what was chosen: Teams shows what is real
	ChooseBusy         Choice = "busy"
	ChooseDoNotDisturb Choice = "do-not-disturb"
	ChooseBeRightBack  Choice = "be-right-back"
	ChooseAway         Choice = "away"
	ChooseOffline      Choice = "appear-offline"
)

// Choices lists them, with their titles, in the order in which a menu shows them.
func Choices() []Target {
	return []Target{
		{string(ChooseAvailable), "Available"}, {string(ChooseBusy), "Busy"},
		{string(ChooseDoNotDisturb), "Do not disturb"}, {string(ChooseBeRightBack), "Be right back"},
		{string(ChooseAway), "Away"}, {string(ChooseOffline), "Appear offline"},
	}
}

// SetStatus asks to set a status on both sides.
type SetStatus struct {
	Choice Choice `json:"choice"`
}

// Setup is how far the person has come in setting Offhook up.
type Setup struct {
	Missing []string `json:"missing"` // of "client-id", "sign-in", "phone", "phone-sign-in", "look"; none: it is done
}

// Window is what the window remembers from one time to the next.
type Window struct {
	Width  float32 `json:"width,omitempty"`
	Height float32 `json:"height,omitempty"`
	Page   string  `json:"page,omitempty"`
	Text   float32 `json:"text,omitempty"`   // how large texts are; 1 is as usual
	Looked bool    `json:"looked,omitempty"` // the first run has been finished
}

// Open asks for the window.
type Open struct {
	Page string `json:"page,omitempty"` // "account", "phones", "mapping", "activity", "general"; empty: where it was
}

// Show tells the open window to come to the front.
type Show struct {
	Page string    `json:"page,omitempty"`
	At   time.Time `json:"at"`
}
