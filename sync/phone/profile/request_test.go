package profile

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

// An address may hold a secret: it stands in no error, however deep.
func TestSecretInTheAddress(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"no answer":       func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"connection lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"refused":         func(w http.ResponseWriter, r *http.Request) { refuse(w, http.StatusBadRequest, r.URL.RawQuery) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, changed(t, "request: {path: /me}", `request: {path: /me, query: {key: "${password}"}}`), secret, func(t *testing.T, b *bench) {
				b.fault("/me", fault)
				defer b.watch()()
				forward(11 * time.Second)
				if b.last(t).err == nil {
					t.Error("no error")
				}
			})
		})
	}
}

func TestWrites(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   problem.Kind
		says   string
		unsure bool
	}{
		"unknown value":   {failing(422), problem.Refused, "Test PBX at pbx.test turned the request down (422 Unprocessable Entity): something is the matter", false},
		"forbidden":       {failing(403), problem.Forbidden, "Test PBX at pbx.test does not allow this: something is the matter", false},
		"failed":          {failing(500), problem.Server, "Test PBX at pbx.test failed with 500 Internal Server Error: something is the matter", true},
		"told to wait":    {failing(429), problem.Throttled, "Test PBX at pbx.test asks to be asked less often", false},
		"no answer":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, problem.Unreachable, "Test PBX at pbx.test took too long to answer", true},
		"connection lost": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, problem.Unreachable, "Test PBX at pbx.test closed the connection", true},
		"a page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "hi")
		},
			problem.Server, "Test PBX at pbx.test answered with a web page", true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
				b.fault("/me/status", c.answer)
				p := problem.Of(b.Write(context.Background(), "do not DISTURB"))
				if p == nil || p.Kind != c.kind || p.What.String() != c.says || p.Unsure != c.unsure {
					t.Errorf("%+v", p)
				}
				sent := b.requests("PUT /me/status")
				if len(sent) != 1 || sent[0].body != `{"status":"dnd"}` || sent[0].header.Get("Content-Type") != "application/json" {
					t.Errorf("sent: %+v", sent)
				}
			})
		})
	}
}

func TestWriteThatWasNeverSentIsNotUnsure(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		_ = b.net.Close()
		p := problem.Of(b.Write(context.Background(), "Do not disturb"))
		if p == nil || p.Kind != problem.Unreachable || p.Unsure || p.Do.IsZero() {
			t.Errorf("%+v", p)
		}
	})
}

func TestWriteGivenUp(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.fault("/me/status", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		p := problem.Of(b.Write(ctx, "Do not disturb"))
		if p == nil || p.Kind != problem.Unreachable || !p.Unsure || !strings.Contains(p.What.String(), "given up") {
			t.Errorf("%+v", p)
		}
	})
}

func TestGiveBack(t *testing.T) {
	t.Run("by writing what was there", func(t *testing.T) {
		inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
			if err := b.GiveBack(context.Background(), "Available"); err != nil {
				t.Fatal(err)
			}
			if sent := b.requests("PUT /me/status"); len(sent) != 1 || sent[0].body != `{"status":"available"}` {
				t.Errorf("sent: %+v", sent)
			}
			for before, kind := range map[string]problem.Kind{"On vacation": problem.Refused, "": problem.Settings, "Gone": problem.Settings} {
				if p := problem.Of(b.GiveBack(context.Background(), before)); p == nil || p.Kind != kind {
					t.Errorf("to %q: %+v", before, p)
				}
			}
		})
	})
	t.Run("by a request of its own", func(t *testing.T) {
		file := changed(t, "error: .error", "give_back: {method: DELETE, path: \"/me/status\", query: {was: \"${value}\"}}\nerror: .error")
		inBubble(t, file, secret, func(t *testing.T, b *bench) {
			for before, want := range map[string]string{"On vacation": "DELETE /me/status?was=vacation", "": "DELETE /me/status?was="} {
				if err := b.GiveBack(context.Background(), before); err != nil {
					t.Fatal(err)
				}
				if len(b.requests(want)) != 1 {
					t.Errorf("sent: %+v", b.requests(""))
				}
			}
		})
	})
}

// Whatever the person enters stays inside the place in which it stands.
func TestPlaceholdersAreEscaped(t *testing.T) {
	const odd = `a"b/c?d=e&f #%ü`
	file := changed(t, "request: {path: /me}", `request: {path: "/me/${user}/x?a=${user}&b=1", query: {c: "<${user}>"}, headers: {X-User: "u:${extension}"}, body: {n: 1, list: [true, "${user}"]}, method: post}`)
	file = []byte(strings.Replace(string(file), "  - {name: password", "  - {name: extension, label: Extension, default: \"100\"}\n  - {name: password", 1))
	inBubble(t, file, secret, func(t *testing.T, b *bench) {
		p, err := Parse("x.yaml", file)
		if err != nil {
			t.Fatal(err)
		}
		b.Phone, err = Open(p, Options{HTTP: b.client, Fields: map[string]string{"server": "http://pbx.test/api/", "user": odd, "password": secret}})
		if err != nil {
			t.Fatal(err)
		}
		b.fault("/api/login", saying(`{"token":"t"}`))
		b.fault("/api/me/"+odd+"/x", saying(`{"line":"idle","status":"available"}`))
		b.fault("/api/events", failing(http.StatusNotFound))
		stop := b.watch()
		synctest.Wait()
		stop()
		var got []asked
		for _, a := range b.requests("")[:2] {
			a.at, a.header = 0, http.Header{"X-User": a.header["X-User"]}
			got = append(got, a)
		}
		want := []asked{
			{what: "POST /api/login", body: `{"password":"s3cr/t \u0026100","user":"a\"b/c?d=e\u0026f #%ü"}`, header: http.Header{"X-User": nil}},
			{what: "POST /api/me/a%22b%2Fc%3Fd=e&f%20%23%25%C3%BC/x?a=a%22b%2Fc%3Fd%3De%26f+%23%25%C3%BC&b=1&c=%3Ca%22b%2Fc%3Fd%3De%26f+%23%25%C3%BC%3E",
				body: `{"list":[true,"a\"b/c?d=e\u0026f #%ü"],"n":1}`, header: http.Header{"X-User": {"u:100"}}},
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(asked{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRate(t *testing.T) {
	inBubble(t, changed(t, "error: .error", "rate: {writes: 60s}\nerror: .error"), secret, func(t *testing.T, b *bench) {
		for range 3 {
			if err := b.Write(context.Background(), "Do not disturb"); err != nil {
				t.Fatal(err)
			}
		}
		var at []time.Duration
		for _, a := range b.requests("PUT /me/status") {
			at = append(at, a.at)
		}
		if diff := cmp.Diff([]time.Duration{0, time.Minute, 2 * time.Minute}, at); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAddresses(t *testing.T) {
	for entered, want := range map[string]string{
		"https://pbx.example.com":       "https://pbx.example.com",
		" http://10.0.0.1:8088/api/ ":   "http://10.0.0.1:8088/api",
		"pbx.example.com":               "",
		"ftp://pbx.example.com":         "",
		"https://me:pw@pbx.example.com": "",
		"https://pbx.example.com/?a=b":  "",
		"https://":                      "",
		"https://[":                     "",
	} {
		p, err := Parse("x.yaml", []byte(good))
		if err != nil {
			t.Fatal(err)
		}
		d, err := Open(p, Options{Fields: map[string]string{"server": entered, "user": "100", "password": secret}})
		if want == "" {
			if prob := problem.Of(err); prob == nil || prob.Kind != problem.Settings || strings.Contains(prob.Error(), "pw") {
				t.Errorf("%q: %v", entered, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", entered, err)
		} else if got := d.(*device).base.String(); got != want {
			t.Errorf("%q: %s", entered, got)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
