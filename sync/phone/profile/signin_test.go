package profile

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// A token that expires in mid-stream costs one new login.
func TestTokenExpires(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		stop := make(chan struct{})
		b.fault("/events", func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithCancel(r.Context())
			go func() {
				select {
				case <-stop:
				case <-ctx.Done():
				}
				cancel()
			}()
			b.stream(w, r.WithContext(ctx))
			cancel()
		})
		defer b.watch()()
		forward(time.Minute)
		b.set(func(p *pbx) { p.token, p.line = 41, "talking" }) // all tokens are void
		b.fault("/events", nil)
		close(stop)
		forward(5 * time.Second)
		b.shows(t, "On a call", "Available")
		b.calm(t)
		if n := len(b.requests("POST /login")); n != 2 {
			t.Errorf("%d logins", n)
		}
	})
}

// A token whose end is known is renewed before a request fails.
func TestTokenRenewedInTime(t *testing.T) {
	inBubble(t, without(t, streamPart), secret, func(t *testing.T, b *bench) {
		b.life = 60
		defer b.watch()()
		forward(175 * time.Second)
		logins := b.requests("POST /login")
		if len(logins) != 3 && len(logins) != 4 {
			t.Fatalf("%d logins in three minutes with tokens of one", len(logins))
		}
		if gap := logins[1].at - logins[0].at; gap < 50*time.Second || gap > 70*time.Second {
			t.Errorf("renewed after %s", gap)
		}
	})
}

// A server that grants tokens and then does not take them is not stormed with logins.
func TestGrantedAndNotAccepted(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.fault("/me", failing(http.StatusUnauthorized))
		defer b.watch()()
		synctest.Wait()
		p := problem.Of(b.last(t).err)
		if p.Kind != problem.Forbidden || p.Do.IsZero() {
			t.Errorf("%+v", p)
		}
		if n := len(b.requests("POST /login")); n != 2 {
			t.Errorf("%d logins", n)
		}
	})
}

// A wrong password is tried once, whatever is asked of the phone at once and afterwards.
func TestWrongPassword(t *testing.T) {
	login := good[strings.Index(good, "  login:"):strings.Index(good, "read:\n")]
	for name, in := range map[string]string{
		"login":  login,
		"basic":  "  basic: {user: \"${user}\", password: \"${password}\"}\n",
		"bearer": "  bearer: {token: \"${password}\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, changed(t, login, in), "wrong-one", func(t *testing.T, b *bench) {
				defer b.watch()()
				var all sync.WaitGroup
				for range 5 {
					all.Go(func() {
						p := problem.Of(b.Write(context.Background(), "Do not disturb"))
						if p == nil || p.Kind != problem.BadLogin || p.Unsure || p.Do.IsZero() {
							t.Errorf("%+v", p)
						}
					})
				}
				all.Wait()
				forward(time.Hour)
				if n := len(b.requests("")); n != 1 {
					t.Errorf("%d requests", n)
				}
				if n := len(b.reports()); n != 1 {
					t.Errorf("%d reports: %+v", n, b.reports())
				}
				if err := b.last(t).err; problem.Of(err).Kind != problem.BadLogin || strings.Contains(err.Error(), "wrong-one") {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestLoginAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   problem.Kind
		again  bool
	}{
		"bad request":    {failing(http.StatusBadRequest), problem.BadLogin, false},
		"forbidden":      {failing(http.StatusForbidden), problem.BadLogin, false},
		"no token":       {saying(`{"status":"second factor needed"}`), problem.BadLogin, false},
		"not found":      {failing(http.StatusNotFound), problem.Refused, true},
		"a page":         {saying("<html>hello"), problem.Server, true},
		"an odd token":   {saying(`{"token":{"a":1}}`), problem.Server, true},
		"server error":   {failing(http.StatusServiceUnavailable), problem.Server, true},
		"told to wait":   {failing(http.StatusTooManyRequests), problem.Throttled, true},
		"half an answer": {saying(`{"token":"tok`), problem.Server, true},
		"sent on": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.test/x", http.StatusTemporaryRedirect)
		}, problem.Settings, true},
		"sent to TLS": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://pbx.test/login", http.StatusPermanentRedirect)
		}, problem.Settings, true},
		"never an answer": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, problem.Unreachable, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
				b.fault("/login", c.answer)
				defer b.watch()()
				forward(12 * time.Second)
				if p := problem.Of(b.last(t).err); p.Kind != c.kind {
					t.Errorf("kind %s: %v", p.Kind, p)
				}
				b.fault("/login", nil)
				forward(time.Hour)
				if again := b.last(t).err == nil; again != c.again {
					t.Errorf("tried again: %v", again)
				}
			})
		})
	}
}

func TestSignsInByBasicAndBearer(t *testing.T) {
	login := good[strings.Index(good, "  login:"):strings.Index(good, "read:\n")]
	for in, want := range map[string]string{
		"  basic: {user: \"${user}\", password: \"${password}\"}\n": "Basic MTAwOnMzY3IvdCAmMTAw",
		"  bearer: {token: \"${password}\"}\n":                      "Bearer " + secret,
		"  login: {request: {path: /login, method: POST}, token: .token, send: {headers: {Authorization: \"Key ${token} ${user}\"}}}\n": "Key t 100",
	} {
		inBubble(t, changed(t, login, in), secret, func(t *testing.T, b *bench) {
			b.fault("/login", saying(`{"token":"t"}`))
			b.fault("/me", saying(`{"line":"idle","status":"available"}`))
			b.fault("/events", failing(http.StatusNotFound))
			defer b.watch()()
			synctest.Wait()
			b.shows(t, "", "Available")
			if got := b.requests("GET /me")[0].header.Get("Authorization"); got != want {
				t.Errorf("sent %q, want %q", got, want)
			}
		})
	}
}
