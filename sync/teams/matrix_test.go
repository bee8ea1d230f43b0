package teams

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/simulate"
)

// goesOn is for a way that a fault does not touch.
const goesOn = "goes on"

// Each fault of the simulated authority, met in each of the three ways to a token, is the state it should be,
// and is over when the fault is: only the refusals that end a sign-in need the person again.
func TestMatrixOfSignInFailures(t *testing.T) {
	tests := []struct {
		fault                  string
		browser, code, refresh string
		ends                   bool // the kept sign-in: the person must sign in again
	}{
		{"consent_required", AdminConsentNeeded, ConsentNeeded, ConsentNeeded, true},
		{"not_assigned", BrowserSilent, notAssigned, notAssigned, false},
		{"unauthorized_client", clientUnknown, clientUnknown, clientUnknown, false},
		{"client_disabled", clientDisabled, clientDisabled, clientDisabled, false},
		{"invalid_client", noPublicClient, noPublicClient, noPublicClient, false},
		{"conditional_access", BrowserSilent, deviceCodeBlocked, conditionalAccess, false},
		{"device_code_blocked", goesOn, deviceCodeBlocked, goesOn, false},
		{"personal_account", personal, personal, goesOn, false},
		{"invalid_grant", "sign-in-revoked", "sign-in-revoked", "sign-in-revoked", true},
		{"password_changed", "password-changed", "password-changed", "password-changed", true},
		{"interaction_required", "second-factor-needed", "second-factor-needed", "second-factor-needed", true},
		{"login_required", "no-session", "no-session", "no-session", true},
		{"clock", clockWrong, clockWrong, clockWrong, false},
		{"temporarily_unavailable", "microsoft-in-trouble", "", "microsoft-in-trouble", false},
		{"429", "microsoft-throttles", "microsoft-throttles", "microsoft-throttles", false},
		{"503", "microsoft-in-trouble", "microsoft-in-trouble", "microsoft-in-trouble", false},
		{"down", "unreachable", "unreachable", "unreachable", false},
	}
	is := func(t *testing.T, err error, state string) {
		t.Helper()
		if state == goesOn {
			if err != nil {
				t.Errorf("%v, want success", err)
			}
			return
		}
		if p := problem.Of(err); p == nil || p.State != state || p.What.IsZero() {
			t.Errorf("%+v, want the state %s", p, state)
		}
	}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			w := newWorlds(t, simulate.Options{})
			fail := func(kind string) {
				t.Helper()
				if err := w.Fail(simulate.Faults{Entra: kind}); err != nil {
					t.Fatal(err)
				}
			}
			t.Run("browser", func(t *testing.T) {
				fail("none")
				side := w.start()
				side.account.signInTime = 300 * time.Millisecond // the browser may never come back
				fail(test.fault)
				_, err := side.SignIn(t.Context(), SignIn{OpenURL: func(url string) error {
					_ = simulate.Browse(t.Context(), w.client, url) // the page may be an error page
					return nil
				}})
				is(t, err, test.browser)
				if _, ok := side.Account(); ok != (test.browser == goesOn) {
					t.Errorf("somebody is signed in: %v", ok)
				}
			})
			t.Run("code", func(t *testing.T) {
				if test.code == "" {
					t.Skip("one goes on waiting")
				}
				fail("none")
				side := w.start()
				fail(test.fault)
				ended := make(chan struct{})
				close(ended)
				_, err := side.SignIn(t.Context(), SignIn{DeviceCode: true, ShowCode: func(c DeviceCode) {
					ended = make(chan struct{})
					go func() {
						defer close(ended)
						_ = simulate.BrowseDevice(t.Context(), w.client, c.URL, c.Code)
					}()
				}})
				<-ended
				is(t, err, test.code)
			})
			t.Run("refresh", func(t *testing.T) {
				fail("none")
				w.dir = t.TempDir()
				side := w.start()
				w.signIn(side)
				side = w.start()
				w.expireTokens(side)
				fail(test.fault)
				is(t, read(t.Context(), side), test.refresh)
				who, ok := side.Account()
				if !ok || (who.Lapsed != nil) != test.ends {
					t.Errorf("account: %+v, %v; want it kept, and ended %v", who, ok, test.ends)
				}
				fail("none")
				again := w.start() // without the waits that were told
				w.reads(again, presence.Available)
			})
		})
	}
}

// An app of one tenant is told before a page is opened on which nobody could go on.
func TestSingleTenantIsToldBeforeThePage(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	if err := w.Fail(simulate.Faults{Entra: "single_tenant"}); err != nil {
		t.Fatal(err)
	}
	for _, deviceCode := range []bool{false, true} {
		side, err := New(Config{ClientID: w.ClientID(), Authority: strings.Replace(w.AuthorityURL(), simulate.DefaultTenant, "organizations", 1),
			Graph: w.GraphURL(), HTTP: w.client, Secrets: &memory{values: map[string][]byte{}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = side.SignIn(t.Context(), SignIn{DeviceCode: deviceCode, OpenURL: func(string) error {
			t.Error("the page was opened")
			return nil
		}})
		if p := problem.Of(err); p == nil || p.State != singleTenant || p.Kind != problem.Settings {
			t.Errorf("%+v", p)
		}
	}
}

// Rules that forbid a token are asked about again after a while, not at every read; the account stays.
func TestBlockedIsNotAskedAtEachRead(t *testing.T) {
	s, side := newExpired(t)
	s.onToken(func(url.Values) reply {
		return refusal(400, "invalid_grant", map[string]any{"error_codes": []int{53003}, "suberror": "message_only"})
	})
	for range 3 {
		p := s.hear(read(t.Context(), side))
		if p == nil || p.State != conditionalAccess || p.Kind != problem.Forbidden || p.RetryAfter != 0 {
			t.Fatalf("%+v", p)
		}
	}
	if n := len(s.tokenRequests()); n != 2 {
		t.Errorf("%d token requests, want the sign-in's and one", n)
	}
	s.onToken(func(url.Values) reply { return s.tokens(nil) })
	side.Nudge("too soon after the last attempt")
	if p := s.hear(read(t.Context(), side)); p == nil || p.State != conditionalAccess {
		t.Errorf("%+v", p)
	}
	side.account.mu.Lock()
	side.account.pause = time.Now().Add(blockedPause - refreshPause - time.Second) // a minute has passed
	side.account.mu.Unlock()
	side.Nudge("the network changed")
	if err := read(t.Context(), side); err != nil {
		t.Errorf("the rules allow it again: %v", s.hear(err))
	}
}

// Likewise where Graph's claims challenge led to the block: neither Graph nor Entra is asked in a loop.
func TestBlockedByAClaimsChallenge(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.answerGraph(func(seen) reply {
		return reply{status: 401, body: "{}", header: map[string]string{
			"WWW-Authenticate": `Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="`}}
	})
	s.onToken(func(url.Values) reply {
		return refusal(400, "interaction_required", map[string]any{"error_codes": []int{53003}})
	})
	for range 3 {
		if p := s.hear(read(t.Context(), side)); p == nil || p.State != conditionalAccess {
			t.Errorf("%+v", p)
		}
	}
	if n, m := len(s.tokenRequests()), len(s.graphCalls()); n != 2 || m != 1 {
		t.Errorf("%d token requests and %d of Graph, want the sign-in's and one, and one", n, m)
	}
}

// What goes wrong between the browser and this computer.
func TestTheWayBack(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(other.Close)
	tests := map[string]struct {
		prepare func(*account)
		open    func(address string) error
		state   string
	}{
		"no port": {
			prepare: func(a *account) {
				a.listen = func(*slog.Logger) (*loopback, error) { return nil, errors.New("no port") }
			},
			state: "loopback-closed",
		},
		"somebody else answers there": {
			prepare: func(a *account) {
				a.listen = func(log *slog.Logger) (*loopback, error) {
					l, err := listenLoopback(log)
					if err == nil {
						l.redirect = other.URL
					}
					return l, err
				}
			},
			state: "loopback-taken",
		},
		"no browser":   {open: func(string) error { return errors.New("none") }, state: "browser-not-opened"},
		"nobody comes": {open: func(string) error { return nil }, state: BrowserSilent},
		"an old answer comes": {
			open: func(address string) error {
				u, _ := url.Parse(address)
				resp, err := http.PostForm(u.Query().Get("redirect_uri"), url.Values{"code": {"old"}, "state": {"of another sign-in"}})
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				if said, _ := io.ReadAll(resp.Body); !strings.Contains(string(said), "another sign-in") {
					t.Errorf("the page says %q", said)
				}
				return nil
			},
			state: "answer-of-another-sign-in",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			side := s.side()
			side.account.signInTime = 150 * time.Millisecond
			if test.prepare != nil {
				test.prepare(side.account)
			}
			_, err := side.SignIn(t.Context(), SignIn{OpenURL: test.open})
			if p := s.hear(err); p == nil || p.State != test.state || p.Do.IsZero() {
				t.Errorf("%+v, want %s", p, test.state)
			}
		})
	}
}

// A clock that is wrong makes certificates look out of date.
func TestWrongClock(t *testing.T) {
	s := newStage(t)
	side := s.side()
	transport := side.graph.http.Transport.(*http.Transport)
	transport.TLSClientConfig.Time = func() time.Time { return time.Now().AddDate(-100, 0, 0) }
	_, err := side.SignIn(t.Context(), s.browser(nil))
	if p := s.hear(err); p == nil || p.State != clockWrong || !strings.Contains(p.Do.String(), "clock") {
		t.Errorf("%+v", p)
	}
}

func TestConsent(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	got := w.start().Consent()
	if want := w.AuthorityURL() + "/adminconsent?client_id=" + w.ClientID(); got.Link != want {
		t.Errorf("the link is %s, want %s", got.Link, want)
	}
	for _, part := range append(scopes(), got.Link, w.ClientID()) {
		if !strings.Contains(got.Text, part) {
			t.Errorf("the message does not name %s", part)
		}
	}
	if got := consent("https://login.microsoftonline.us/organizations/", "an id").Link; got != "https://login.microsoftonline.us/organizations/adminconsent?client_id=an+id" {
		t.Error(got)
	}
}

// What kept reads waiting for one sign-in does not keep them waiting after the next.
func TestASignInEndsTheWait(t *testing.T) {
	s, side := newExpired(t)
	s.onToken(func(url.Values) reply {
		return reply{status: 429, header: map[string]string{"Retry-After": "3600"}, body: "{}"}
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	failed, read := make(chan struct{}, 1), make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		side.Watch(ctx, func(_ presence.Presence, _ time.Time, err error) {
			to := read
			if err != nil {
				to = failed
			}
			select {
			case to <- struct{}{}:
			default:
			}
		})
	}()
	<-failed
	s.onToken(func(url.Values) reply { return s.tokens(nil) })
	if _, err := side.SignIn(ctx, s.browser(nil)); err != nil {
		t.Fatal(s.hear(err))
	}
	select {
	case <-read:
	case <-time.After(10 * time.Second):
		t.Error("nothing is read after the new sign-in")
	}
	stop()
	<-done
}
