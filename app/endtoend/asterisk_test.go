package endtoend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testreal"
)

const asteriskPassword = "offhook-ari" // of .ci/asterisk/etc/ari.conf

// asterisk is a real Asterisk as .ci/asterisk brings it up, looked at without Offhook's own connector.
type asterisk struct {
	t      *testing.T
	ari    string // its address
	client *http.Client
	world  *simulate.World
}

// realAsterisk gives a test the Asterisk alone, with do not disturb off and nobody calling, and a tenant.
func realAsterisk(t *testing.T) *asterisk {
	t.Helper()
	a := &asterisk{t: t, ari: os.Getenv("OFFHOOK_ASTERISK"), client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}}
	if a.ari == "" {
		a.ari = "http://127.0.0.1:8088/ari"
	}
	t.Cleanup(a.client.CloseIdleConnections)
	const how = "start one with .ci/asterisk/asterisk up"
	resp, err := a.client.Get(a.ari + "/asterisk/ping")
	if err != nil {
		testreal.Missing(t, "Asterisk", how)
	}
	_ = resp.Body.Close()
	testreal.Program(t, "sipp", "install it: Debian's package is sip-tester")
	testreal.Alone(t, "asterisk")
	a.set("Custom:DND100", "NOT_INUSE")
	t.Cleanup(func() { a.set("Custom:DND100", "NOT_INUSE") })
	a.line("NOT_INUSE")
	a.world = newWorld(t)
	return a
}

// settings writes settings for this Asterisk's extension 100 and the tenant.
func (a *asterisk) settings() (folder string) {
	a.t.Helper()
	return write(a.t, a.world, map[string]any{"id": "desk", "system": "asterisk", "title": "Office phone",
		"fields": map[string]string{"server": a.ari, "user": "offhook", "extension": "100"}})
}

// ask sends a request to ARI and answers what its JSON says of a state.
func (a *asterisk) ask(method, path string, query url.Values) (state string) {
	a.t.Helper()
	req, err := http.NewRequest(method, a.ari+path+"?"+query.Encode(), nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.SetBasicAuth("offhook", asteriskPassword)
	resp, err := a.client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		a.t.Fatalf("%s %s answers %s", method, path, resp.Status)
	}
	var answer struct{ State string }
	_ = json.NewDecoder(resp.Body).Decode(&answer) // what sets something answers nothing
	return answer.State
}

func (a *asterisk) state(device string) string {
	a.t.Helper()
	return a.ask(http.MethodGet, "/deviceStates/"+url.PathEscape(device), nil)
}

// set sets a device's state as a feature code of the PBX would.
func (a *asterisk) set(device, state string) {
	a.t.Helper()
	a.ask(http.MethodPost, "/asterisk/variable", url.Values{"variable": {"DEVICE_STATE(" + device + ")"}, "value": {state}})
}

// disturb waits until do not disturb is as said.
func (a *asterisk) disturb(state string) {
	a.t.Helper()
	poll(a.t, "do not disturb is "+state, func() bool { return a.state("Custom:DND100") == state })
}

// line waits until extension 100 is as said.
func (a *asterisk) line(state string) {
	a.t.Helper()
	poll(a.t, "extension 100 is "+state, func() bool { return a.state("PJSIP/100") == state })
}

// play has sipp play the two phones: see .ci/asterisk/asterisk. The answer waits for the end of it.
func (a *asterisk) play(what ...string) (ended func()) {
	a.t.Helper()
	c := exec.Command(filepath.Join("..", "..", ".ci", "asterisk", "asterisk"), what...)
	var out bytes.Buffer // whole once it has ended
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		a.t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- c.Wait() }()
	var told error
	var done bool
	ended = func() {
		if !done {
			told, done = <-over, true
		}
		if told != nil {
			a.t.Errorf("%s: %v\n%s", strings.Join(what, " "), told, &out)
		}
	}
	a.t.Cleanup(ended)
	return ended
}

// happened lists what Teams came to show since the world began.
func happened(w *simulate.World) (states []string) {
	for _, c := range w.State().Changes {
		if c.Side == "teams" && c.By == "teams" {
			shown, _, _ := strings.Cut(strings.TrimPrefix(c.What, "Teams shows "), ",")
			states = append(states, shown)
		}
	}
	return states
}

func (a *asterisk) happened(want ...string) {
	a.t.Helper()
	if diff := cmp.Diff(want, happened(a.world)); diff != "" {
		a.t.Errorf("Teams showed (-want +got):\n%s", diff)
	}
}

// The main job on a real PBX: ringing changes nothing, the answered call shows in Teams while it lasts, and
// afterwards Teams is as before.
func TestRealCallShowsInTeams(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), asteriskPassword)
	o.signIn()

	ended := a.play("call", "2")
	a.line("RINGING")
	o.happening("Ringing")
	wrote(t, a.world)
	a.line("INUSE")
	teamsShows(t, a.world, presence.InACall)
	if a.state("PJSIP/100") != "INUSE" {
		t.Error("the call was over before Teams showed it")
	}
	ended()
	a.line("NOT_INUSE")
	teamsShows(t, a.world, presence.Available)
	o.until("in step, and Teams is free again", func(s local.Status) bool { return s.Synced && s.Look == local.LookSynced })
	a.happened("In a call", "Available")
	wrote(t, a.world, "teams setPresence 204", "teams clearPresence 204")
	a.disturb("NOT_INUSE")
}

// A call that nobody takes changes nothing at all.
func TestRealRingingAloneChangesNothing(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), asteriskPassword)
	o.signIn()
	ended := a.play("ring", "1")
	o.happening("Ringing")
	ended()
	o.happening("")
	o.stop() // and nothing is held that would be given back
	wrote(t, a.world)
	a.happened()
}

// A Teams meeting sets do not disturb on the PBX, whose dialplan then turns calls away, and gives it back.
func TestRealMeetingSetsDoNotDisturb(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), asteriskPassword)
	o.signIn()
	act(t, a.world.Teams.Start(simulate.Calendar))
	a.disturb("BUSY")
	a.play("busy")()
	act(t, a.world.Teams.End(simulate.Calendar))
	a.disturb("NOT_INUSE")
	o.until("nothing is held", func(s local.Status) bool { return s.Synced && s.Phones[0].Held == nil })
	a.play("ring", "0")() // calls come through again
	o.stop()
	wrote(t, a.world)
	a.happened("In a meeting", "Available")
}

// A meeting begins during a call and outlasts it; each side ends up as things are, and both as before.
func TestRealMeetingOutlastsCall(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), asteriskPassword)
	o.signIn()
	ended := a.play("call", "2")
	teamsShows(t, a.world, presence.InACall)
	act(t, a.world.Teams.Start(simulate.Calendar))
	ended()
	teamsShows(t, a.world, presence.InAMeeting)
	a.disturb("BUSY")
	act(t, a.world.Teams.End(simulate.Calendar))
	a.disturb("NOT_INUSE")
	o.until("in step", func(s local.Status) bool { return s.Synced && s.Look == local.LookSynced })
	wrote(t, a.world, "teams setPresence 204", "teams clearPresence 204")
	a.happened("In a call", "In a meeting", "Available")
}

// The person turns do not disturb off in a meeting, to be called. Theirs stands; the call shows in Teams, and
// afterwards the meeting does.
func TestRealOwnHandInMeetingThenCall(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), asteriskPassword)
	o.signIn()
	act(t, a.world.Teams.Start(simulate.Calendar))
	a.disturb("BUSY")
	o.until("Offhook holds it", func(s local.Status) bool { return s.Phones[0].Held != nil && s.Phones[0].Chosen == "Do not disturb" })
	a.set("Custom:DND100", "NOT_INUSE")
	o.until("Offhook lets go of it", func(s local.Status) bool { return s.Phones[0].Held == nil && s.Phones[0].Chosen == "Available" })

	ended := a.play("call", "1")
	teamsShows(t, a.world, presence.InACall)
	ended()
	teamsShows(t, a.world, presence.InAMeeting)
	o.sees(presence.InAMeeting)
	if state := a.state("Custom:DND100"); state != "NOT_INUSE" {
		t.Errorf("do not disturb is %s although the person turned it off", state)
	}
	act(t, a.world.Teams.End(simulate.Calendar))
	o.until("in step", func(s local.Status) bool { return s.Synced && s.Look == local.LookSynced })
	a.disturb("NOT_INUSE")
	a.happened("In a meeting", "In a call", "In a meeting", "Available")
}

// Do not disturb set on the PBX shows in Teams, and is taken back there with it.
func TestRealDoNotDisturbShowsInTeams(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), asteriskPassword)
	o.signIn()
	a.set("Custom:DND100", "BUSY")
	teamsShows(t, a.world, presence.DoNotDisturb)
	a.set("Custom:DND100", "NOT_INUSE")
	teamsShows(t, a.world, presence.Available)
	o.until("in step", func(s local.Status) bool { return s.Synced && s.Look == local.LookSynced })
	a.disturb("NOT_INUSE")
	wrote(t, a.world, "teams setUserPreferredPresence 204", "teams clearUserPreferredPresence 204")
}

// A power cut in mid-call and in a meeting, both over before Offhook starts again: Teams and the PBX are given
// back.
func TestRealKilledAndStartedAgain(t *testing.T) {
	a := realAsterisk(t)
	folder := a.settings()
	p := launch(t, folder, asteriskPassword)
	p.signIn()
	ended := a.play("call", "5")
	teamsShows(t, a.world, presence.InACall)
	act(t, a.world.Teams.Start(simulate.Presenting))
	a.disturb("BUSY")
	p.kill()
	act(t, a.world.Teams.End(simulate.Presenting))
	ended()
	a.line("NOT_INUSE")
	teamsShows(t, a.world, presence.InACall) // what is wrong now
	a.disturb("BUSY")

	p = launch(t, folder, asteriskPassword)
	p.signIn()
	teamsShows(t, a.world, presence.Available)
	a.disturb("NOT_INUSE")
	p.until("nothing is held", func(s local.Status) bool { return s.Teams.Held == nil && s.Phones[0].Held == nil })
}

// A wrong password of the PBX is told and changes nothing on either side.
func TestRealWrongPassword(t *testing.T) {
	a := realAsterisk(t)
	o := begin(t, a.settings(), "wrong-password")
	o.beginSignIn(local.SignIn{})
	o.sees(presence.Available)
	o.troubled("bad-login")
	plainly(t, o, told{"bad-login", "desk", local.LookUnreachable, 5, false})
	act(t, a.world.Teams.Start(simulate.Calendar))
	o.sees(presence.InAMeeting)
	o.stop()
	wrote(t, a.world)
	a.disturb("NOT_INUSE")
}
