package resident_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/journal"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
)

const otherID = "0a400000-c0de-4000-8000-00000000a1e0"

func (d *desk) another() { d.World.SignInAs(otherID, "alex@example.test", "Alex Example") }

func (d *desk) signedInAs(name string) {
	d.t.Helper()
	d.ok(d.Resident.SignIn(d.t.Context(), local.SignIn{}))
	d.await("signed in as "+name, func(s local.Status) bool { return s.Synced && s.Account.Name == name })
}

// written lists what was changed in Teams.
func (d *desk) written() (list []string) {
	for _, r := range d.World.Requests() {
		if r.Side == "teams" && r.Method == http.MethodPost && r.Status/100 == 2 {
			list = append(list, r.Path[strings.LastIndex(r.Path, "/")+1:])
		}
	}
	return list
}

func (d *desk) held() engine.Journal {
	d.t.Helper()
	held, err := journal.In(d.Folder).Load()
	if err != nil {
		d.t.Fatal(err)
	}
	return held
}

// Whoever signs in after a sign-out that could not give back gets nothing of the one before.
func TestSignOutWithGraphAwayForgetsTheHolds(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Choose("dnd"))
	d.shows(presence.DoNotDisturb, "dnd")
	if d.held().Account != simulate.UserID || !d.held().Preferred.Is() {
		t.Fatalf("the journal holds %+v", d.held())
	}
	d.do(d.World.Fail(simulate.Faults{Graph: "503", After: time.Second}))
	d.ok(d.Resident.SignOut(t.Context()))
	if held := d.held(); held.Preferred.Is() || held.Session.Is() {
		t.Errorf("signed out, and the journal still holds %+v", held)
	}

	d.do(d.World.Fail(simulate.Faults{Graph: "none"}))
	before := len(d.written())
	d.another()
	d.signedInAs("alex@example.test")
	if held := d.Resident.Status().Teams.Held; held != nil {
		t.Errorf("Alex holds %+v", held)
	}
	d.do(d.World.Phone.Choose("available"))
	d.await("the phone is available", func(s local.Status) bool {
		return s.Phones[0].Status == "Available" || s.Phones[0].Chosen == "available"
	})
	if got := d.written()[before:]; len(got) != 0 {
		t.Errorf("written in Alex's Teams: %v", got)
	}
}

// Who signs in in another's place is let in once that one's Teams has been given back; the settings stay.
func TestSwitchingAccountsGivesBackFirst(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Choose("dnd"))
	d.shows(presence.DoNotDisturb, "dnd")
	d.another()
	d.signedInAs("alex@example.test")
	if got := strings.Join(d.written(), " "); got != "setUserPreferredPresence clearUserPreferredPresence" {
		t.Errorf("written: %s", got)
	}
	if held := d.held(); held.Preferred.Is() {
		t.Errorf("the journal holds %+v", held)
	}
	d.do(d.World.Phone.Dial())
	d.shows(presence.InACall, "dnd") // the phone is still set up
}

// The same person once more keeps what is held.
func TestSigningInAgainKeepsTheHolds(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Dial())
	d.shows(presence.InACall, "available")
	d.await("held", func(s local.Status) bool { return s.Teams.Held != nil && busy(s) })
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{}))
	d.await("signed in again", func(s local.Status) bool { return s.Synced && s.Account.SigningIn == "" })
	if got := strings.Join(d.written(), " "); got != "setPresence" {
		t.Errorf("written: %s", got)
	}
}
