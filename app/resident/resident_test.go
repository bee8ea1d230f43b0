package resident_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/app/demo"
	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a resident between simulated worlds, running until the end of the test or until stop.
type desk struct {
	*demo.Demo
	t     *testing.T
	log   *testlog.Log
	ended chan struct{}
	stop  func()
}

func begin(t *testing.T, o resident.Options) *desk {
	t.Helper()
	t.Parallel()
	d := &desk{t: t, log: testlog.New(t, simulate.DefaultPassword, "eyJ"), ended: make(chan struct{})}
	o.Version, o.Log = "test", d.log.Logger()
	outside, end := context.WithCancel(context.Background())
	var err error
	if d.Demo, err = demo.New(outside, o); err != nil {
		end()
		t.Fatal(err)
	}
	running, stop := context.WithCancel(outside)
	d.stop = func() { stop(); <-d.ended }
	go func() {
		defer close(d.ended)
		d.Resident.Run(running)
	}()
	t.Cleanup(func() {
		d.stop()
		end()
		if err := d.World.Wait(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return d
}

const patience = 20 * time.Second

// await follows the status until it is as wanted.
func (d *desk) await(what string, right func(local.Status) bool) local.Status {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	var last local.Status
	for last = range d.Resident.Follow(ctx) {
		if right(last) {
			return last
		}
	}
	d.t.Fatalf("%s: not within %s; the status says %q", what, patience, last.Sentence)
	return last
}

// shows follows the worlds until they show both.
func (d *desk) shows(teams presence.Pair, status string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	var last simulate.State
	for last = range d.World.Follow(ctx) {
		if last.Teams.Shows == teams && last.Phone.Status == status {
			return
		}
	}
	d.t.Fatalf("the worlds show %s and %s, not %s and %s", last.Teams.Shows, last.Phone.Status, teams, status)
}

func (d *desk) ok(r local.Result) {
	d.t.Helper()
	if !r.OK {
		d.t.Fatalf("refused: %+v", r.Problem)
	}
}

func (d *desk) do(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) signIn() {
	d.t.Helper()
	d.ok(d.Resident.SignIn(d.t.Context(), local.SignIn{}))
	d.await("signed in", synced)
}

func synced(s local.Status) bool { return s.Synced }
func busy(s local.Status) bool   { return s.Look == local.LookBusy && s.Synced }

// signedOut tells whether nobody is signed in, nor about to be.
func signedOut(s local.Status) bool {
	return !s.Account.SignedIn && s.Account.SigningIn == "" && s.Look == local.LookSignedOut
}

// A sign-in leads from "nobody is signed in" over "signing in" to "in step", without a step back.
func TestSigningInIsTold(t *testing.T) {
	d := begin(t, resident.Options{})
	s := d.await("nobody is signed in", func(s local.Status) bool { return s.Problem != nil })
	if s.Problem.Where != "account" || s.Problem.Kind != "signed-out" || s.Sentence != s.Problem.What {
		t.Errorf("the problem is %+v and the sentence %q", s.Problem, s.Sentence)
	}
	statuses := d.Resident.Follow(t.Context())
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{}))
	begun := false
	for s := range statuses {
		switch {
		case s.Account.SigningIn != "":
			begun = true
		case begun && !s.Account.SignedIn:
			t.Fatalf("after the sign-in: %q, %+v", s.Sentence, s.Problem)
		}
		if s.Synced {
			break
		}
	}
	if s := d.Resident.Status(); s.Account.Name != simulate.UserName || s.Account.Kept || s.Account.NotKept == "" || s.Problem != nil {
		t.Errorf("signed in: %+v, %+v", s.Account, s.Problem)
	}
}

func TestSignInWithACode(t *testing.T) {
	d := begin(t, resident.Options{})
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{DeviceCode: true}))
	s := d.await("a code", func(s local.Status) bool { return s.Account.Code != "" })
	if s.Account.SigningIn != "device-code" || s.Account.CodeURL == "" || !s.Account.CodeUntil.After(time.Now()) {
		t.Errorf("the account is %+v", s.Account)
	}
	d.do(simulate.BrowseDevice(t.Context(), nil, s.Account.CodeURL, s.Account.Code))
	s = d.await("signed in", func(s local.Status) bool { return s.Synced && s.Account.SigningIn == "" })
	if s.Account.Code != "" {
		t.Errorf("afterwards the account is %+v", s.Account)
	}
}

func TestSignInThatFails(t *testing.T) {
	d := begin(t, resident.Options{OpenURL: func(url string) error {
		go simulate.BrowseAndCancel(t.Context(), nil, url) //nolint:errcheck // what fails, the sign-in tells
		return nil
	}})
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{}))
	s := d.await("the reason", func(s local.Status) bool { return s.Account.Problem != nil })
	if !signedOut(s) || !cmp.Equal(s.Problem, s.Account.Problem) || s.Sentence != s.Problem.What || s.Problem.Do == "" {
		t.Errorf("%q, %+v", s.Sentence, s.Problem)
	}
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{DeviceCode: true}))
	s = d.await("a code", func(s local.Status) bool { return s.Account.Code != "" })
	if s.Account.Problem != nil {
		t.Errorf("the reason outlasts the next sign-in: %+v", s.Account.Problem)
	}
	d.do(simulate.BrowseDevice(t.Context(), nil, s.Account.CodeURL, s.Account.Code))
	d.await("signed in", synced)

	// One who is signed in stays so, and in step, where another sign-in fails.
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{}))
	s = d.await("the reason", func(s local.Status) bool { return s.Account.Problem != nil })
	if !s.Synced || !s.Account.SignedIn || s.Problem != nil {
		t.Errorf("%q, %+v, %+v", s.Sentence, s.Account, s.Problem)
	}
}

// A sign-in that nobody finishes holds nothing up.
func TestSignInThatNobodyFinishes(t *testing.T) {
	for _, tt := range []struct {
		name string
		next func(d *desk)
	}{
		{"another sign-in", func(d *desk) {
			d.ok(d.Resident.SignIn(d.t.Context(), local.SignIn{DeviceCode: true}))
			s := d.await("a code", func(s local.Status) bool { return s.Account.Code != "" })
			d.do(simulate.BrowseDevice(d.t.Context(), nil, s.Account.CodeURL, s.Account.Code))
			d.await("signed in", synced)
		}},
		{"sign-out", func(d *desk) {
			d.ok(d.Resident.SignOut(d.t.Context()))
			d.await("signed out", signedOut)
		}},
		{"quit", func(d *desk) { d.ok(d.Resident.Quit(d.t.Context())); <-d.ended }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opened := make(chan string, 1)
			d := begin(t, resident.Options{OpenURL: func(url string) error { opened <- url; return nil }})
			d.ok(d.Resident.SignIn(d.t.Context(), local.SignIn{}))
			<-opened
			tt.next(d)
		})
	}
}

// The status tells of both sides and of what Offhook holds there, and that it was read.
func TestStatusOfBothSides(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Dial())
	s := d.await("in a call", busy)
	type side struct {
		Title, Means, Shows, Before, Cause string
	}
	want := side{"In a call", "busy", "In a call", "Available", "Desk phone: On a call"}
	if s.Teams.Held == nil {
		t.Fatal("nothing is held in Teams")
	}
	if diff := cmp.Diff(want, side{s.Teams.Title, s.Teams.Means, s.Teams.Held.Shows, s.Teams.Held.Before, s.Teams.Held.Cause}); diff != "" {
		t.Errorf("Teams (-want +got):\n%s", diff)
	}
	if p := s.Phones[0]; p.Status != "On a call" || p.Happening != "On a call" || p.Chosen != "Available" || p.Means != "busy" || p.Held != nil {
		t.Errorf("the phone: %+v", p)
	}
	if s.Teams.Read.IsZero() || s.Phones[0].Read.IsZero() || s.Changed.IsZero() || s.Teams.Because == "" {
		t.Errorf("when it was read is not told: %+v", s)
	}
	d.do(d.World.Phone.HangUp())
	d.await("as before", func(s local.Status) bool { return s.Look == local.LookSynced && s.Teams.Held == nil })

	d.do(d.World.Teams.Start(simulate.Calendar))
	s = d.await("in a meeting", func(s local.Status) bool {
		return s.Phones[0].Status == "In a meeting" && s.Reasons[len(s.Reasons)-1].Kind == "mirrored"
	})
	h := s.Phones[0].Held
	if h == nil {
		t.Fatal("nothing is held on the phone")
	}
	want = side{"In a meeting", "busy", "In a meeting", "Available", "Teams: In a meeting"}
	if diff := cmp.Diff(want, side{s.Phones[0].Status, s.Phones[0].Means, h.Shows, h.Before, h.Cause}); diff != "" {
		t.Errorf("the phone (-want +got):\n%s", diff)
	}
	last := s.Reasons[len(s.Reasons)-1]
	if last.Where != "desk" || last.Sentence == "" || last.With["source"] != "teams" {
		t.Errorf("the newest reason is %+v", last)
	}
}

// Who does not listen for a while hears the newest only, and the stream ends with its context.
func TestFollow(t *testing.T) {
	d := begin(t, resident.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	statuses := d.Resident.Follow(ctx)
	if s := <-statuses; s.Account.SignedIn {
		t.Errorf("the first is not the status at the start: %q", s.Sentence)
	}
	d.signIn()
	d.do(d.World.Phone.Dial())
	d.await("in a call", busy)
	newest := d.Resident.Status() // by now every follower has it
	got := <-statuses
	if got.Changed.Before(newest.Changed) || !busy(got) {
		t.Errorf("after a while unheard: %q, not the newest: %q", got.Sentence, newest.Sentence)
	}
	cancel()
	for range statuses { // at most one more, then it is closed
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range d.Resident.Follow(over) {
	}
}

// A pause gives back at once, changes nothing while it lasts, and outlasts a sign-out.
func TestPause(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Dial())
	d.shows(presence.InACall, "available")
	until := time.Now().Add(time.Hour)
	d.ok(d.Resident.Pause(t.Context(), until))
	d.shows(presence.Available, "available")
	s := d.await("paused", func(s local.Status) bool { return s.Paused != nil && s.Teams.Held == nil })
	if s.Look != local.LookPaused || s.Synced || !s.Paused.Until.Equal(until) {
		t.Errorf("%s, %q, until %s", s.Look, s.Sentence, s.Paused.Until)
	}
	writes := d.World.State().Requests["teams"].Writes
	d.do(d.World.Phone.HangUp())
	d.do(d.World.Phone.Dial())
	d.await("the second call seen", func(s local.Status) bool { return s.Phones[0].Happening == "On a call" })
	if now := d.World.State().Requests["teams"].Writes; now != writes {
		t.Errorf("%d writes to Teams in the pause", now-writes)
	}
	d.ok(d.Resident.SignOut(t.Context()))
	d.await("signed out", signedOut)
	d.ok(d.Resident.SignIn(t.Context(), local.SignIn{}))
	d.await("still paused", func(s local.Status) bool { return s.Account.SignedIn && s.Teams.Known && s.Look == local.LookPaused })
	d.ok(d.Resident.Resume(t.Context()))
	d.shows(presence.InACall, "available")

	if r := d.Resident.Pause(t.Context(), time.Now().Add(-time.Minute)); r.OK || r.Problem.Kind != "refused" {
		t.Errorf("a pause that is over already: %+v", r)
	}
}

// Signing out gives back first, as long as that is still allowed, and then forgets.
func TestSignOutGivesBackFirst(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Dial())
	d.shows(presence.InACall, "available")
	d.ok(d.Resident.SignOut(t.Context()))
	if shows := d.World.State().Teams.Shows; shows != presence.Available {
		t.Errorf("signed out, and Teams still shows %s", shows)
	}
	s := d.await("signed out", signedOut)
	if s.Account.Name != "" || s.Teams.Known || s.Teams.Held != nil {
		t.Errorf("signed out: %+v, %+v", s.Account, s.Teams)
	}
	d.ok(d.Resident.SignOut(t.Context())) // once more is no harm
	d.signIn()
	d.shows(presence.InACall, "available") // level, not edge: the call is still there
}

// However it ends, what is held is given back, and afterwards nothing more is taken on.
func TestTheEndGivesBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(d *desk)
	}{
		{"the person quits", func(d *desk) { d.ok(d.Resident.Quit(d.t.Context())); <-d.ended }},
		{"quits twice", func(d *desk) {
			d.ok(d.Resident.Quit(d.t.Context()))
			d.ok(d.Resident.Quit(d.t.Context()))
			<-d.ended
		}},
		{"the computer is shut down", func(d *desk) { d.stop() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := begin(t, resident.Options{})
			d.signIn()
			d.do(d.World.Teams.Start(simulate.Calendar))
			d.shows(presence.InAMeeting, "meeting")
			d.do(d.World.Phone.Dial())
			d.shows(presence.InACall, "meeting")
			tt.end(d)
			now := d.World.State()
			if now.Teams.Shows != presence.InAMeeting || now.Phone.Status != "available" {
				t.Errorf("afterwards Teams shows %s and the phone %s", now.Teams.Shows, now.Phone.Status)
			}
			for name, r := range map[string]local.Result{
				"sign-in":  d.Resident.SignIn(t.Context(), local.SignIn{}),
				"sign-out": d.Resident.SignOut(t.Context()),
				"pause":    d.Resident.Pause(t.Context(), time.Time{}),
				"resume":   d.Resident.Resume(t.Context()),
			} {
				if r.OK || r.Problem.Kind != "refused" {
					t.Errorf("%s after the end: %+v", name, r)
				}
			}
		})
	}
}

// Actions from everywhere at once neither hang nor trip over each other.
func TestEverythingAtOnce(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { d.Resident.SignIn(t.Context(), local.SignIn{}) })
		all.Go(func() { d.Resident.SignIn(t.Context(), local.SignIn{DeviceCode: true}) })
		all.Go(func() { d.Resident.SignOut(t.Context()) })
		all.Go(func() { d.Resident.Pause(t.Context(), time.Now().Add(time.Hour)) })
		all.Go(func() { d.Resident.Resume(t.Context()) })
		all.Go(func() { d.Resident.Status() })
	}
	all.Wait()
	d.ok(d.Resident.SignOut(t.Context()))
	d.await("signed out", signedOut)
}

// Settings that are not right: the status says so, every action says the same, and nothing is read.
func TestWrongSettings(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, settings.File), []byte("acount: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	store, _ := secrets.Open(t.Context(), folder, secrets.InMemory())
	r := resident.New(resident.Options{Folder: folder, Secrets: store, Log: demo.Quiet()})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(ctx) }()
	s := r.Status()
	if s.Problem == nil || s.Problem.Where != "settings" || !strings.Contains(s.Sentence, `unknown field "acount"`) || s.Synced {
		t.Errorf("%q, %+v", s.Sentence, s.Problem)
	}
	for name, got := range map[string]local.Result{
		"sign-in":  r.SignIn(ctx, local.SignIn{}),
		"sign-out": r.SignOut(ctx),
		"pause":    r.Pause(ctx, time.Time{}),
		"resume":   r.Resume(ctx),
	} {
		if diff := cmp.Diff(local.Result{Problem: s.Problem}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := r.Quit(ctx); !got.OK {
		t.Errorf("quit: %+v", got)
	}
	<-ended
	cancel()
}

func TestSecretVariable(t *testing.T) {
	if got := resident.SecretVariable("front-desk", "api_key"); got != "OFFHOOK_SECRET_FRONT_DESK_API_KEY" {
		t.Error(got)
	}
}
