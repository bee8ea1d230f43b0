package profile

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// idp is a phone system with OAuth 2 as RingCentral's documents have it: a refresh token is good for one use,
// and the one before it dies when the new access token is first used.
type idp struct {
	*httptest.Server
	mu        sync.Mutex
	n         int            // the last pair of tokens
	refresh   map[string]int // living refresh tokens, and of which pair they are
	challenge string         // of the code that was given last
	asked     []string
}

func newIDP(t *testing.T) *idp {
	p := &idp{refresh: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, "me")
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer a%d", p.n) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for token, pair := range p.refresh { // used: those before it die
			if pair < p.n {
				delete(p.refresh, token)
			}
		}
		_, _ = w.Write([]byte(`{"line":"idle","status":"available"}`))
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("response_type") != "code" || q.Get("client_id") != "app" || q.Get("code_challenge_method") != "S256" || q.Get("acr_values") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.challenge = q.Get("code_challenge")
	back.RawQuery = url.Values{"code": {"c1"}, "state": {q.Get("state")}}.Encode()
	if q.Get("scope") == "nothing" {
		back.RawQuery = url.Values{"error": {"access_denied"}, "error_description": {"You said no."}, "state": {q.Get("state")}}.Encode()
	}
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, "token")
	good := r.PostFormValue("client_id") == "app" && strings.HasPrefix(r.PostFormValue("acr_values"), "deviceId:")
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		good = good && r.PostFormValue("code") == "c1" && base64.RawURLEncoding.EncodeToString(sum[:]) == p.challenge && r.PostFormValue("redirect_uri") != ""
	case "refresh_token":
		good = good && p.refresh[r.PostFormValue("refresh_token")] > 0
	default:
		good = false
	}
	if !good {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	p.n++
	p.refresh[fmt.Sprintf("r%d", p.n)] = p.n
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprintf("a%d", p.n), "refresh_token": fmt.Sprintf("r%d", p.n), "expires_in": 3600})
}

// lapsed is a kept sign-in whose access token has run out.
func (p *idp) lapsed() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.refresh[fmt.Sprintf("r%d", p.n)] = p.n
	data, _ := json.Marshal(tokens{Access: "old", Refresh: fmt.Sprintf("r%d", p.n), Expires: time.Now().Add(-time.Hour)})
	return data
}

func (p *idp) open(t *testing.T, scope string, o Options) *device {
	t.Helper()
	file := signingIn(t, `oauth: {authorize: "${server}/authorize", token: "${server}/token", client_id: app, scope: `+scope+`, extra: {acr_values: "deviceId:${device}"}}`, "")
	parsed, err := Parse("x.yaml", file)
	if err != nil {
		t.Fatal(err)
	}
	o.ID, o.Fields = "mine", map[string]string{"server": p.URL, "user": "100", "password": secret}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Transport: &http.Transport{}}
		t.Cleanup(o.HTTP.CloseIdleConnections)
	}
	d, err := Open(parsed, o)
	if err != nil {
		t.Fatal(err)
	}
	return d.(*device)
}

var available = presence.Reading{Chosen: "Available"}

// The person signs in on the vendor's page, and that is kept.
func TestBrowser(t *testing.T) {
	p, kept := newIDP(t), &memory{}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	browse := func(_ context.Context, address string) error {
		wrong, _ := url.Parse(address) // somebody else on this computer guesses
		back := wrong.Query().Get("redirect_uri")
		guess, err := client.Get(back + "?code=stolen&state=guessed")
		if err != nil {
			return err
		}
		_ = guess.Body.Close()
		if guess.StatusCode != http.StatusBadRequest {
			t.Errorf("a guess is answered %s", guess.Status)
		}
		resp, err := client.Get(address)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	d := p.open(t, "all", Options{Secrets: kept, Browse: browse})
	if _, err := d.read(t.Context()); problem.Of(err).Kind != problem.SignedOut {
		t.Errorf("before: %v", err)
	}
	if len(p.asked) != 0 {
		t.Errorf("asked before anybody signed in: %v", p.asked)
	}
	if err := d.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*device{d, p.open(t, "all", Options{Secrets: kept})} { // and after a restart
		if r, err := d.read(t.Context()); err != nil || r != available {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if n := strings.Count(strings.Join(p.asked, " "), "token"); n != 1 {
		t.Errorf("%d requests for tokens", n)
	}
	if err := d.SignOut(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.read(t.Context()); problem.Of(err).Kind != problem.SignedOut {
		t.Errorf("after signing out: %v", err)
	}
	if _, still := kept.Get(keeper{kept, "mine"}.tokensName()); still {
		t.Error("the tokens are still kept")
	}
}

// A sign-in that does not come to its end says so, and leaves nothing behind.
func TestBrowserWithoutSuccess(t *testing.T) {
	p := newIDP(t)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	get := func(_ context.Context, address string) error {
		resp, err := client.Get(address)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	ended, end := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		ctx    context.Context
		scope  string
		browse func(context.Context, string) error
		says   string
	}{
		"no":         {t.Context(), "nothing", get, "did not sign you in: You said no"},
		"no browser": {t.Context(), "all", func(context.Context, string) error { return errors.New("none") }, "the browser cannot be opened"},
		"no desktop": {t.Context(), "all", nil, "there is none here"},
		"given up":   {ended, "all", func(context.Context, string) error { end(); return nil }, "was not finished"},
	} {
		kept := &memory{}
		err := p.open(t, c.scope, Options{Secrets: kept, Browse: c.browse}).SignIn(c.ctx)
		if pr := problem.Of(err); pr == nil || !strings.Contains(pr.What.String(), c.says) || pr.Do.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
		if _, there := kept.Get(keeper{kept, "mine"}.tokensName()); there {
			t.Errorf("%s: something is kept", name)
		}
	}
}

// crash ends the program at the nth thing it does: from then on it sends nothing, hears nothing and keeps
// nothing.
type crash struct {
	*memory
	http.RoundTripper
	mu    sync.Mutex
	left  int
	ended bool
}

var errCrashed = errors.New("the program has ended")

func (c *crash) step() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left--
	c.ended = c.ended || c.left < 0
	return c.ended
}

func (c *crash) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.step() {
		return nil, errCrashed
	}
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil && c.step() {
		_ = resp.Body.Close()
		return nil, errCrashed
	}
	return resp, err
}

func (c *crash) Set(name string, value []byte) error {
	if c.step() {
		return errCrashed
	}
	err := c.memory.Set(name, value)
	c.step()
	return err
}

func (c *crash) Delete(names ...string) error {
	if c.step() {
		return errCrashed
	}
	return c.memory.Delete(names...)
}

// Wherever the program ends while a sign-in is renewed, the next start is signed in.
func TestCrashDoesNotLoseTheSignIn(t *testing.T) {
	points := 0
	for left := 0; ; left++ {
		p, kept := newIDP(t), &memory{}
		transport := &http.Transport{}
		c := &crash{memory: kept, RoundTripper: transport, left: left}
		_ = kept.Set(keeper{kept, "mine"}.tokensName(), p.lapsed())
		_ = kept.Set(deviceName, []byte("a-device"))
		_, err := p.open(t, "all", Options{Secrets: c, HTTP: &http.Client{Transport: c}}).read(t.Context())
		if r, again := p.open(t, "all", Options{Secrets: kept, HTTP: &http.Client{Transport: transport}}).read(t.Context()); again != nil || r != available {
			t.Errorf("ended at point %d: %+v, %v", left, r, again)
		}
		transport.CloseIdleConnections()
		if !c.ended {
			if err != nil {
				t.Errorf("without an end: %v", err)
			}
			break
		}
		points++
	}
	if points < 6 { // sending and hearing twice, and before and after keeping
		t.Errorf("only %d points", points)
	}
}

// What cannot be saved is not used, and is saved when that can be done.
func TestRenewedIsSavedBeforeUse(t *testing.T) {
	p, kept := newIDP(t), &memory{}
	_ = kept.Set(keeper{kept, "mine"}.tokensName(), p.lapsed())
	d := p.open(t, "all", Options{Secrets: kept})
	kept.full = true
	for range 2 {
		if _, err := d.read(t.Context()); problem.Of(err).Kind != problem.Keyring {
			t.Errorf("%v", err)
		}
	}
	if got := strings.Join(p.asked, " "); got != "token" {
		t.Errorf("asked: %s", got)
	}
	kept.full = false
	if r, err := d.read(t.Context()); err != nil || r != available {
		t.Errorf("%+v, %v", r, err)
	}
	if got := strings.Join(p.asked, " "); got != "token me" {
		t.Errorf("asked: %s", got)
	}
}

// However many ask at once, one renews.
func TestOneRenewalAtATime(t *testing.T) {
	p, kept := newIDP(t), &memory{}
	_ = kept.Set(keeper{kept, "mine"}.tokensName(), p.lapsed())
	d := p.open(t, "all", Options{Secrets: kept})
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if r, err := d.read(t.Context()); err != nil || r != available {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if n := strings.Count(strings.Join(p.asked, " "), "token"); n != 1 {
		t.Errorf("renewed %d times", n)
	}
}

// A sign-in that the other side has ended is asked for once; the person is told to sign in.
func TestSignInHasLapsed(t *testing.T) {
	p, kept := newIDP(t), &memory{}
	_ = kept.Set(keeper{kept, "mine"}.tokensName(), p.lapsed())
	p.refresh = map[string]int{}
	d := p.open(t, "all", Options{Secrets: kept})
	for range 3 {
		if pr := problem.Of(func() error { _, err := d.read(t.Context()); return err }()); pr.Kind != problem.SignedOut || pr.Do.IsZero() {
			t.Errorf("%+v", pr)
		}
	}
	if got := strings.Join(p.asked, " "); got != "token" {
		t.Errorf("asked: %s", got)
	}
}

// A token that is turned down before its time is renewed once.
func TestTokenTurnedDown(t *testing.T) {
	p, kept := newIDP(t), &memory{}
	_ = kept.Set(keeper{kept, "mine"}.tokensName(), p.lapsed())
	d := p.open(t, "all", Options{Secrets: kept})
	if _, err := d.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.n += 10 // the access token is void, the refresh token is not
	p.mu.Unlock()
	if r, err := d.read(t.Context()); err != nil || r != available {
		t.Errorf("%+v, %v", r, err)
	}
	if got := strings.Join(p.asked, " "); got != "token me me token me" {
		t.Errorf("asked: %s", got)
	}
}
