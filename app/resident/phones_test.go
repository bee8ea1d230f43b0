package resident_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/simulate"
)

// vendor is a simulated phone system with OAuth 2 by code and PKCE, whose refresh tokens are good for one use,
// and the person's browser in front of it.
type vendor struct {
	*httptest.Server
	t *testing.T

	mu        sync.Mutex
	declines  bool // the person says no on the page
	closes    bool // the person closes the page
	challenge string
	pairs     int // of tokens given
	status    string
}

const vendorFile = `
id: blue
title: Blue
proof: simulated
documents: [a test]
capabilities: {reads_line: true, reads_status: true, writes: true, events: false}
fields: [{name: server, label: Server}, {name: client_id, label: Client id, default: app}]
base: ${server}
sign_in:
  oauth: {authorize: "${server}/authorize", token: "${server}/token", client_id: "${client_id}"}
read: {request: {path: /me}, happening: 'if .line == "idle" then null else .line end', chosen: .status}
events: {poll: 1s}
write: {method: PUT, path: "/me/${value}"}
statuses:
  - {name: Available, value: available, means: available, writable: true}
  - {name: Busy, value: busy, means: busy, writable: true}
  - {name: On a call, value: talking, means: busy, activity: true}
mapping:
  teams_to_phone: [{teams: Available/Available, phone: Available}, {teams: Busy/InAMeeting, phone: Busy}]
  phone_to_teams: [{phone: Available, teams: Available/Available}, {phone: On a call, teams: Busy/InACall}]
`

func newVendor(t *testing.T) *vendor {
	v := &vendor{t: t, status: "available"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		back, err := url.Parse(q.Get("redirect_uri"))
		if err != nil || q.Get("response_type") != "code" || q.Get("client_id") != "app" || q.Get("code_challenge_method") != "S256" {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.challenge = q.Get("code_challenge")
		answer := url.Values{"code": {"c1"}, "state": {q.Get("state")}}
		if v.declines {
			answer = url.Values{"error": {"access_denied"}, "error_description": {"You said no."}, "state": {q.Get("state")}}
		}
		back.RawQuery = answer.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		byCode := r.PostFormValue("grant_type") == "authorization_code" && r.PostFormValue("code") == "c1" &&
			base64.RawURLEncoding.EncodeToString(sum[:]) == v.challenge
		again := r.PostFormValue("grant_type") == "refresh_token" && r.PostFormValue("refresh_token") == fmt.Sprintf("refresh-%d", v.pairs)
		if r.PostFormValue("client_id") != "app" || !byCode && !again {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		v.pairs++
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprintf("access-%d", v.pairs),
			"refresh_token": fmt.Sprintf("refresh-%d", v.pairs), "expires_in": 3600})
	})
	mine := func(do func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			v.mu.Lock()
			defer v.mu.Unlock()
			if v.pairs == 0 || r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-%d", v.pairs) {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			do(w, r)
		}
	}
	mux.HandleFunc("GET /me", mine(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"line": "idle", "status": v.status})
	}))
	mux.HandleFunc("PUT /me/{status}", mine(func(w http.ResponseWriter, r *http.Request) { v.status = r.PathValue("status") }))
	v.Server = httptest.NewServer(mux)
	t.Cleanup(v.Close)
	return v
}

// browse is the person at the vendor's page, or at Microsoft's.
func (v *vendor) browse(address string) error {
	v.mu.Lock()
	closes := v.closes
	v.mu.Unlock()
	go func() { // ends with what it asks for
		switch {
		case !strings.HasPrefix(address, v.URL):
			_ = simulate.Browse(v.t.Context(), http.DefaultClient, address) // what fails, the sign-in tells
		case !closes:
			if resp, err := http.Get(address); err == nil {
				_ = resp.Body.Close()
			}
		}
	}()
	return nil
}

func (v *vendor) set(declines, closes bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.declines, v.closes = declines, closes
}

func (v *vendor) shows() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.status
}

// atTheDoor answers at the resident's door, and is its client.
func (d *desk) atTheDoor() *local.Client {
	d.t.Helper()
	l, err := local.Listen(d.Folder)
	d.do(err)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- local.Serve(ctx, l, d.Resident, slog.New(slog.DiscardHandler)) }()
	d.t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			d.t.Error(err)
		}
	})
	return local.Dial(d.Folder)
}

// A phone that is signed in to with the browser: from its being added, over a sign-in that is declined, one
// that is given up and one that is done, to its being removed with all that was kept of it.
func TestPhoneSignedInToWithTheBrowser(t *testing.T) {
	v := newVendor(t)
	d := begin(t, resident.Options{OpenURL: v.browse})
	ctx, door := t.Context(), d.atTheDoor()
	must := func(r local.Result, err error) {
		t.Helper()
		d.do(err)
		d.ok(r)
	}
	blue := func(what string, right func(local.Phone) bool) (last local.Phone) {
		t.Helper()
		d.await(what, func(s local.Status) bool {
			for _, last = range s.Phones {
				if last.ID == "blue" && right(last) {
					return true
				}
			}
			return false
		})
		return last
	}
	d.do(os.MkdirAll(filepath.Join(d.Folder, "phones"), 0o700))
	d.do(os.WriteFile(filepath.Join(d.Folder, "phones", "blue.yaml"), []byte(vendorFile), 0o600))
	must(door.EditSettings(ctx, local.Edit{RemovePhone: "desk"}))
	must(door.SignIn(ctx, local.SignIn{}))
	d.await("signed in to Teams", func(s local.Status) bool { return s.Account.SignedIn && s.Account.SigningIn == "" })
	add := local.Edit{AddPhone: &local.PhoneEdit{System: "blue", Fields: map[string]string{"server": v.URL}}}
	must(door.EditSettings(ctx, add))

	needed := func(p local.Phone) bool { return p.SignIn == local.PhoneSignInNeeded && p.Problem != nil }
	p := blue("it wants a sign-in", needed)
	if p.Problem.Kind != "phone-signed-out" || p.Problem.Where != "blue" || p.Problem.Do == "" {
		t.Errorf("the problem is %+v", p.Problem)
	}
	s := d.Resident.Status()
	if !s.Account.SignedIn || s.Problem == nil || s.Problem.Kind != "phone-signed-out" || !slices.Contains(s.Setup.Missing, "phone-sign-in") {
		t.Errorf("the status says %+v, %+v, %q", s.Account, s.Problem, s.Setup.Missing)
	}
	same := local.Test{System: "blue", Phone: "blue", Fields: map[string]string{"server": v.URL}}
	if tested, err := door.Test(ctx, same); err != nil || tested.Problem == nil || tested.Problem.Kind != "phone-signed-out" {
		t.Errorf("tested before the sign-in: %+v, %v", tested, err)
	}

	v.set(true, false)
	must(door.SignInPhone(ctx, "blue"))
	p = blue("the no", func(p local.Phone) bool { return needed(p) && strings.Contains(p.Problem.What, "You said no") })
	if p.Problem.Kind != "phone-signed-out" {
		t.Errorf("a declined sign-in is told as %+v", p.Problem)
	}

	v.set(false, true)
	must(door.SignInPhone(ctx, "blue"))
	blue("under way", func(p local.Phone) bool { return p.SignIn == local.PhoneSignInUnderWay })
	must(door.CancelSignInPhone(ctx, "blue"))
	if p := blue("given up", needed); strings.Contains(p.Problem.What, "You said no") {
		t.Errorf("given up, and what went wrong before is still told: %+v", p.Problem)
	}

	v.set(false, false)
	must(door.SignInPhone(ctx, "blue"))
	p = blue("signed in", func(p local.Phone) bool { return p.SignIn == local.PhoneSignedIn && p.Known })
	if p.Problem != nil || p.Status != "Available" {
		t.Errorf("signed in, it shows %+v", p)
	}
	d.await("in step", synced)
	if tested, err := door.Test(ctx, same); err != nil || tested.Problem != nil || tested.Chosen != "Available" {
		t.Errorf("tested after the sign-in: %+v, %v", tested, err)
	}
	other := same
	other.Fields = map[string]string{"server": v.URL, "client_id": "another"}
	if tested, err := door.Test(ctx, other); err != nil || tested.Problem == nil {
		t.Errorf("what is not saved is tested with what is: %+v, %v", tested, err)
	}

	// Signing out gives back first.
	d.do(d.World.Teams.Start(simulate.Calendar))
	blue("in the meeting", func(p local.Phone) bool { return p.Status == "Busy" })
	must(door.SignOutPhone(ctx, "blue"))
	if got := v.shows(); got != "available" {
		t.Errorf("signed out of, it shows %s", got)
	}
	blue("signed out of", needed)
	if !d.Resident.Status().Account.SignedIn {
		t.Error("signing out of the phone signs out of Teams")
	}

	// Removed and added again, it is another's until they sign in.
	must(door.SignInPhone(ctx, "blue"))
	blue("in the meeting again", func(p local.Phone) bool { return p.Status == "Busy" })
	must(door.EditSettings(ctx, local.Edit{RemovePhone: "blue"}))
	d.await("it is gone", func(s local.Status) bool { return len(s.Phones) == 0 })
	must(door.EditSettings(ctx, add))
	blue("a sign-in is wanted", needed)
	if got := v.shows(); got != "available" {
		t.Errorf("removed, it shows %s", got)
	}
	if r, err := door.SignInPhone(ctx, "nobody"); err != nil || r.OK || r.Problem == nil {
		t.Errorf("signing in to a phone that is not there: %+v, %v", r, err)
	}
	kinds := map[string]bool{}
	for _, reason := range d.Resident.Status().Reasons {
		kinds[reason.Kind] = true
	}
	if kinds["quit"] || !kinds["settings-changed"] || !kinds["sign-in-changed"] {
		t.Errorf("starting anew is told as %v", kinds)
	}
	if text := d.log.String(); strings.Contains(text, "access-") || strings.Contains(text, "refresh-") || strings.Contains(text, "code=c1") {
		t.Error("the log holds a token")
	}
}
