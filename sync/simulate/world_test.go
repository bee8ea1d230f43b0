package simulate_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var allScopes = []string{"User.Read", "Presence.Read", "Presence.ReadWrite"}

// world is a simulated world of one test's own, and a client that trusts it.
type world struct {
	*simulate.World
	t    *testing.T
	http *http.Client
	log  *testlog.Log
}

func start(t *testing.T, o simulate.Options) *world {
	t.Helper()
	log := testlog.New(t)
	o.Log = log.Logger()
	ctx, cancel := context.WithCancel(t.Context())
	w, err := simulate.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(w.RootPEM()) {
		t.Fatal("the root certificate cannot be read")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(func() {
		cancel()
		transport.CloseIdleConnections()
		if err := w.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &world{w, t, &http.Client{Transport: transport, Timeout: 20 * time.Second}, log}
}

// application is the real MSAL, pointed at the world.
func (w *world) application() public.Client {
	w.t.Helper()
	app, err := public.New(w.ClientID(), public.WithAuthority(w.AuthorityURL()),
		public.WithHTTPClient(w.http), public.WithInstanceDiscovery(false))
	if err != nil {
		w.t.Fatal(err)
	}
	return app
}

// signIn signs in through the real page and answers the access token.
func (w *world) signIn(scopes ...string) string {
	w.t.Helper()
	if len(scopes) == 0 {
		scopes = allScopes
	}
	result, err := w.application().AcquireTokenInteractive(w.t.Context(), scopes, public.WithOpenURL(w.person(simulate.Browse)))
	if err != nil {
		w.t.Fatal(err)
	}
	return result.AccessToken
}

// person is what MSAL thinks opens a browser. MSAL listens only once this has returned.
func (w *world) person(browse func(context.Context, *http.Client, string) error) func(string) error {
	return func(url string) error {
		go func() {
			if err := browse(w.t.Context(), w.http, url); err != nil && w.t.Context().Err() == nil {
				w.t.Errorf("the browser: %v", err)
			}
		}()
		return nil
	}
}

// reply is an answer, read to its end.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
		t.Fatalf("%d %q is no JSON: %v", r.Status, r.Body, err)
	}
	return m
}

func (w *world) do(method, url, authorization, body string) (reply, error) {
	req, err := http.NewRequestWithContext(w.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := w.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(b)}, err
}

func (w *world) must(method, url, authorization, body string) reply {
	w.t.Helper()
	r, err := w.do(method, url, authorization, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// play plays over HTTP, as with curl.
func (w *world) play(path, body string) {
	w.t.Helper()
	if r := w.must("POST", w.PageURL()+"world/"+path, "", body); r.Status != http.StatusNoContent {
		w.t.Fatalf("POST /world/%s %s: %d %s", path, body, r.Status, r.Body)
	}
}

func TestPlayedOverHTTP(t *testing.T) {
	w := start(t, simulate.Options{})
	type shown struct{ Teams, Line, Status string }
	tests := []struct {
		path, body string
		want       shown
	}{
		{"phone/ring", "", shown{"Available/Available", "ringing", "available"}},
		{"phone/answer", "", shown{"Available/Available", "talking", "available"}},
		{"phone/hold", "", shown{"Available/Available", "held", "available"}},
		{"phone/resume", "", shown{"Available/Available", "talking", "available"}},
		{"phone/hangup", "", shown{"Available/Available", "idle", "available"}},
		{"phone/dial", "{}", shown{"Available/Available", "talking", "available"}},
		{"phone/status", `{"status":"dnd"}`, shown{"Available/Available", "talking", "dnd"}},
		{"restart-phone", "", shown{"Available/Available", "idle", "dnd"}},
		{"teams/choose", `{"pair":"DoNotDisturb/DoNotDisturb"}`, shown{"DoNotDisturb/DoNotDisturb", "idle", "dnd"}},
		{"forward", `{"by":"24h"}`, shown{"Available/Available", "idle", "dnd"}},
		{"teams/choose", `{"pair":"Busy/Busy"}`, shown{"Busy/Busy", "idle", "dnd"}},
		{"teams/choose", `{"reset":true}`, shown{"Available/Available", "idle", "dnd"}},
		{"teams/client", `{"session":"Away/Away"}`, shown{"Away/Away", "idle", "dnd"}},
		{"teams/client", `{"session":""}`, shown{"Offline/Offline", "idle", "dnd"}},
		{"teams/meeting", `{"on":true,"kind":"conference"}`, shown{"Busy/InAConferenceCall", "idle", "dnd"}},
		{"teams/meeting", `{"on":true,"kind":"presenting"}`, shown{"DoNotDisturb/Presenting", "idle", "dnd"}},
		{"teams/meeting", `{"on":false}`, shown{"Available/Available", "idle", "dnd"}},
		{"teams/meeting", `{"on":true}`, shown{"Busy/InAMeeting", "idle", "dnd"}},
		{"teams/meeting", `{"on":false,"kind":"calendar"}`, shown{"Available/Available", "idle", "dnd"}},
		{"teams/out-of-office", `{"on":true}`, shown{"Available/OutOfOffice", "idle", "dnd"}},
	}
	for _, tt := range tests {
		w.play(tt.path, tt.body)
		var s simulate.State
		if err := json.Unmarshal([]byte(w.must("GET", w.PageURL()+"world/state", "", "").Body), &s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, shown{s.Teams.Shows.String(), s.Phone.Line, s.Phone.Status}); diff != "" {
			t.Errorf("after %s %s:\n%s", tt.path, tt.body, diff)
		}
	}
}

// A list that is empty is a list all the same, for who reads the JSON.
func TestEmptyLists(t *testing.T) {
	w := start(t, simulate.Options{})
	state, log := w.must("GET", w.PageURL()+"world/state", "", ""), w.must("GET", w.PageURL()+"world/log", "", "")
	for _, want := range []string{`"changes": []`, `"happening": []`, `"not_granted": []`, `"preferred": null`} {
		if !strings.Contains(state.Body, want) {
			t.Errorf("no %s in %s", want, state.Body)
		}
	}
	if strings.TrimSpace(log.Body) != "[]" {
		t.Errorf("the log is %s", log.Body)
	}
}

func TestRefusedPlay(t *testing.T) {
	w := start(t, simulate.Options{})
	before := w.State()
	tests := []struct {
		path, body string
		status     int
		says       string
	}{
		{"phone/answer", "", 409, "the line is idle, not ringing"},
		{"phone/hangup", "", 409, "the line is idle"},
		{"phone/status", `{"status":"lunch"}`, 422, "available, busy, dnd"},
		{"phone/status", `{"staus":"dnd"}`, 400, "staus"},
		{"teams/choose", `{"pair":"Busy/InACall"}`, 422, "not supported"},
		{"teams/choose", `{"pair":"Busy"}`, 400, "not availability/activity"},
		{"teams/client", `{"session":"Busy/Busy"}`, 422, "Available/Available, Away/Away"},
		{"teams/meeting", `{"on":true,"kind":"party"}`, 422, "call, conference"},
		{"fault", `{"phone":"down","graph":"418"}`, 422, "it has: none, 401"},
		{"forward", `{"by":"-5m"}`, 422, "back in time"},
		{"nothing", ``, 404, "/world/nothing"},
	}
	for _, tt := range tests {
		r := w.must("POST", w.PageURL()+"world/"+tt.path, "", tt.body)
		if r.Status != tt.status || !strings.Contains(r.Body, tt.says) {
			t.Errorf("%s %s: %d %s, want %d and %q", tt.path, tt.body, r.Status, r.Body, tt.status, tt.says)
		}
	}
	after := w.State()
	before.Now = after.Now
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("a refusal changed something:\n%s", diff)
	}
}

// Another web page open in the same browser cannot play.
func TestOtherPagesMayNotPlay(t *testing.T) {
	w := start(t, simulate.Options{})
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.PageURL()+"world/phone/ring", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := w.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden || w.State().Phone.Line != "idle" {
		t.Errorf("answered %d and the line is %s", resp.StatusCode, w.State().Phone.Line)
	}
}

func TestFollow(t *testing.T) {
	w := start(t, simulate.Options{})
	states := w.Follow(t.Context())
	if s := <-states; s.Phone.Line != "idle" {
		t.Fatalf("at first the line is %s", s.Phone.Line)
	}
	if err := w.Phone.Ring(); err != nil {
		t.Fatal(err)
	}
	if s := <-states; s.Phone.Line != "ringing" {
		t.Errorf("then the line is %s, want ringing", s.Phone.Line)
	}
	if err := w.Teams.Choose(presence.DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	for s := range states {
		if s.Teams.Shows == presence.DoNotDisturb {
			break
		}
	}
}

// What time alone changes is told when it happens, without anybody asking.
func TestTimeIsTold(t *testing.T) {
	w := start(t, simulate.Options{})
	if err := w.Teams.Choose(presence.Busy); err != nil {
		t.Fatal(err)
	}
	w.Forward(24*time.Hour - 50*time.Millisecond)
	for s := range w.Follow(t.Context()) {
		if s.Teams.Shows == presence.Available {
			break
		}
	}
}

// Neither the log nor the list of requests ever holds a secret.
func TestNoSecretIsKept(t *testing.T) {
	w := start(t, simulate.Options{})
	token := w.signIn()
	w.must("GET", w.GraphURL()+"/me/presence", "Bearer "+token, "")
	login := w.must("POST", w.PhoneURL()+"/login", "", `{"user":"100","password":"secret-100"}`)
	phoneToken, _ := login.json(t)["token"].(string)
	w.must("GET", w.PhoneURL()+"/me", "Bearer "+phoneToken, "")

	kept := w.log.String() + w.must("GET", w.PageURL()+"world/log", "", "").Body + w.must("GET", w.PageURL()+"world/state", "", "").Body
	for _, path := range []string{"/v1.0/me/presence", "/oauth2/v2.0/token", "/phone/v1/login"} {
		if !strings.Contains(kept, path) {
			t.Errorf("%s was asked for and is not told of", path)
		}
	}
	for _, secret := range []string{token, phoneToken, "secret-100", "simulated.", "code_verifier", "?"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%.20q is told of", secret)
		}
	}
}

func TestAddressInUse(t *testing.T) {
	w := start(t, simulate.Options{})
	address := strings.TrimSuffix(strings.TrimPrefix(w.PageURL(), "http://"), "/")
	for _, o := range []simulate.Options{{HTTPAddr: address}, {TLSAddr: address}} {
		if _, err := simulate.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
