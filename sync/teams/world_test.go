package teams

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

const testClient = "11111111-2222-3333-4444-555555555555"

// stage is a small Entra and a small Graph on loopback, and everything that was said, to be searched for
// secrets at the end.
type stage struct {
	t       *testing.T
	entra   *httptest.Server
	graphs  *httptest.Server
	secrets *memory

	mu      sync.Mutex
	secret  []string // every token and code that was ever given out
	said    bytes.Buffer
	asked   []url.Values // the forms posted to the token endpoint
	token   func(form url.Values) reply
	code    func(form url.Values) reply
	calls   []seen
	onGraph func(seen) reply
}

// reply is an answer of either server.
type reply struct {
	status int
	header map[string]string
	body   any // a string as it is, else JSON
}

// seen is a request that came to Graph.
type seen struct {
	method, path, token, body string
	header                    http.Header
}

type memory struct {
	mu     sync.Mutex
	values map[string][]byte
	setErr error
	unread error
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
	if m.setErr != nil {
		return m.setErr
	}
	m.values[name] = bytes.Clone(value)
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

func (m *memory) Unread() error { return m.unread }

func newStage(t *testing.T) *stage {
	s := &stage{t: t, secrets: &memory{values: map[string][]byte{}}}
	s.token = func(form url.Values) reply { return s.tokens(nil) }
	s.code = func(url.Values) reply {
		return reply{body: map[string]any{"user_code": "A", "device_code": "D", "verification_uri": "https://e", "expires_in": 900}}
	}
	s.onGraph = func(seen) reply {
		return reply{body: map[string]any{"availability": "Available", "activity": "Available"}}
	}
	s.entra = httptest.NewTLSServer(http.HandlerFunc(s.serveEntra))
	s.graphs = httptest.NewServer(http.HandlerFunc(s.serveGraph))
	t.Cleanup(func() {
		s.entra.Close()
		s.graphs.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, secret := range s.secret {
			if strings.Contains(s.said.String(), secret) {
				t.Errorf("a secret was said: %s…", secret[:12])
			}
		}
	})
	return s
}

// Write takes what is logged.
func (s *stage) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

// hear keeps everything that an error says, and answers its problem.
func (s *stage) hear(err error) *problem.Problem {
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(s, "%v\n%+v\n%#v\n", e, e, e)
	}
	var p *problem.Problem
	if err != nil && !errors.As(err, &p) {
		s.t.Errorf("%T is no problem: %v", err, err)
	}
	return problem.Of(err)
}

// issue makes a secret that nobody may ever say.
func (s *stage) issue(kind string) string {
	text := kind + "-" + rand.Text() + rand.Text() + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = append(s.secret, text)
	return text
}

// tokens is a successful answer of the token endpoint, with changes.
func (s *stage) tokens(change map[string]any) reply {
	body := map[string]any{
		"token_type": "Bearer", "scope": strings.Join(scopes(), " "), "expires_in": 3600,
		"access_token": s.issue("AT"), "refresh_token": s.issue("RT"),
		"id_token": idToken("ada", "tenant-1"), "client_info": clientInfo("ada"),
	}
	for k, v := range change {
		body[k] = v
	}
	return reply{body: body}
}

func b64JSON(v any) string {
	b, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b)
}

func idToken(who, tenant string) string {
	return "e30." + b64JSON(map[string]any{
		"oid": "oid-" + who, "sub": "sub-" + who, "tid": tenant, "preferred_username": who + "@example.com",
		"iss": "https://example.com", "exp": time.Now().Add(time.Hour).Unix(),
	}) + ".sig"
}

func clientInfo(who string) string {
	return b64JSON(map[string]any{"uid": "uid-" + who, "utid": "utid"})
}

// refusal is an error of the token endpoint.
func refusal(status int, code string, more map[string]any) reply {
	body := map[string]any{"error": code, "correlation_id": "corr-1", "trace_id": "trace-1"}
	for k, v := range more {
		body[k] = v
	}
	return reply{status: status, body: body}
}

func (r reply) write(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	text, ok := r.body.(string)
	if !ok && r.body != nil {
		b, _ := json.Marshal(r.body)
		text = string(b)
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, text)
}

func (s *stage) serveEntra(w http.ResponseWriter, r *http.Request) {
	base := s.entra.URL + "/tenant"
	switch r.URL.Path {
	case "/tenant/v2.0/.well-known/openid-configuration":
		reply{body: map[string]any{
			"authorization_endpoint": base + "/oauth2/v2.0/authorize",
			"token_endpoint":         base + "/oauth2/v2.0/token",
			"issuer":                 base + "/v2.0",
		}}.write(w)
	case "/tenant/oauth2/v2.0/token":
		_ = r.ParseForm()
		s.mu.Lock()
		s.asked = append(s.asked, r.PostForm)
		answer := s.token
		s.mu.Unlock()
		answer(r.PostForm).write(w)
	case "/tenant/oauth2/v2.0/devicecode":
		_ = r.ParseForm()
		s.mu.Lock()
		answer := s.code
		s.mu.Unlock()
		answer(r.PostForm).write(w)
	default:
		http.NotFound(w, r)
	}
}

func (s *stage) serveGraph(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c := seen{r.Method, strings.TrimPrefix(r.URL.Path, "/v1.0"), token, string(body), r.Header}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	answer := s.onGraph
	s.mu.Unlock()
	answer(c).write(w)
}

// onToken changes how the token endpoint answers from now on.
func (s *stage) onToken(answer func(url.Values) reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = answer
}

func (s *stage) answerGraph(answer func(seen) reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onGraph = answer
}

func (s *stage) tokenRequests() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.asked...)
}

func (s *stage) graphCalls() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.calls...)
}

// side is a new start of the program on this stage.
func (s *stage) side() *Side {
	s.t.Helper()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.entra.Certificate().Raw})
	client, err := NewHTTPClient(root)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.CloseIdleConnections)
	side, err := New(Config{
		ClientID:  testClient,
		Authority: s.entra.URL + "/tenant",
		Graph:     s.graphs.URL + "/v1.0",
		HTTP:      client,
		Secrets:   s.secrets,
		Log:       slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	side.account.deviceWait = time.Millisecond
	return side
}

// browser answers the sign-in page's address as a browser would in which the person signs in: by posting a
// form to the way back. change may alter the form.
func (s *stage) browser(change func(address url.Values, form url.Values)) SignIn {
	return SignIn{OpenURL: func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		q := u.Query()
		form := url.Values{"code": {s.issue("CODE")}, "state": {q.Get("state")}}
		if change != nil {
			change(q, form)
		}
		resp, err := http.PostForm(q.Get("redirect_uri"), form)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}}
}

// signedIn is a side on which Ada has signed in.
func (s *stage) signedIn() *Side {
	s.t.Helper()
	side := s.side()
	if _, err := side.SignIn(s.t.Context(), s.browser(nil)); err != nil {
		s.t.Fatalf("sign-in: %v", s.hear(err))
	}
	return side
}

func read(ctx context.Context, side *Side) error {
	_, _, err := side.graph.read(ctx)
	return err
}
