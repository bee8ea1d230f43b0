package profile

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

// XML is read by the rules that decodeXML states.
func TestXML(t *testing.T) {
	for in, want := range map[string]any{
		`<a>x</a>`: map[string]any{"a": "x"},
		`<a/>`:     map[string]any{"a": nil},
		`<?xml version="1.0"?><!-- c --><n:a xmlns:n="urn:x" xmlns="urn:y"><n:b> 1 </n:b></n:a>`: map[string]any{"a": map[string]any{"b": "1"}},
		`<a><b>1</b><c/><b>2</b><b k="v">3</b></a>`:                                              map[string]any{"a": map[string]any{"b": []any{"1", "2", map[string]any{"@k": "v", "#text": "3"}}, "c": nil}},
		`<e xmlns:xsi="urn:i" xsi:type="x:Call"/>`:                                               map[string]any{"e": map[string]any{"@type": "x:Call"}},
		`<a>&lt;b&gt; <![CDATA[<c>]]></a>`:                                                       map[string]any{"a": "<b> <c>"},
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>M\xfcller</a>":                        map[string]any{"a": "Müller"},
	} {
		got, err := decodeXML([]byte(in))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", in, err, diff)
		}
	}
	for _, in := range []string{"", "{}", "<a>", "<a></b>", "<a/><b/>", "<html><body/></html>", strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200)} {
		if got, err := decodeXML([]byte(in)); err == nil {
			t.Errorf("%.40q is read as %v", in, got)
		}
	}
}

const presenceRead = "read:\n  request: {path: /me}\n  happening: if .line == \"idle\" then null else .line end\n  chosen: .status\n"

// reads is the good file, polled, that reads in another way.
func reads(t *testing.T, read, top string) []byte {
	t.Helper()
	file := string(without(t, streamPart))
	if strings.Count(file, presenceRead) != 1 {
		t.Fatal("the good file reads in another way")
	}
	return []byte(top + strings.Replace(file, presenceRead, read, 1))
}

// Several requests make one reading; what is asked once is asked once, in order, with what came before.
func TestReadsOfSeveralRequests(t *testing.T) {
	file := reads(t, `once:
  - request: {path: /who}
    keep: {me: .id}
  - request: {path: "/who/${me}/phones"}
    keep: {first: ".[0].n"}
read:
  requests:
    state: {path: "/users/${me}/state", query: {phone: "${first}"}}
    calls: {path: "/users/${me}/calls", answer: xml}
  happening: if .calls.Calls.call | list | length > 0 then "talking" else null end
  chosen: if $fields.me == 7 then .state.status else "nobody" end
`, "")
	inBubble(t, file, secret, func(t *testing.T, b *bench) {
		calls := func(answer string) { b.fault("/users/7/calls", saying(answer)) }
		calls("<Calls/>")
		b.fault("/who", saying(`{"id":7}`))
		b.fault("/who/7/phones", saying(`[{"n":"a b"}]`))
		b.fault("/users/7/state", saying(`{"status":"vacation"}`))
		defer b.watch()()
		forward(time.Minute)
		b.shows(t, "", "On vacation")
		calls("<Calls><call>1</call></Calls>")
		forward(15 * time.Second)
		b.shows(t, "On a call", "On vacation")
		if n := len(b.requests("GET /who")); n != 1 {
			t.Errorf("asked %d times who one is", n)
		}
		if len(b.requests("GET /users/7/state?phone=a+b")) < 5 {
			t.Error("the state was not asked of the phone that was learned")
		}
		calls("<html><body>Welcome</body></html>")
		forward(15 * time.Second)
		if p := problem.Of(b.last(t).err); p == nil || p.Kind != problem.Server || !strings.Contains(p.What.String(), "a web page") {
			t.Errorf("%+v", p)
		}
	})
}

// A request that is left out is not sent, and its answer is null.
func TestReadsWithoutARequest(t *testing.T) {
	for _, when := range []string{"$fields.user == \"100\"", "$fields.user == \"200\""} {
		file := reads(t, `read:
  requests:
    state: {path: /me}
    calls: {path: /calls, when: '`+when+`'}
  happening: if .calls == null then null else "talking" end
  chosen: .state.status
`, "")
		inBubble(t, file, secret, func(t *testing.T, b *bench) {
			b.fault("/calls", saying("{}"))
			defer b.watch()()
			forward(time.Second)
			if taken := strings.Contains(when, "100"); taken {
				b.shows(t, "On a call", "Available")
			} else if b.shows(t, "", "Available"); len(b.requests("GET /calls")) > 0 {
				t.Error("the request was sent")
			}
		})
	}
}

// An answer in pages is one list, bounded, from one server.
func TestPages(t *testing.T) {
	read := func(pages string) []byte {
		return reads(t, "read:\n  request: {path: /list, query: {size: \"2\"}, pages: {"+pages+"}}\n  chosen: .[-1].status\n", "")
	}
	capable := func(file []byte) []byte {
		return []byte(strings.Replace(string(file), "reads_line: true", "reads_line: false", 1))
	}
	page := func(next string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			n := 1
			_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
			if n == 3 {
				_, _ = io.WriteString(w, `{"items":[{"status":"vacation"}]}`)
				return
			}
			_, _ = fmt.Fprintf(w, `{"items":[{"status":"x"},{"status":"y"}],"next":"`+next+`"}`, n+1)
		}
	}
	for name, c := range map[string]struct {
		pages, next string
		asked       []string
		says        string
	}{
		"by address":     {"items: .items, next: .next", "/list?page=%d", []string{"GET /list?size=2", "GET /list?page=2", "GET /list?page=3"}, ""},
		"by token":       {"items: .items, token: .next, query: page", "%d", []string{"GET /list?size=2", "GET /list?page=2&size=2", "GET /list?page=3&size=2"}, ""},
		"without an end": {"items: .items, next: .next", "/list?page=1&n=%d", nil, "more than 20 pages"},
		"elsewhere":      {"items: .items, next: .next", "http://elsewhere.test/list?page=%d", []string{"GET /list?size=2"}, "another server"},
		"no list":        {"items: .next, next: .next", "/list?page=%d", []string{"GET /list?size=2"}, "does not understand"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, capable(read(c.pages)), secret, func(t *testing.T, b *bench) {
				b.fault("/list", page(c.next))
				stop := b.watch()
				forward(100 * time.Millisecond)
				stop()
				if c.says != "" {
					if p := problem.Of(b.last(t).err); p == nil || !strings.Contains(p.What.String(), c.says) {
						t.Errorf("%+v", p)
					}
				} else {
					b.shows(t, "", "On vacation")
				}
				var got []string
				for _, a := range b.requests("")[1:] {
					got = append(got, a.what)
				}
				if diff := cmp.Diff(c.asked, got); c.asked != nil && diff != "" {
					t.Error(diff)
				}
				if len(got) > mostPages {
					t.Errorf("%d pages were asked for", len(got))
				}
			})
		})
	}
}

const writeLine = `write: {method: PUT, path: /me/status, body: {status: "${value}"}}`

// A write is its steps in order; one that fails after another was carried out may have been.
func TestSteps(t *testing.T) {
	file := changed(t, writeLine, `write:
  - {method: POST, path: /a, form: {v: "${value}", s: "${status}"}}
  - {when: $fields.value == "dnd", method: POST, path: /b, xml: "<dnd><who>${user}&amp;</who><v>${value}</v></dnd>"}
  - {each: '["x/1", 2]', method: PUT, path: "/c/${item}", json: '{on: ($fields.value == "dnd"), item: $fields.item}'}
  - {method: POST, path: /d, text: "set ${value}", headers: {Content-Type: text/x-own}}
give_back: {method: DELETE, path: /a, query: {resource: "${device}"}}`)
	inBubble(t, file, secret, func(t *testing.T, b *bench) {
		sent := func() (list []string) {
			for _, a := range b.requests("") {
				if a.what != "POST /login" {
					list = append(list, strings.TrimSpace(a.what+" "+a.header.Get("Content-Type")+" "+a.body))
				}
			}
			return list
		}
		for _, path := range []string{"/a", "/b", "/c/x/1", "/c/2", "/d"} {
			b.fault(path, saying(""))
		}
		if err := b.Write(context.Background(), "Do not disturb"); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"POST /a application/x-www-form-urlencoded s=Do+not+disturb&v=dnd",
			"POST /b application/xml; charset=UTF-8 <dnd><who>100&amp;</who><v>dnd</v></dnd>",
			`PUT /c/x%2F1 application/json {"item":"x/1","on":true}`,
			`PUT /c/2 application/json {"item":"2","on":true}`,
			"POST /d text/x-own set dnd",
		}
		if diff := cmp.Diff(want, sent()); diff != "" {
			t.Error(diff)
		}
		b.fault("/d", failing(http.StatusConflict))
		p := problem.Of(b.Write(context.Background(), "Available"))
		if p == nil || p.Kind != problem.Refused || !p.Unsure {
			t.Errorf("a write of which a part was carried out: %+v", p)
		}
		if len(b.requests("POST /b")) != 1 {
			t.Error("a step was taken whose condition does not hold")
		}
		b.fault("/a", failing(http.StatusConflict))
		if p := problem.Of(b.Write(context.Background(), "Available")); p == nil || p.Unsure {
			t.Errorf("a write of which nothing was carried out: %+v", p)
		}
		b.fault("/a", saying(""))
		if err := b.GiveBack(context.Background(), "Available"); err != nil {
			t.Fatal(err)
		}
		all := sent()
		if last := all[len(all)-1]; last != "DELETE /a?resource="+b.Phone.(*device).device {
			t.Errorf("given back by %s", last)
		}
	})
}

// A token that expires between two steps does not take the first twice.
func TestTokenExpiresBetweenSteps(t *testing.T) {
	file := changed(t, writeLine, `write:
  - {method: POST, path: /a}
  - {each: '[1, 2]', method: PUT, path: "/me/status", body: {status: "${value}"}}`)
	inBubble(t, file, secret, func(t *testing.T, b *bench) {
		b.fault("/a", func(http.ResponseWriter, *http.Request) { b.set(func(p *pbx) { p.token = 40 }) })
		if err := b.Write(context.Background(), "Do not disturb"); err != nil {
			t.Fatal(err)
		}
		if a, c, in := len(b.requests("POST /a")), len(b.requests("PUT /me/status")), len(b.requests("POST /login")); a != 1 || c != 3 || in != 2 {
			t.Errorf("%d and %d requests, %d logins", a, c, in)
		}
	})
}

// What an answer calls a success may be an error, or ask to sign in again.
func TestSuccessThatIsNone(t *testing.T) {
	file := []byte("failed: .ok == false\nexpired: .code == \"session\"\nrequest_id: X-Trace\n" + good)
	inBubble(t, file, secret, func(t *testing.T, b *bench) {
		b.fault("/me/status", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Trace", "4711")
			_, _ = io.WriteString(w, `{"ok":false,"error":{"message":"Licence missing."}}`)
		})
		p := problem.Of(b.Write(context.Background(), "Do not disturb"))
		if p == nil || p.Kind != problem.Refused || p.What.String() != "Test PBX at pbx.test turned the request down: Licence missing (request 4711)" {
			t.Errorf("%+v", p)
		}
		n := 0
		b.fault("/me/status", func(w http.ResponseWriter, _ *http.Request) {
			if n++; n == 1 {
				_, _ = io.WriteString(w, `{"code":"session"}`)
			}
		})
		if err := b.Write(context.Background(), "Do not disturb"); err != nil || n != 2 || len(b.requests("POST /login")) != 2 {
			t.Errorf("%v after %d attempts", err, n)
		}
	})
}

// The request's name goes with the error, so that the vendor's support can find it.
func TestRequestID(t *testing.T) {
	inBubble(t, []byte(good), secret, func(t *testing.T, b *bench) {
		b.fault("/me/status", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "r-1")
			refuse(w, http.StatusBadGateway, "no backend")
		})
		if p := problem.Of(b.Write(context.Background(), "Do not disturb")); p == nil || p.What.String() != "Test PBX at pbx.test failed with 502 Bad Gateway: no backend (request r-1)" {
			t.Errorf("%+v", p)
		}
	})
}

// So many in a time, whoever asks; who has no time to wait is told how long it takes, and takes nobody's turn.
func TestManyInATime(t *testing.T) {
	inBubble(t, changed(t, "error: .error", "rate: {requests: 20 per 1s, writes: 2 per 1m}\nerror: .error"), secret, func(t *testing.T, b *bench) {
		write := func(ctx context.Context) error { return b.Write(ctx, "Do not disturb") }
		for range 2 {
			if err := write(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			if p := problem.Of(write(ctx)); p == nil || p.Kind != problem.Throttled || p.RetryAfter != time.Minute || p.Unsure {
				t.Errorf("%+v", p)
			}
			cancel()
		}
		for range 2 {
			if err := write(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		var at []time.Duration
		for _, a := range b.requests("PUT /me/status") {
			at = append(at, a.at)
		}
		if diff := cmp.Diff([]time.Duration{0, 0, time.Minute, time.Minute}, at); diff != "" {
			t.Error(diff)
		}
	})
}

// The functions that expressions have besides jq's own.
func TestFunctions(t *testing.T) {
	for expression, want := range map[string]any{
		`"a" | md5`:   "0cc175b9c0f1b6a831c399e269772661",
		`"a" | sha1`:  "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
		`"" | sha256`: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		`"what do ya want for nothing?" | hmac_sha1("Jefe")`:           "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",                         // RFC 2202
		`"what do ya want for nothing?" | hmac_sha256("Jefe")`:         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", // RFC 4231
		`"what do ya want for nothing?" | hmac_sha1("Jefe"; "base64")`: "7/zfauXrL6LSdBbV8YTfnCWafHk=",
		`"a" | @base64`:          "YQ==",
		`null | list | length`:   0,
		`[1, 2] | list | length`: 2,
		`{} | list | length`:     1,
	} {
		p, err := Parse("x.yaml", changed(t, "chosen: .status", "chosen: '"+expression+"'"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.file.Read.Chosen.run(context.Background(), nil, view{})
		if err != nil || got != want {
			t.Errorf("%s: %v (%v), want %v", expression, got, err, want)
		}
	}
}
