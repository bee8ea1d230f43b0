package teams

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

func TestSignInWithTheBrowser(t *testing.T) {
	s := newStage(t)
	side := s.side()
	if _, ok := side.Account(); ok {
		t.Error("somebody is signed in at the start")
	}
	var page url.Values
	got, err := side.SignIn(t.Context(), s.browser(func(q, _ url.Values) {
		page = q
		way := q.Get("redirect_uri")
		// What else comes by at the port changes nothing.
		for _, stray := range []func() (*http.Response, error){
			func() (*http.Response, error) { return http.Get(way + "/favicon.ico") },
			func() (*http.Response, error) { return http.Get(way + "/?code=evil&state=evil") },
			func() (*http.Response, error) { return http.PostForm(way, url.Values{"code": {"evil"}}) },
			func() (*http.Response, error) {
				return http.PostForm(way, url.Values{"error": {"access_denied"}, "state": {"x"}})
			},
		} {
			resp, err := stray()
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusNotFound {
				t.Errorf("a stray request was answered %d", resp.StatusCode)
			}
		}
	}))
	if err != nil {
		t.Fatal(s.hear(err))
	}
	want := Account{ID: "oid-ada", Name: "ada@example.com"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("account (-want +got):\n%s", d)
	}

	for name, want := range map[string]string{
		"client_id": testClient, "response_type": "code", "response_mode": "form_post", "prompt": "select_account",
		"code_challenge_method": "S256", "scope": "User.Read Presence.Read Presence.ReadWrite openid offline_access profile",
		"claims": `{"access_token":{"xms_cc":{"values":["cp1"]}}}`,
	} {
		if got := page.Get(name); got != want {
			t.Errorf("the page was asked for with %s=%q, want %q", name, got, want)
		}
	}
	if way := page.Get("redirect_uri"); !strings.HasPrefix(way, "http://localhost:") {
		t.Errorf("the way back is %q", way)
	}
	form := s.tokenRequests()[0]
	hash := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(hash[:]) != page.Get("code_challenge") {
		t.Error("the code verifier does not fit the challenge")
	}
	if n := len(form.Get("code_verifier")); n < 43 || n > 128 {
		t.Errorf("the code verifier has %d letters, want 43 to 128", n)
	}
	if form.Get("redirect_uri") != page.Get("redirect_uri") {
		t.Error("two different ways back")
	}

	// A new start of the program knows the account and needs nobody to read.
	again := s.side()
	if who, ok := again.Account(); !ok || who.ID != "oid-ada" {
		t.Errorf("after a restart %+v is signed in", who)
	}
	if err := read(t.Context(), again); err != nil {
		t.Error(s.hear(err))
	}
	if n := len(s.tokenRequests()); n != 1 {
		t.Errorf("%d token requests, want the one of the sign-in", n)
	}
}

// Whatever goes wrong in a sign-in is a problem with a next step, and leaves nobody signed in.
func TestSignInThatFails(t *testing.T) {
	describe := func(text string) func(url.Values) reply {
		return func(url.Values) reply {
			return refusal(400, "invalid_request", map[string]any{"error_description": text + "\r\nTrace ID: x"})
		}
	}
	tests := map[string]struct {
		page  func(q, form url.Values)
		token func(url.Values) reply
		kind  problem.Kind
		says  string
	}{
		"declined on the page": {
			page: func(_, form url.Values) { form.Set("error", "access_denied"); form.Del("code") },
			kind: problem.SignedOut, says: "declined",
		},
		"an administrator must accept": {
			page: func(_, form url.Values) {
				form.Set("error", "access_denied")
				form.Set("error_description", "AADSTS90094: The grant requires admin permission.")
			},
			kind: problem.Forbidden, says: "administrators",
		},
		"no code":              {page: func(_, form url.Values) { form.Del("code") }, kind: problem.SignedOut, says: "no code"},
		"unknown client id":    {token: describe("AADSTS700016: Application not found"), kind: problem.Settings, says: "client id"},
		"disabled client id":   {token: describe("AADSTS7000112: Application is disabled."), kind: problem.Settings, says: "disabled"},
		"one tenant only":      {token: describe("AADSTS50194: not multi-tenant"), kind: problem.Settings, says: "one organisation"},
		"conditional access":   {token: describe("AADSTS53003: blocked"), kind: problem.Forbidden, says: "Conditional Access"},
		"user not assigned":    {token: describe("AADSTS50105: not assigned"), kind: problem.Forbidden, says: "not on the list"},
		"an unknown number":    {token: describe("AADSTS999999: Something new."), kind: problem.SignedOut, says: "Something new"},
		"trouble at Microsoft": {token: func(url.Values) reply { return reply{status: 503, body: "<html>"} }, kind: problem.Server, says: "trouble of its own"},
		"throttled":            {token: func(url.Values) reply { return refusal(429, "temporarily_unavailable", nil) }, kind: problem.Throttled, says: "too many"},
		"a web page instead":   {token: func(url.Values) reply { return reply{body: "<html>Welcome to the hotel</html>"} }, kind: problem.Server, says: "in place of"},
		"a redirect instead": {
			token: func(url.Values) reply {
				return reply{status: 307, header: map[string]string{"Location": "http://127.0.0.1:1/"}}
			},
			kind: problem.Server, says: "in place of",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			if test.token != nil {
				s.onToken(test.token)
			}
			side := s.side()
			_, err := side.SignIn(t.Context(), s.browser(test.page))
			p := s.hear(err)
			if p == nil || p.Kind != test.kind || !strings.Contains(p.What.String(), test.says) || p.Do.IsZero() {
				t.Errorf("%+v, want %s saying %q and what to do", p, test.kind, test.says)
			}
			if _, ok := side.Account(); ok {
				t.Error("somebody is signed in")
			}
		})
	}
}

func TestTokensInAGarbledAnswerAreNotSaid(t *testing.T) {
	s := newStage(t)
	s.onToken(func(url.Values) reply { return reply{body: `{"access_token":"` + s.issue("AT") + `", oops`} })
	_, err := s.side().SignIn(t.Context(), s.browser(nil))
	if p := s.hear(err); p == nil || p.Kind != problem.Server {
		t.Errorf("%+v", p) // and the stage looks for the token in all that was said
	}
}

func TestPermissionNotGranted(t *testing.T) {
	s := newStage(t)
	s.onToken(func(url.Values) reply { return s.tokens(map[string]any{"scope": "User.Read Presence.Read"}) })
	_, err := s.side().SignIn(t.Context(), s.browser(nil))
	if p := s.hear(err); p == nil || p.Kind != problem.Forbidden || !strings.Contains(strings.ToLower(p.What.String()), "presence.readwrite") {
		t.Errorf("%+v, want the missing permission named", p)
	}
}

func TestPersonalAccount(t *testing.T) {
	s := newStage(t)
	s.onToken(func(url.Values) reply { return s.tokens(map[string]any{"id_token": idToken("ada", personalTenant)}) })
	side := s.side()
	_, err := side.SignIn(t.Context(), s.browser(nil))
	if p := s.hear(err); p == nil || p.Kind != problem.Forbidden || !strings.Contains(p.What.String(), "personal") {
		t.Errorf("%+v", p)
	}
	if accounts, _ := side.account.client.Accounts(t.Context()); len(accounts) != 0 {
		t.Errorf("the cache still holds %v", accounts)
	}
}

func TestBrowserThatDoesNotComeBack(t *testing.T) {
	s := newStage(t)
	side := s.side()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := side.SignIn(ctx, SignIn{OpenURL: func(string) error {
		// A second sign-in meanwhile is turned away.
		if _, err := side.SignIn(t.Context(), s.browser(nil)); s.hear(err) == nil || problem.Of(err).Kind != problem.Refused {
			t.Errorf("a second sign-in: %v", err)
		}
		cancel()
		return nil
	}})
	if p := s.hear(err); p == nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v", p)
	}
	_, err = side.SignIn(t.Context(), SignIn{OpenURL: func(string) error { return errors.New("no browser") }})
	if p := s.hear(err); p == nil || !strings.Contains(p.Do.String(), "code") {
		t.Errorf("%+v, want the code as the way out", p)
	}
	// The answer by GET is told as what it is.
	_, err = side.SignIn(t.Context(), SignIn{OpenURL: func(address string) error {
		u, _ := url.Parse(address)
		q := u.Query()
		resp, err := http.Get(q.Get("redirect_uri") + "/?code=" + s.issue("CODE") + "&state=" + q.Get("state"))
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}})
	if p := s.hear(err); p == nil || !strings.Contains(p.What.String(), "GET") || !strings.Contains(p.Do.String(), "code") {
		t.Errorf("%+v", p)
	}
}

func TestSignInWithADeviceCode(t *testing.T) {
	pending := func() reply { return refusal(400, "authorization_pending", nil) }
	tests := map[string]struct {
		answers []func(*stage) reply
		kind    problem.Kind // empty: it succeeds
		says    string
	}{
		"pending, then done": {answers: []func(*stage) reply{
			func(*stage) reply { return pending() },
			func(s *stage) reply { return s.tokens(nil) },
		}},
		"trouble on the way": {answers: []func(*stage) reply{
			func(*stage) reply { return pending() },
			func(*stage) reply { return reply{status: 502, body: "bad gateway"} },
			func(*stage) reply { return pending() },
			func(s *stage) reply { return s.tokens(nil) },
		}},
		"declined": {
			answers: []func(*stage) reply{func(*stage) reply { return refusal(400, "authorization_declined", nil) }},
			kind:    problem.SignedOut, says: "declined",
		},
		"expired": {
			answers: []func(*stage) reply{func(*stage) reply { return refusal(400, "expired_token", nil) }},
			kind:    problem.SignedOut, says: "no longer good",
		},
		"public client flows not allowed": {
			answers: []func(*stage) reply{func(*stage) reply {
				return refusal(401, "invalid_client", map[string]any{"error_codes": []int{7000218}})
			}},
			kind: problem.Settings, says: "public client flows",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.code = func(url.Values) reply {
				return reply{body: map[string]any{
					"user_code": "ABCD-1234", "device_code": s.issue("DC"), "verification_uri": "https://example.com/device",
					"expires_in": 900, "interval": 5, "message": "Type ABCD-1234",
				}}
			}
			n := 0
			s.onToken(func(url.Values) reply {
				n++
				return test.answers[min(n, len(test.answers))-1](s)
			})
			var shown DeviceCode
			who, err := s.side().SignIn(t.Context(), SignIn{DeviceCode: true, ShowCode: func(c DeviceCode) { shown = c }})
			p := s.hear(err)
			if shown.Code != "ABCD-1234" || shown.URL != "https://example.com/device" || shown.Until.IsZero() {
				t.Errorf("shown: %+v", shown)
			}
			if test.kind == "" {
				if err != nil || who.ID != "oid-ada" {
					t.Errorf("%+v, %v", who, p)
				}
				return
			}
			if p == nil || p.Kind != test.kind || !strings.Contains(p.What.String(), test.says) || p.Do.IsZero() {
				t.Errorf("%+v, want %s saying %q and what to do", p, test.kind, test.says)
			}
		})
	}
}

func TestDeviceCodeRunsOut(t *testing.T) {
	s := newStage(t)
	s.code = func(url.Values) reply {
		return reply{body: map[string]any{"user_code": "A", "device_code": s.issue("DC"), "verification_uri": "https://e", "expires_in": 0}}
	}
	s.onToken(func(url.Values) reply { return refusal(400, "authorization_pending", nil) })
	_, err := s.side().SignIn(t.Context(), SignIn{DeviceCode: true})
	if p := s.hear(err); p == nil || p.State != CodeExpired || p.Do.IsZero() {
		t.Errorf("%+v", p)
	}
}

func TestSwitchingAndSigningOut(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	s.onToken(func(url.Values) reply {
		return s.tokens(map[string]any{"id_token": idToken("bob", "tenant-1"), "client_info": clientInfo("bob")})
	})
	if _, err := side.SignIn(t.Context(), s.browser(nil)); err != nil {
		t.Fatal(s.hear(err))
	}
	if who, _ := side.Account(); who.ID != "oid-bob" {
		t.Errorf("%+v is signed in, want Bob", who)
	}
	if kept := string(s.secrets.values[secretTokens]); strings.Contains(kept, "uid-ada") || !strings.Contains(kept, "uid-bob") {
		t.Error("the kept tokens are not Bob's alone")
	}
	if err := side.SignOut(t.Context()); err != nil {
		t.Fatal(s.hear(err))
	}
	if _, ok := side.Account(); ok {
		t.Error("somebody is still signed in")
	}
	if len(s.secrets.values) != 0 {
		t.Errorf("%d secrets are left", len(s.secrets.values))
	}
	if p := s.hear(read(t.Context(), side)); p == nil || p.Kind != problem.SignedOut {
		t.Errorf("reading: %+v", p)
	}
	if n := len(s.graphCalls()); n != 0 {
		t.Errorf("%d requests were sent signed out", n)
	}
}
