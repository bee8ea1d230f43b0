// Package doctor looks at everything Offhook needs, from the network to the tray, and says of each in one line
// how it is and what to do. It changes nothing, and works whether or not the resident runs.
package doctor

import (
	"context"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

// State is how something is.
type State string

// The states. Their texts are stable: they stand in `doctor --json`.
const (
	OK      State = "ok"
	Note    State = "note"    // it works, and the person may want to know
	Bad     State = "bad"     // it does not work
	Skipped State = "skipped" // it cannot be told, because of something else in the list
)

// Check is one line of the report.
type Check struct {
	Name  string `json:"name"` // stable: "network", "clock", …
	State State  `json:"state"`
	What  string `json:"what"`         // how it is, one sentence without a full stop
	Do    string `json:"do,omitempty"` // what to do about it
}

// Report is all of them, in the order in which to mend them.
type Report struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
	Running bool      `json:"running"`
	Checks  []Check   `json:"checks"`
}

// Well tells whether nothing is bad.
func (r Report) Well() bool {
	for _, c := range r.Checks {
		if c.State == Bad {
			return false
		}
	}
	return true
}

// Options are where to look.
type Options struct {
	Folder    string // the configuration folder
	Policy    string
	Version   string
	Secrets   func(context.Context) (resident.Secrets, error) // opens the sealed store
	Autostart resident.Autostart                              // nil: it cannot be switched
	Tray      func(context.Context) *local.Problem            // why the desktop shows no tray icons; nil: it does
	Notices   func() (name string, err error)                 // who shows notifications
}

// look is one examination.
type look struct {
	o        Options
	set      settings.Loaded
	broken   error         // the settings
	status   *local.Status // nil: the resident does not run
	secrets  resident.Secrets
	locked   error // the keyring
	reached  bool  // a server of Microsoft's has answered
	answered time.Time
	checks   []Check
}

// Examine makes a report. It takes as long as the slowest answer, half a minute at most.
func Examine(ctx context.Context, o Options) Report {
	l := &look{o: o}
	l.set, l.broken = settings.LoadAll(o.Folder, o.Policy)
	asking, cancel := context.WithTimeout(ctx, 5*time.Second)
	if s, err := local.Dial(o.Folder).Status(asking); err == nil {
		l.status = &s
	}
	cancel()
	l.secrets, l.locked = o.Secrets(ctx)
	l.aboutSettings()
	l.aboutMicrosoft(ctx)
	l.aboutKeyring()
	l.aboutSignIn()
	l.aboutPhones(ctx)
	l.aboutDesktop(ctx)
	return Report{Version: o.Version, At: time.Now(), Running: l.status != nil, Checks: l.checks}
}

func (l *look) say(name string, s State, what, do string) {
	l.checks = append(l.checks, Check{name, s, what, do})
}

// fail says what an error says.
func (l *look) fail(name string, err error) {
	p := problem.Of(err)
	l.say(name, Bad, p.What.String(), p.Do.String())
}

func (l *look) aboutSettings() {
	switch {
	case l.broken != nil:
		l.fail("settings", l.broken)
	case l.set.Account.ClientID == "":
		l.say("settings", Bad, "No app registration is set, so nobody can sign in", "Register one as the README says, and put its id into account.client_id")
	default:
		l.say("settings", OK, "The settings are right: "+l.set.File, "")
	}
	switch {
	case l.broken != nil:
		l.say("policy", Skipped, "The settings have to be mended first", "")
	case l.set.Policy == "":
		l.say("policy", OK, "No administrator has set anything on this PC", "")
	default:
		l.say("policy", Note, "An administrator has set some of the settings: "+l.set.Policy, "")
	}
	if l.status == nil {
		l.say("running", Note, "Offhook does not run with these settings", "Start it with: offhook")
	} else {
		l.say("running", OK, "Offhook runs: "+l.status.Sentence, "")
	}
}

func (l *look) aboutKeyring() {
	switch {
	case l.locked != nil:
		l.fail("keyring", l.locked)
	case l.secrets.Kept() != nil:
		l.fail("keyring", l.secrets.Kept())
	default:
		l.say("keyring", OK, "Passwords and the sign-in are sealed with a key in the keyring", "")
	}
}

func (l *look) aboutDesktop(ctx context.Context) {
	if p := l.o.Tray(ctx); p != nil {
		l.say("tray", Note, p.What, p.Do)
	} else {
		l.say("tray", OK, "The desktop shows tray icons", "")
	}
	if name, err := l.o.Notices(); err != nil {
		l.say("notifications", Note, "The desktop shows no notifications", "Look at Offhook's icon now and then, or start a notification service")
	} else {
		l.say("notifications", OK, "Notifications are shown by "+name, "")
	}
	if l.o.Autostart == nil {
		l.say("autostart", Skipped, "Whether Offhook starts at login cannot be told", "")
		return
	}
	switch on, err := l.o.Autostart.Enabled(); {
	case err != nil:
		l.say("autostart", Note, "Whether Offhook starts at login cannot be told: "+err.Error(), "")
	case on:
		l.say("autostart", OK, "Offhook starts at login", "")
	default:
		l.say("autostart", Note, "Offhook does not start at login", "Switch it on with: offhook autostart on")
	}
}
