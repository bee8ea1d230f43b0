package profile

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

// loginPart is the sign-in of the good file.
var loginPart = good[strings.Index(good, "  login:"):strings.Index(good, "read:\n")]

// signingIn is the good file, polled, with another sign-in and what else stands at its top.
func signingIn(t *testing.T, in, top string) []byte {
	t.Helper()
	file := string(without(t, streamPart))
	return []byte(top + strings.Replace(file, loginPart, "  "+in+"\n", 1))
}

// showing answers as the phone does to whoever shows the right thing; else it refuses.
func showing(right func(*http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !right(r) {
			refuse(w, http.StatusUnauthorized, "who are you")
			return
		}
		_, _ = io.WriteString(w, `{"line":"idle","status":"available"}`)
	}
}

// Each kind of sign-in gets in with the right password, and asks once with a wrong one, whatever is asked of
// the phone.
func TestKindsOfSignIn(t *testing.T) {
	header := func(name, value string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.Header.Get(name) == value }
	}
	const nonce = "n0nce"
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte("100:" + secret + ":" + nonce))
	digested := fmt.Sprintf("%x", md5.Sum([]byte("100:"+secret)))
	for name, c := range map[string]struct {
		in, top string
		login   http.HandlerFunc
		me      func(*http.Request) bool
		asked   int // requests with a wrong password
	}{
		"key in a header": {in: `key: {headers: {X-Key: "${password}"}}`, me: header("X-Key", secret), asked: 1},
		"key in the query": {in: `key: {query: {key: "${password}"}}`, asked: 1,
			me: func(r *http.Request) bool { return r.URL.Query().Get("key") == secret }},
		"cookies": {in: `login: {request: {method: POST, path: /login, form: {u: "${user}", p: "${password}"}}, cookies: true}`,
			login: func(w http.ResponseWriter, r *http.Request) {
				if r.PostFormValue("u") != "100" || r.PostFormValue("p") != secret {
					refuse(w, http.StatusForbidden, "no")
					return
				}
				http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/"})
			},
			me:    func(r *http.Request) bool { c, err := r.Cookie("session"); return err == nil && c.Value == "s1" },
			asked: 1},
		"a challenge, answered by an HMAC": {
			in: `login:
    request: {method: POST, path: /login, body: {username: "${user}"}}
    challenge: true
    token: ($http.headers["www-authenticate"] | ltrimstr("Digest ")) as $n | "\($fields.user):\($secrets.password):\($n)" | hmac_sha1($secrets.password)
    send: {headers: {Authorization: "${user}:${token}"}}`,
			login: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", "Digest "+nonce)
				w.WriteHeader(http.StatusUnauthorized)
			},
			me:    header("Authorization", "100:"+hex.EncodeToString(mac.Sum(nil))),
			asked: 2},
		"a digest": {
			in:  `login: {request: {method: PUT, path: /login, body: {data: {credentials: "${digest}"}}}, token: .auth_token, keep: {account: .data.account_id}, send: {headers: {X-Auth-Token: "${token}", X-Account: "${account}"}}}`,
			top: "let: {digest: '\"\\($fields.user):\\($secrets.password)\" | md5'}\n",
			login: func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if string(body) != `{"data":{"credentials":"`+digested+`"}}` {
					refuse(w, http.StatusUnauthorized, "no")
					return
				}
				_, _ = io.WriteString(w, `{"auth_token":"t1","data":{"account_id":"a1"}}`)
			},
			me: func(r *http.Request) bool {
				return r.Header.Get("X-Auth-Token") == "t1" && r.Header.Get("X-Account") == "a1"
			},
			asked: 1},
		"an answer in XML, the error with a 200": {
			in:  `login: {request: {path: /login, query: {u: "${user}", p: "${password}"}, answer: xml}, token: .LOGIN.ID, send: {query: {session: "${token}"}}}`,
			top: "failed: .LOGIN.ERROR != null\n",
			login: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("p") != secret {
					_, _ = io.WriteString(w, `<?xml version="1.0" encoding="ISO-8859-1"?><LOGIN><ID/><ERROR>1</ERROR></LOGIN>`)
					return
				}
				_, _ = io.WriteString(w, `<?xml version="1.0" encoding="ISO-8859-1"?><LOGIN><ID>s|0</ID><CNT>1</CNT><ERROR/></LOGIN>`)
			},
			me:    func(r *http.Request) bool { return r.URL.Query().Get("session") == "s|0" },
			asked: 1},
		"OAuth with a password": {
			in: `oauth: {grant: password, token: "${server}/login", client_id: app, client_secret: shh, client_auth: basic, user: "${user}", password: "${password}"}`,
			login: func(w http.ResponseWriter, r *http.Request) {
				id, shh, _ := r.BasicAuth()
				if id != "app" || shh != "shh" || r.PostFormValue("grant_type") != "password" || r.PostFormValue("username") != "100" || r.PostFormValue("password") != secret {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
					return
				}
				_, _ = io.WriteString(w, `{"access_token":"t1","expires_in":"3600"}`)
			},
			me: header("Authorization", "Bearer t1"), asked: 1},
		"OAuth of an app without a secret": {
			in: `oauth: {grant: password, token: "${server}/login", client_id: app, client_secret: "", client_auth: basic, user: "${user}", password: "${password}"}`,
			login: func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" || r.PostFormValue("client_id") != "app" || r.PostForm.Has("client_secret") || r.PostFormValue("password") != secret {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
					return
				}
				_, _ = io.WriteString(w, `{"access_token":"t1"}`)
			},
			me: header("Authorization", "Bearer t1"), asked: 1},
	} {
		file := signingIn(t, c.in, c.top)
		t.Run(name, func(t *testing.T) {
			inBubble(t, file, secret, func(t *testing.T, b *bench) {
				b.fault("/login", c.login)
				b.fault("/me", showing(c.me))
				defer b.watch()()
				forward(time.Minute)
				b.shows(t, "", "Available")
				if n := len(b.requests("POST /login")) + len(b.requests("PUT /login")); n > 1 {
					t.Errorf("%d sign-ins", n)
				}
			})
		})
		t.Run(name+", wrong password", func(t *testing.T) {
			inBubble(t, file, "wrong-one", func(t *testing.T, b *bench) {
				b.fault("/login", c.login)
				b.fault("/me", showing(c.me))
				defer b.watch()()
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() {
						if p := problem.Of(b.Write(context.Background(), "Do not disturb")); p == nil || p.Kind != problem.BadLogin {
							t.Errorf("%+v", p)
						}
					})
				}
				all.Wait()
				forward(time.Hour)
				if p := problem.Of(b.last(t).err); p == nil || p.Kind != problem.BadLogin || p.Do.IsZero() {
					t.Errorf("%+v", p)
				}
				if n := len(b.requests("")); n != c.asked {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// A login that gives refresh tokens uses them, each once, and falls back to the password.
func TestLoginIsRenewed(t *testing.T) {
	in := `login:
    request: {method: POST, path: /login, body: {p: "${password}"}}
    token: .access
    expires_in: 60
    refresh_token: .refresh
    refresh: {method: PUT, path: /login, headers: {Authorization: "Bearer ${refresh_token}"}}`
	inBubble(t, signingIn(t, in, ""), secret, func(t *testing.T, b *bench) {
		var n atomic.Int32
		var lost atomic.Bool
		b.fault("/login", func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && (lost.Swap(false) || r.Header.Get("Authorization") != fmt.Sprintf("Bearer r%d", n.Load())) {
				refuse(w, http.StatusUnauthorized, "used")
				return
			}
			fmt.Fprintf(w, `{"access":"t%d","refresh":"r%[1]d"}`, n.Add(1))
		})
		b.fault("/me", showing(func(r *http.Request) bool {
			return r.Header.Get("Authorization") == fmt.Sprintf("Bearer t%d", n.Load())
		}))
		defer b.watch()()
		forward(4 * time.Minute)
		if first, again := len(b.requests("POST /login")), len(b.requests("PUT /login")); first != 1 || again < 3 || again > 5 {
			t.Errorf("%d logins, %d renewals", first, again)
		}
		lost.Store(true)
		forward(2 * time.Minute)
		if first := len(b.requests("POST /login")); first != 2 {
			t.Errorf("%d logins after a renewal was refused", first)
		}
		b.calm(t)
	})
}

// What was refused is not tried after a restart either, until it is changed or the person asks for it.
func TestRefusedOverARestart(t *testing.T) {
	kept := &memory{}
	o := Options{ID: "mine", Secrets: kept}
	once := func(password string, want int, check func(*testing.T, *bench)) {
		t.Helper()
		inBubbleWith(t, without(t, streamPart), password, o, func(t *testing.T, b *bench) {
			defer b.watch()()
			forward(time.Minute)
			if n := len(b.requests("POST /login")); n != want {
				t.Errorf("with %q: %d logins", password, n)
			}
			if check != nil {
				check(t, b)
			}
		})
	}
	once("wrong-one", 1, nil)
	once("wrong-one", 0, func(t *testing.T, b *bench) {
		if p := problem.Of(b.last(t).err); p == nil || p.Kind != problem.BadLogin {
			t.Errorf("%+v", p)
		}
		if p := problem.Of(b.Phone.(*device).SignIn(context.Background())); p == nil || p.Kind != problem.BadLogin {
			t.Errorf("signing in by wish: %+v", p)
		}
		forward(time.Minute)
		if n := len(b.requests("POST /login")); n != 1 {
			t.Errorf("%d logins by wish", n)
		}
	})
	once("wrong-one", 0, nil)
	Entered(kept, "mine")
	once("wrong-one", 1, nil)
	once(secret, 1, func(t *testing.T, b *bench) { b.shows(t, "", "Available") })
	once(secret, 1, nil)
}

// A sign-in by wish ends the waiting of who watches.
func TestSignInByWishWakes(t *testing.T) {
	inBubble(t, without(t, streamPart), secret, func(t *testing.T, b *bench) {
		b.fault("/login", failing(http.StatusForbidden)) // the account is locked for a while
		defer b.watch()()
		forward(time.Hour)
		b.fault("/login", nil)
		forward(time.Hour)
		if b.last(t).err == nil {
			t.Fatal("tried again by itself")
		}
		if err := b.Phone.(*device).SignIn(context.Background()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		b.shows(t, "", "Available")
	})
}

// This installation's id is a GUID, made once and kept.
func TestDevice(t *testing.T) {
	kept := &memory{}
	first, again := keeper{kept, "a"}.device(), keeper{kept, "b"}.device()
	if first != again || len(first) != 36 || strings.Count(first, "-") != 4 || first[14] != '4' {
		t.Errorf("%s, then %s", first, again)
	}
	if other := (keeper{&memory{}, "a"}).device(); other == first {
		t.Error("two installations have the same")
	}
}

// memory is a sealed store that lives as long as the test.
type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	full   bool // nothing can be written
}

func (m *memory) Get(name string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[name]
	return v, ok
}

func (m *memory) Set(name string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("The disk is full")}
	}
	if m.values == nil {
		m.values = map[string][]byte{}
	}
	m.values[name] = value
	return nil
}

func (m *memory) Delete(names ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		delete(m.values, name)
	}
	return nil
}

func TestFill(t *testing.T) {
	p, err := Parse("reference.yaml", []byte(reference))
	if err != nil {
		t.Fatal(err)
	}
	fill := func(name, value string) (map[string]string, error) {
		entered := map[string]string{"server": "https://pbx.test/", "user": "100", "password": secret}
		entered[name] = value
		return Fill(p.System, entered)
	}
	got, err := fill("vip", "Yes")
	want := map[string]string{"server": "https://pbx.test", "login_host": "login.example.com", "cloud": "eu", "user": "100",
		"password": secret, "minutes": "60", "vip": "true"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, c := range []struct{ name, value, says string }{
		{"server", "pbx.test", "Enter for “Server address” (server): an address such as https://pbx.example.com"},
		{"server", "https://me:pw@pbx.test", "an address such as"},
		{"login_host", "https://login.test", "a server's name or address without http://"},
		{"login_host", "a/b", "a server's name or address without http://"},
		{"cloud", "asia", "one of: eu, us"},
		{"user", "1234567", "a value such as 100"},
		{"user", "10\n0", "a value such as 100"},
		{"minutes", "many", "a number"},
		{"vip", "perhaps", "yes or no"},
		{"password", "", "needs “Password”"},
		{"extention", "1", "knows no setting “extention”"},
	} {
		_, err := fill(c.name, c.value)
		p := problem.Of(err)
		if p == nil || p.Kind != problem.Settings || p.Do.IsZero() || !strings.Contains(p.Error(), c.says) {
			t.Errorf("%s %q: %v", c.name, c.value, err)
		}
	}
	for _, host := range []string{"pbx.test:5061", "10.0.0.1", "[fd00::1]:5061", "pbx"} {
		if _, err := fill("login_host", host); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
}
