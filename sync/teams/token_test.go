package teams

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// spent makes tokens that are expired for everybody.
func (s *stage) spent() {
	s.onToken(func(url.Values) reply { return s.tokens(map[string]any{"expires_in": 1}) })
}

// newExpired is somebody signed in whose access token is good no more: whatever is asked needs a new one.
func newExpired(t *testing.T) (*stage, *Side) {
	s := newStage(t)
	s.spent()
	side := s.signedIn()
	expire(side)
	return s, side
}

func expire(side *Side) {
	side.account.mu.Lock()
	defer side.account.mu.Unlock()
	side.account.last.ExpiresOn = time.Now().Add(-time.Second)
}

// A refused refresh token ends the sign-in, once: the account stays listed, nothing more is asked of anybody,
// and a new sign-in heals it.
func TestRefreshTokenRefused(t *testing.T) {
	tests := map[string]struct {
		answer reply
		says   string
	}{
		"revoked":          {refusal(400, "invalid_grant", map[string]any{"error_codes": []int{50173}}), "revoked"},
		"without a number": {refusal(400, "invalid_grant", nil), "lapsed"},
		"a second factor":  {refusal(400, "interaction_required", map[string]any{"error_description": "AADSTS50076: MFA"}), "second proof"},
		"consent":          {refusal(400, "consent_required", map[string]any{"error_codes": []int{65001}}), "not been accepted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, side := newExpired(t)
			s.onToken(func(url.Values) reply { return test.answer })
			for range 3 {
				p := s.hear(read(t.Context(), side))
				if p == nil || p.Kind != problem.SignedOut || !strings.Contains(p.What.String(), test.says) || p.Do.IsZero() {
					t.Fatalf("%+v, want signed-out saying %q", p, test.says)
				}
			}
			if n := len(s.tokenRequests()); n != 2 {
				t.Errorf("%d token requests, want the sign-in's and one refused", n)
			}
			who, ok := side.Account()
			if !ok || who.ID != "oid-ada" || who.Lapsed == nil {
				t.Errorf("account: %+v, %v, want Ada's, lapsed", who, ok)
			}

			s.onToken(func(url.Values) reply { return s.tokens(nil) })
			var hint string
			if _, err := side.SignIn(t.Context(), s.browser(func(q, _ url.Values) { hint = q.Get("login_hint") })); err != nil {
				t.Fatal(s.hear(err))
			}
			if hint != "ada@example.com" {
				t.Errorf("the page was asked for with the hint %q", hint)
			}
			if who, _ := side.Account(); who.Lapsed != nil {
				t.Errorf("still lapsed: %v", who.Lapsed)
			}
			if err := read(t.Context(), side); err != nil {
				t.Error(s.hear(err))
			}
		})
	}
}

// Trouble at Microsoft keeps the account, and a Retry-After is kept.
func TestTroubleAtMicrosoftKeepsTheAccount(t *testing.T) {
	wait := map[string]string{"Retry-After": "120"}
	tests := map[string]struct {
		answer reply
		kind   problem.Kind
		again  bool // asked again at once
	}{
		"503":             {reply{status: 503, body: "<html>"}, problem.Server, true},
		"503, told when":  {reply{status: 503, header: wait, body: "<html>"}, problem.Server, false},
		"429":             {reply{status: 429, header: wait, body: "{}"}, problem.Throttled, false},
		"server_error":    {refusal(400, "server_error", nil), problem.Server, true},
		"temporarily off": {refusal(400, "temporarily_unavailable", nil), problem.Server, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, side := newExpired(t)
			s.onToken(func(url.Values) reply { return test.answer })
			for range 2 {
				p := s.hear(read(t.Context(), side))
				if p == nil || p.Kind != test.kind {
					t.Fatalf("%+v, want %s", p, test.kind)
				}
				if !test.again && (p.RetryAfter < 119*time.Second || p.RetryAfter > 120*time.Second) {
					t.Errorf("retry after %s, want two minutes", p.RetryAfter)
				}
			}
			want := 2
			if test.again {
				want = 3
			}
			if n := len(s.tokenRequests()); n != want {
				t.Errorf("%d token requests, want %d", n, want)
			}
			if who, ok := side.Account(); !ok || who.Lapsed != nil {
				t.Errorf("account: %+v, %v", who, ok)
			}
		})
	}
}

// A refresh that fails while the token at hand lives is no failure, and is not tried again and again.
func TestEarlyRefreshThatFails(t *testing.T) {
	tests := map[string]map[string]any{
		"when the answer said to refresh":    {"refresh_in": -10},
		"when the library thinks it is time": {"expires_in": 200},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.onToken(func(url.Values) reply { return s.tokens(change) })
			side := s.signedIn()
			for _, answer := range []reply{{status: 503, body: "x"}, refusal(400, "invalid_grant", nil)} {
				s.onToken(func(url.Values) reply { return answer })
				for range 3 {
					if err := read(t.Context(), side); err != nil {
						t.Fatal(s.hear(err))
					}
				}
			}
			if n := len(s.tokenRequests()); n != 2 {
				t.Errorf("%d token requests, want the sign-in's and one attempt", n)
			}
			if who, _ := side.Account(); who.Lapsed != nil {
				t.Errorf("lapsed: %v", who.Lapsed)
			}
		})
	}
}

func TestOneRefreshAtATime(t *testing.T) {
	s, side := newExpired(t)
	s.onToken(func(url.Values) reply { return s.tokens(nil) })
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := read(t.Context(), side); err != nil {
				t.Error(s.hear(err))
			}
		})
	}
	wg.Wait()
	if n := len(s.tokenRequests()); n != 2 {
		t.Errorf("%d token requests, want the sign-in's and one refresh", n)
	}
}

// What cannot be kept goes on in memory; what is not understood counts as empty.
func TestSecretsThatDoNotWork(t *testing.T) {
	s := newStage(t)
	s.secrets.setErr = errors.New("the disk is full")
	side := s.signedIn()
	if err := read(t.Context(), side); err != nil {
		t.Error(s.hear(err))
	}
	s.secrets.setErr = nil

	s.signedIn()
	s.secrets.values[secretTokens] = []byte("garbage")
	side = s.side()
	if p := s.hear(read(t.Context(), side)); p == nil || p.Kind != problem.SignedOut {
		t.Errorf("with garbage for tokens: %+v", p)
	}
	s.secrets.values[secretAccount] = []byte("garbage")
	side = s.side()
	if _, ok := side.Account(); ok {
		t.Error("garbage is an account")
	}
	if _, err := side.SignIn(t.Context(), s.browser(nil)); err != nil {
		t.Error(s.hear(err))
	}
}

// A keyring that cannot be read is told as such, and the sign-in in it is found when it can.
func TestLockedSecretsAreNotSignedOut(t *testing.T) {
	s := newStage(t)
	s.signedIn()
	values := s.secrets.values
	s.secrets = &memory{values: map[string][]byte{}, unread: &problem.Problem{Kind: problem.Keyring, What: problem.Say("locked"), Do: problem.Say("unlock it")}}
	side := s.side()
	if p := s.hear(read(t.Context(), side)); p == nil || p.Kind != problem.Keyring {
		t.Errorf("%+v, want the keyring's problem", p)
	}
	s.secrets.mu.Lock()
	s.secrets.values, s.secrets.unread = values, nil
	s.secrets.mu.Unlock()
	side.Nudge("the keyring was unlocked")
	if err := read(t.Context(), side); err != nil {
		t.Error(s.hear(err))
	}
}

// Continuous access evaluation, end to end: Graph's challenge, a token with the claims, and where there is
// none, a sign-in with them.
func TestClaimsChallenge(t *testing.T) {
	const claims = `{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}`
	challenge := func(token string) map[string]string {
		return map[string]string{"WWW-Authenticate": `Bearer realm="", authorization_uri="https://login.example.com/oauth2/authorize", ` +
			`error_description="x", claims="` + base64.StdEncoding.EncodeToString([]byte(claims)) + `", error="insufficient_claims"`}
	}
	s := newStage(t)
	side := s.signedIn()
	old := side.account.last.AccessToken
	s.answerGraph(func(c seen) reply {
		if c.token == old {
			return reply{status: 401, header: challenge(old), body: "{}"}
		}
		return reply{status: 204}
	})
	if err := side.SetSession(t.Context(), presence.InACall, 5*time.Minute); err != nil {
		t.Fatal(s.hear(err))
	}
	asked := s.tokenRequests()
	var sent struct {
		AccessToken map[string]any `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(asked[len(asked)-1].Get("claims")), &sent); err != nil || sent.AccessToken["nbf"] == nil || sent.AccessToken["xms_cc"] == nil {
		t.Errorf("the refresh carried the claims %q", asked[len(asked)-1].Get("claims"))
	}

	for name, entra := range map[string]func(url.Values) reply{
		"no token meets the claims":      func(url.Values) reply { return refusal(400, "interaction_required", nil) },
		"Graph does not take that token": func(url.Values) reply { return s.tokens(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s.onToken(func(url.Values) reply { return s.tokens(nil) })
			if _, err := side.SignIn(t.Context(), s.browser(nil)); err != nil {
				t.Fatal(s.hear(err))
			}
			s.onToken(entra)
			s.answerGraph(func(c seen) reply { return reply{status: 401, header: challenge(c.token), body: "{}"} })
			before := len(s.graphCalls())
			for range 3 {
				if p := s.hear(read(t.Context(), side)); p == nil || p.Kind != problem.SignedOut || p.Do.String() != "Sign in again" {
					t.Errorf("%+v", p)
				}
			}
			if n := len(s.graphCalls()) - before; n > 2 {
				t.Errorf("%d requests to Graph, want no loop", n)
			}
			s.onToken(func(url.Values) reply { return s.tokens(nil) })
			var page string
			if _, err := side.SignIn(t.Context(), s.browser(func(q, _ url.Values) { page = q.Get("claims") })); err != nil {
				t.Fatal(s.hear(err))
			}
			if !strings.Contains(page, "1700000000") {
				t.Errorf("the sign-in page was asked for with the claims %q", page)
			}
		})
	}
}

// A 401 that asks for nothing is answered with a fresh token, once.
func TestTokenNotAccepted(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	old := side.account.last.AccessToken
	side.account.lastGot = time.Now().Add(-time.Hour)
	s.answerGraph(func(c seen) reply {
		if c.token == old {
			return reply{status: 401, body: map[string]any{"error": map[string]any{"code": "InvalidAuthenticationToken", "message": "Token " + c.token}}}
		}
		return reply{body: map[string]any{"availability": "Busy", "activity": "InAMeeting"}}
	})
	if err := read(t.Context(), side); err != nil {
		t.Error(s.hear(err))
	}

	s.answerGraph(func(c seen) reply {
		return reply{status: 401, body: map[string]any{"error": map[string]any{"code": "InvalidAuthenticationToken", "message": "Token " + c.token}}}
	})
	before := len(s.tokenRequests())
	for range 3 {
		if p := s.hear(read(t.Context(), side)); p == nil || p.Kind != problem.SignedOut || p.Do.IsZero() {
			t.Errorf("%+v", p)
		}
	}
	if n := len(s.tokenRequests()) - before; n != 0 {
		t.Errorf("%d refreshes although the token was fresh", n)
	}
	if who, _ := side.Account(); who.Lapsed != nil {
		t.Error("lapsed for a 401 that may pass")
	}
}
