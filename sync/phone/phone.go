// Package phone says what a phone is to the rest of Offhook. The profile engine (profile) and the native
// connectors (asterisk, …) stand behind it; it must not know the engine, Teams or a screen.
package phone

import (
	"context"
	"slices"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

// Phone is one person's phone. Its methods may be called from several goroutines at once.
// Errors are *problem.Problem.
type Phone interface {
	// Watch keeps in touch with the phone until ctx ends, then returns with everything it started ended.
	// It reports a full reading whenever one was taken: at once after connecting, after every event and
	// after every re-connection; repeated equal readings are allowed. It reports an error each time the
	// phone could not be read, and goes on trying by itself, slower and slower; a refused login is tried
	// again only by a new Phone. report is called from one goroutine at a time.
	Watch(ctx context.Context, report func(presence.Reading, error))

	// Write makes the phone show a status that the person did not choose there: one of the mapping's
	// writable ones, by name.
	Write(ctx context.Context, status string) error

	// GiveBack ends what Write set, so that the phone shows what it showed before: the status named, or
	// (where the system keeps what it showed before by itself) whatever that is.
	GiveBack(ctx context.Context, before string) error
}

// Reader is what a Phone also is where its settings may forbid to write.
type Reader interface {
	ReadOnly() bool
}

// SignsIn is what a Phone also is where the person can be asked to sign in: with their browser, or once more
// with what they entered after that was refused.
type SignsIn interface {
	// SignIn signs in anew, by the person's wish. It returns when that is done, failed or ctx has ended.
	SignIn(ctx context.Context) error
	// SignOut forgets the sign-in.
	SignOut() error
}

// Capabilities is what a phone system lets a person's own program do.
type Capabilities struct {
	ReadsLine   bool `json:"reads_line"`   // whether the phone rings or is in use
	ReadsStatus bool `json:"reads_status"` // what the person chose
	Writes      bool `json:"writes"`
	Events      bool `json:"events"` // changes are told; else they are polled
}

// Field is something a person must enter to reach their phone.
type Field struct {
	Name        string    `json:"name"`
	Label       string    `json:"label"`
	Type        FieldType `json:"type"`
	Options     []Option  `json:"options,omitempty"` // of a choice
	Help        string    `json:"help,omitempty"`
	Placeholder string    `json:"placeholder,omitempty"`
	Default     string    `json:"default,omitempty"`
	Pattern     string    `json:"pattern,omitempty"` // a regular expression that the whole value must fit
	Secret      bool      `json:"secret,omitempty"`  // the type is Secret
	Optional    bool      `json:"optional,omitempty"`
}

// FieldType is the form of what is entered into a field.
type FieldType string

// The types of fields.
const (
	Text   FieldType = "text"
	Secret FieldType = "secret" // never shown, never on disk unsealed
	URL    FieldType = "url"    // of a server, with http:// or https://
	Host   FieldType = "host"   // a name or an address, perhaps with a port
	Choice FieldType = "choice" // one of the options
	Number FieldType = "number" // digits
	Flag   FieldType = "flag"   // true or false
)

// FieldTypes lists the types of fields.
func FieldTypes() []FieldType { return []FieldType{Text, Secret, URL, Host, Choice, Number, Flag} }

// Option is one of the values of a choice.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// System describes a phone system: what a person enters, what it can do, how far that has been proven.
type System struct {
	ID           string           `json:"id"`
	Title        string           `json:"title"`
	Fields       []Field          `json:"fields"`
	Capabilities Capabilities     `json:"capabilities"`
	Proof        string           `json:"proof"`     // "run against the real system", "built from documents", "simulated", "mapping only"
	Documents    []string         `json:"documents"` // where the facts come from
	Mapping      presence.Mapping `json:"-"`
	MappingOnly  bool             `json:"mapping_only"` // the tables are there, the connector is not yet
	ByBrowser    bool             `json:"by_browser"`   // the person signs in with their browser, on the vendor's page
}

// Offered is the mapping as it can be carried out. Where nothing can be written, a row that names a status says
// what the vendor's own sync does; Offhook leaves the phone unchanged.
func (s System) Offered() presence.Mapping {
	m := s.Mapping
	if s.Capabilities.Writes || s.MappingOnly {
		return m
	}
	m.Statuses, m.ToPhone = slices.Clone(m.Statuses), slices.Clone(m.ToPhone)
	for i := range m.Statuses {
		m.Statuses[i].Writable = false
	}
	for i := range m.ToPhone {
		if row := &m.ToPhone[i]; !row.Unchanged() {
			row.To, row.Why = "", presence.OneWay
		}
	}
	return m
}

// Backoff is how long to wait before the nth attempt in a row (from 1) to reach a phone, before jitter.
func Backoff(attempt int) time.Duration {
	d := time.Second << min(attempt-1, 6)
	return min(d, time.Minute)
}
