// Package local is the door between Offhook's programs: the resident's local API, its server and its one
// client. It must not know the engine, Graph or a phone: it carries what the resident says and asks.
//
// It is HTTP with JSON over a Unix socket in the person's own runtime folder; the stream of statuses is
// server-sent events. Every field below is documented, and stable within a major version.
package local

import (
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/problem"
)

// Look is what the tray icon shows, one shape and colour each.
type Look string

// The looks, most urgent first: the first that applies is shown.
const (
	LookSignedOut   Look = "signed-out"        // nobody is signed in
	LookUnreachable Look = "phone-unreachable" // a phone, or Graph, cannot be read
	LookPaused      Look = "paused"
	LookDisturb     Look = "do-not-disturb"
	LookBusy        Look = "busy"
	LookAway        Look = "away"
	LookSynced      Look = "synced" // both sides read, in step, available
)

// Status is everything Offhook knows of now.
type Status struct {
	Version   string    `json:"version"`
	Look      Look      `json:"look"`
	Synced    bool      `json:"synced"`   // every side is read and nothing is in the way
	Sentence  string    `json:"sentence"` // the state in one plain sentence
	Problem   *Problem  `json:"problem"`  // the most urgent thing that is wrong; null when nothing is
	Account   Account   `json:"account"`
	Teams     Teams     `json:"teams"`
	Phones    []Phone   `json:"phones"`
	Paused    *Pause    `json:"paused"`                // null when not paused
	Closed    time.Time `json:"closed_until,omitzero"` // outside the person's hours, until then
	Reasons   []Reason  `json:"reasons"`
	Changed   time.Time `json:"changed"` // when this status last changed
	DemoPage  string    `json:"demo_page,omitempty"`
	Differ    string    `json:"differ,omitempty"`     // why the two sides do not show the same, where they do not
	DifferWhy *Reason   `json:"differ_why,omitempty"` // the same with its parts
	Setup     Setup     `json:"setup"`
	NoTray    *Problem  `json:"no_tray,omitempty"` // why there is no tray icon, and what to do
}

// Problem is something wrong, made for the person who reads it.
type Problem struct {
	Kind  string `json:"kind"`            // see sync/problem: signed-out, phone-signed-out, forbidden, bad-login, …
	Where string `json:"where"`           // "teams", "account", "settings" or a phone's id
	State string `json:"state,omitempty"` // the stable name of just this state, where it has one: admin-consent-needed, keyring-locked, …
	What  string `json:"what"`            // what happened, one sentence without a full stop
	Do    string `json:"do,omitempty"`    // what to do, one sentence without a full stop
	Said  Said   `json:"said,omitzero"`   // both as phrases with their parts, to be said in the person's language
	Since string `json:"since,omitempty"` // RFC 3339
	// The ids by which Microsoft's support finds the request that failed, in words.
	Support string `json:"support,omitempty"`
	Key     string `json:"key,omitempty"` // of a problem with the settings: which one, see Settings.Locks
}

// Said is what happened and what to do.
type Said struct {
	What problem.Text `json:"what"`
	Do   problem.Text `json:"do,omitzero"`
}

// Tell makes a problem one that the door can tell. where is "teams", "account", "settings" or a phone's id.
func Tell(p *problem.Problem, where string) *Problem {
	return &Problem{Kind: string(p.Kind), State: p.State, Where: where,
		What: p.What.String(), Do: p.Do.String(), Said: Said{What: p.What, Do: p.Do}}
}

// Account is who is signed in.
type Account struct {
	SignedIn bool   `json:"signed_in"`
	Name     string `json:"name,omitempty"` // the user name, such as an e-mail address
	// While a sign-in is under way: "browser" or "device-code", else empty.
	SigningIn string `json:"signing_in,omitempty"`
	// With a device code: what to type where, and until when it is good.
	Code      string    `json:"code,omitempty"`
	CodeURL   string    `json:"code_url,omitempty"`
	CodeUntil time.Time `json:"code_until,omitzero"`
	// Whether the sign-in is kept over a restart; else why not, in one sentence.
	Kept    bool   `json:"kept"`
	NotKept string `json:"not_kept,omitempty"`
	// Why the last sign-in failed; null once one is begun or has succeeded.
	Problem *Problem `json:"problem"`
	// What to send to an administrator, where only they may accept Offhook's permissions; else null.
	Consent *Consent `json:"consent,omitempty"`
}

// Consent is a message to an administrator, and the link in it with which they accept the permissions.
type Consent struct {
	Link string `json:"link"`
	Text string `json:"text"`
}

// Teams is the Teams side as last read.
type Teams struct {
	Known        bool      `json:"known"`
	Availability string    `json:"availability,omitempty"` // Graph's token
	Activity     string    `json:"activity,omitempty"`     // Graph's token
	Title        string    `json:"title,omitempty"`        // as Teams names it: "In a call"
	Means        string    `json:"means,omitempty"`        // away, available, busy or dnd; empty when not known
	OutOfOffice  bool      `json:"out_of_office,omitempty"`
	Since        time.Time `json:"since,omitzero"` // since when it shows that, as far as Offhook has seen
	Read         time.Time `json:"read,omitzero"`
	NextReadIn   float64   `json:"next_read_in"` // seconds
	Because      string    `json:"because"`      // why then
	Pace         *Pace     `json:"pace,omitempty"`
	Held         *Hold     `json:"held"` // what Offhook has set in Teams; null when nothing
	Problem      *Problem  `json:"problem"`
	Requests     []Request `json:"requests,omitempty"` // the latest writes and failures, for support
}

// Request is one request to Microsoft Graph, with the ids by which Microsoft's support finds it.
type Request struct {
	At              time.Time `json:"at"`
	What            string    `json:"what"`   // "GET presence", "POST setPresence"
	Status          int       `json:"status"` // 0: no answer
	TookMS          int64     `json:"took_ms"`
	RequestID       string    `json:"request_id,omitempty"` // Microsoft's
	ClientRequestID string    `json:"client_request_id"`    // our own
}

// Pace is what the time of the next read of Teams depends on.
type Pace struct {
	Share        float64   `json:"share"`                   // reads an hour that this PC may send when all send at once
	SizeKnown    bool      `json:"size_known"`              // the share comes from the settings; else it was found
	Saved        float64   `json:"saved"`                   // reads that could be sent now
	Event        string    `json:"event,omitempty"`         // the last thing that may have changed Teams
	EventAt      time.Time `json:"event_at,omitzero"`       //
	Shown        string    `json:"shown"`                   // unknown, present, chosen, away, meeting or activity
	Since        time.Time `json:"since,omitzero"`          // since when that has been seen
	Microphone   bool      `json:"microphone,omitempty"`    // a program uses one
	Locked       bool      `json:"locked,omitempty"`        // the screen
	Idle         bool      `json:"idle,omitempty"`          // nobody is at the PC
	OutsideHours bool      `json:"outside_hours,omitempty"` //
	Failures     int       `json:"failures,omitempty"`      // reads that failed in a row
	NotBefore    time.Time `json:"not_before,omitzero"`     // Microsoft asked to wait until then
}

// Phone is one phone as last read, with its mapping.
type Phone struct {
	ID           string             `json:"id"`
	System       string             `json:"system"` // the profile's id, such as "asterisk"
	Title        string             `json:"title"`
	Known        bool               `json:"known"`
	Status       string             `json:"status,omitempty"` // what it shows, in the phone system's words
	Means        string             `json:"means,omitempty"`  // away, available, busy or dnd; empty when not known
	Happening    string             `json:"happening,omitempty"`
	Chosen       string             `json:"chosen,omitempty"`
	Since        time.Time          `json:"since,omitzero"` // since when it shows that, as far as Offhook has seen
	Read         time.Time          `json:"read,omitzero"`
	Held         *Hold              `json:"held"` // what Offhook has set on this phone; null when nothing
	Problem      *Problem           `json:"problem"`
	SignIn       PhoneSignIn        `json:"sign_in,omitempty"` // of a phone that is signed in to with the browser; else empty
	Capabilities phone.Capabilities `json:"capabilities"`
	Proof        string             `json:"proof"`
	ToPhone      []Row              `json:"to_phone"` // Teams → phone
	ToTeams      []Row              `json:"to_teams"` // phone → Teams
}

// PhoneSignIn is how it stands with the sign-in to a phone.
type PhoneSignIn string

// How it stands.
const (
	PhoneSignInNeeded   PhoneSignIn = "needed"    // the person must sign in: SignInPhone
	PhoneSignInUnderWay PhoneSignIn = "under-way" // the page is open in their browser
	PhoneSignedIn       PhoneSignIn = "done"      // as far as is known: the phone has not asked for it
)

// Row is one row of a mapping table, ready to show.
type Row struct {
	From      string `json:"from"`       // "Busy/InACall", or a status
	FromTitle string `json:"from_title"` // "In a call"
	To        string `json:"to,omitempty"`
	ToTitle   string `json:"to_title,omitempty"`
	Unchanged bool   `json:"unchanged"`
	Why       string `json:"why,omitempty"`
	Applies   bool   `json:"applies,omitempty"` // this is what stands there now
	// In a phone's own tables: whether the row differs from the preset's, and what the preset says; an empty
	// Preset leaves the other side unchanged.
	Changed     bool   `json:"changed,omitempty"`
	Preset      string `json:"preset,omitempty"`
	PresetTitle string `json:"preset_title,omitempty"`
	Locked      bool   `json:"locked,omitempty"` // the policy sets it
}

// Hold is what Offhook itself has set on a side.
type Hold struct {
	Shows  string    `json:"shows"`          // what was set
	Before string    `json:"before"`         // what it gives back to
	Cause  string    `json:"cause"`          // one sentence
	Since  time.Time `json:"since"`          //
	Until  time.Time `json:"until,omitzero"` // when it ends by itself unless renewed
}

// Pause is a pause that the person asked for.
type Pause struct {
	Until time.Time `json:"until,omitzero"` // zero: until resumed
}

// Reason is one decision and why: what `offhook why` prints, a line each.
type Reason struct {
	At       time.Time      `json:"at"`
	Kind     string         `json:"kind"`  // stable: "mirrored", "unchanged", "gave-back", "own-hand-wins", …
	Where    string         `json:"where"` // the side that was, or was not, written: "teams" or a phone's id
	Sentence string         `json:"sentence"`
	TookMS   int64          `json:"took_ms,omitempty"` // from the cause being seen to the write being done
	With     map[string]any `json:"with,omitempty"`    // the parameters of the sentence
	Told     problem.Text   `json:"told,omitzero"`     // of one with a problem: that, to be said in the person's language
}

// SignIn asks for a sign-in.
type SignIn struct {
	DeviceCode bool `json:"device_code,omitempty"` // else in the browser
}

// Result is the answer to an action.
type Result struct {
	OK      bool           `json:"ok"`
	ID      string         `json:"id,omitempty"`    // of a phone that was added
	Note    string         `json:"note,omitempty"`  // what the person should know although it went well
	Noted   []problem.Text `json:"noted,omitempty"` // the same, to be said in the person's language
	Problem *Problem       `json:"problem,omitempty"`
}

// Add adds to what the person should know: a sentence without a full stop.
func (r *Result) Add(note problem.Text) {
	if r.Note != "" {
		r.Note += "; "
	}
	r.Note += note.String()
	r.Noted = append(r.Noted, note)
}
