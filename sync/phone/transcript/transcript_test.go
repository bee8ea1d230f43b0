package transcript

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const password = `pa"ss <w&rd>/1`

// Wherever a phone system and its client put what is secret, the transcript does not show it.
func TestNothingSecretIsShown(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "SESS", Value: "cookie-value-1"})
			w.Header().Set("X-Auth-Token", "header-token-1")
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"data": {"access_token": "access-1/x", "refresh-token": "refresh-1", "expires_in": 600}, "user": "sam"}`)
		case "/xml":
			fmt.Fprint(w, `<LOGIN><sessionId>xml-sess-1</sessionId><name>Sam</name></LOGIN>`)
		case "/half":
			fmt.Fprint(w, `{"token": "half-token-1", "name`)
		case "/stream":
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "event: token\ndata: {\"ws_token\":\"stream-1\"}\n\n")
		case "/back":
			w.Header().Set("Location", "/next?code=code-1&state=x")
			w.WriteHeader(http.StatusFound)
		case "/echo":
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s header-token-1 cookie-value-1 xml-sess-1 half-token-1 stream-1 code-1 own-secret", r.URL, r.Header, body)
		}
	}))
	defer server.Close()
	tr := New(password)
	tr.Blank(func(s string) string { return strings.ReplaceAll(s, "own-secret", dots) })
	c := tr.Client(server.Client())
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ask := func(method, path, kind, body string) {
		t.Helper()
		req, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("X-Password", password)
		req.SetBasicAuth("sam", password)
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	const form = "application/x-www-form-urlencoded"
	ask("POST", "/login", "application/json", `{"user":"sam","password":"pa\"ss <w&rd>/1"}`)
	ask("POST", "/login", form, url.Values{"password": {password}, "code_verifier": {"verifier-1"}}.Encode())
	for _, path := range []string{"/xml", "/half", "/stream", "/back"} {
		ask("GET", path, "", "")
	}
	ask("GET", "/echo?access_token="+url.QueryEscape("access-1/x")+"&p="+url.QueryEscape(password)+"&ticket=ticket-1", "", "")
	ask("POST", "/echo", "application/xml", "<p>pa&#34;ss &lt;w&amp;rd&gt;/1</p> refresh-1 verifier-1 ticket-1 access-1/x")
	tr.Frame(true, []byte(`{"op":"token","data":{"token":"frame-1"}}`))
	tr.Frame(false, []byte(`{"echo":"frame-1"}`))

	var b strings.Builder
	if _, err := tr.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, s := range []string{password, url.QueryEscape(password), url.PathEscape(password), "w&rd", "w&amp;rd", `pa\"ss`, "cookie-value-1", "header-token-1", "access-1", "refresh-1",
		"xml-sess-1", "half-token-1", "stream-1", "code-1", "own-secret", "verifier-1", "ticket-1", "frame-1", "c2Ft"} {
		if strings.Contains(text, s) {
			t.Errorf("%q is shown", s)
		}
	}
	for _, s := range []string{"→ POST " + server.URL + "/login\n", `{"user":"sam","password":"•••"}`, "← 200 OK, after ", `"expires_in":600`, "  Location: /next?code=•••&state=x\n", "  Authorization: •••\n", "⇒ ", "<name>Sam</name>"} {
		if !strings.Contains(text, s) {
			t.Errorf("%q is not shown", s)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestEachThingIsShownOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	tr := New()
	c := tr.Client(server.Client())
	resp, err := c.Post(server.URL+"/x", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if string(data) != "hello" {
		t.Errorf("the server was sent %q", data)
	}
	var b strings.Builder
	_, _ = tr.WriteTo(&b)
	_, _ = tr.WriteTo(&b)
	if n := strings.Count(b.String(), "→ POST"); n != 1 {
		t.Errorf("shown %d times", n)
	}
	server.Close()
	if _, err := c.Get(server.URL); err == nil {
		t.Fatal("an answer from nobody")
	}
	b.Reset()
	_, _ = tr.WriteTo(&b)
	if got, _, _ := strings.Cut(b.String(), "after"); !strings.HasSuffix(got, "← no answer ") {
		t.Error(cmp.Diff("← no answer after", b.String()))
	}
}
