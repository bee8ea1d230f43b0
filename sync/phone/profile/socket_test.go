package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

const socketPart = `  websocket:
    url: /ws?token=${token}
    open:
      - await: .op == "init"
      - send: {op: subscribe, data: {event_name: presence}, id: "${unique}"}
        await: .op == "subscribe" and .code == 0
      - send: start
    when: .op == "event"
    state: .data
    ping: {every: 20s, send: {op: ping}}
    reply:
      - {when: .op == "are you there", send: {op: here}}
    renew: {every: 8m, send: {op: token, data: {token: "${token}"}}}
    sign_in_again: {codes: [4003], when: .op == "expired"}
`

// withEvents is the good file with events that come in another way.
func withEvents(t testing.TB, part string) []byte { return changed(t, streamPart, part) }

// frames is the phone system's end of WebSockets, which speaks as socketPart listens.
type frames struct {
	b     *bench
	mu    sync.Mutex
	heard []string // frames, by the order in which they came
	conns []*websocket.Conn
	hello string          // "" says the usual
	deaf  *websocket.Conn // hears nothing more and says nothing more
	quiet chan struct{}   // until this is closed
}

func newFrames(b *bench) *frames {
	f := &frames{b: b, quiet: make(chan struct{})}
	b.fault("/ws", f.serve)
	return f
}

func (f *frames) serve(w http.ResponseWriter, r *http.Request) {
	f.b.pbx.mu.Lock()
	good := r.URL.Query().Get("token") == fmt.Sprintf("token-%d", f.b.token)
	f.b.pbx.mu.Unlock()
	if !good {
		refuse(w, http.StatusUnauthorized, "token expired")
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	f.mu.Lock()
	f.conns = append(f.conns, conn)
	f.mu.Unlock()
	hello := f.hello
	if hello == "" {
		hello = `{"op":"init"}`
	}
	_ = conn.Write(r.Context(), websocket.MessageText, []byte(hello))
	for {
		_, data, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		f.mu.Lock()
		f.heard = append(f.heard, string(data))
		deaf := f.deaf
		f.mu.Unlock()
		if deaf == conn {
			<-f.quiet
			return
		}
		if strings.Contains(string(data), `"subscribe"`) {
			_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"op":"subscribe","code":0}`))
		}
	}
}

// tell changes the phone and tells of it.
func (f *frames) tell(change func(*pbx)) {
	f.b.set(change)
	f.b.pbx.mu.Lock()
	event := fmt.Sprintf(`{"op":"event","data":{"line":%q,"status":%q}}`, f.b.line, f.b.status)
	f.b.pbx.mu.Unlock()
	f.say(event)
}

func (f *frames) say(text string) {
	_ = f.last().Write(context.Background(), websocket.MessageText, []byte(text))
	synctest.Wait()
}

func (f *frames) last() *websocket.Conn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conns[len(f.conns)-1]
}

func (f *frames) connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

// said counts the frames that hold a text.
func (f *frames) said(text string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.heard {
		if strings.Contains(h, text) {
			n++
		}
	}
	return n
}

func TestWebSocketTellsOfChanges(t *testing.T) {
	inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
		f := newFrames(b)
		defer b.watch()()
		synctest.Wait()
		b.shows(t, "", "Available")
		if n := len(b.requests("GET /me")); n != 2 {
			t.Errorf("%d readings: one at once, one when nothing can be missed any more", n)
		}
		if n := len(b.reports()); n != 1 {
			t.Errorf("%d reports of one state", n)
		}
		f.tell(func(p *pbx) { p.line = "talking" })
		b.shows(t, "On a call", "Available")
		f.tell(func(p *pbx) { p.line, p.status = "idle", "dnd" })
		b.shows(t, "", "Do not disturb")
		b.set(func(p *pbx) { p.line = "talking" })
		f.say(`{"op":"other"}`)
		b.shows(t, "", "Do not disturb")
		if n := len(b.requests("GET /me")); n != 2 {
			t.Errorf("%d readings although events hold the state", n)
		}
		f.say(`{"op":"event","data":"something"}`) // no state that can be understood: the phone is asked
		b.shows(t, "On a call", "Do not disturb")
		b.set(func(p *pbx) { p.line = "ringing" })
		f.say(`no JSON at all`)
		b.shows(t, "Ringing", "Do not disturb")
		f.say(`{"op":"are you there"}`)
		if f.said(`{"op":"here"}`) != 1 {
			t.Errorf("heard %q", f.heard)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		var subscribe struct{ ID string }
		if err := json.Unmarshal([]byte(f.heard[0]), &subscribe); err != nil || len(subscribe.ID) < 20 || f.heard[1] != "start" {
			t.Errorf("the opening was %q", f.heard)
		}
	})
}

func TestWebSocketIsKeptAlive(t *testing.T) {
	inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
		f := newFrames(b)
		b.set(func(p *pbx) { p.life = 0 })
		defer b.watch()()
		forward(33*time.Minute + time.Second)
		if n := f.connections(); n != 1 {
			t.Fatalf("%d connections", n)
		}
		if n := f.said(`{"op":"ping"}`); n != 99 {
			t.Errorf("%d pings in 33 minutes at 20 s each", n)
		}
		if n := f.said(`{"data":{"token":"token-1"},"op":"token"}`); n != 4 {
			t.Errorf("%d renewals in 33 minutes at 8 minutes each", n)
		}
		if n := len(b.requests("GET /me")); n != 2+6 {
			t.Errorf("%d readings: two at first, one each five minutes", n)
		}
	})
}

// What changes while the connection is lost is seen as soon as it is back, and nothing is told twice in between.
func TestWebSocketLostAndBack(t *testing.T) {
	for name, lose := range map[string]func(*frames){
		"closed":        func(f *frames) { _ = f.last().Close(websocket.StatusGoingAway, "back soon") },
		"cut":           func(f *frames) { _ = f.last().CloseNow() },
		"falls silent":  func(f *frames) { last := f.last(); f.mu.Lock(); f.deaf = last; f.mu.Unlock() },
		"sends garbage": func(f *frames) { f.say(strings.Repeat("x", mostBytes+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
				f := newFrames(b)
				defer close(f.quiet)
				defer b.watch()()
				forward(time.Minute)
				lose(f)
				b.set(func(p *pbx) { p.line = "ringing" }) // nobody tells of it
				forward(35 * time.Second)
				b.shows(t, "Ringing", "Available")
				if n := f.connections(); n != 2 {
					t.Fatalf("%d connections", n)
				}
				f.tell(func(p *pbx) { p.line = "talking" })
				b.shows(t, "On a call", "Available")
				if n := len(b.requests("POST /login")); n != 1 {
					t.Errorf("%d sign-ins", n)
				}
				b.calm(t)
			})
		})
	}
}

func TestWebSocketWantsANewSignIn(t *testing.T) {
	for name, expire := range map[string]func(*frames){
		"by a code":  func(f *frames) { _ = f.last().Close(4003, "token expired") },
		"by a frame": func(f *frames) { f.say(`{"op":"expired"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
				f := newFrames(b)
				defer b.watch()()
				forward(time.Minute)
				expire(f)
				forward(2 * time.Second)
				if n := len(b.requests("POST /login")); n != 2 {
					t.Errorf("%d sign-ins", n)
				}
				if n := f.connections(); n != 2 {
					t.Fatalf("%d connections", n)
				}
				f.tell(func(p *pbx) { p.line = "talking" })
				b.shows(t, "On a call", "Available")
			})
		})
	}
}

// The token runs out, and the phone system says so when the connection is made anew.
func TestWebSocketRefusesAnOldToken(t *testing.T) {
	inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
		f := newFrames(b)
		b.fault("/me", saying(`{"line":"idle","status":"available"}`)) // takes any token
		defer b.watch()()
		forward(time.Minute)
		b.set(func(p *pbx) { p.token = 7 })
		_ = f.last().CloseNow()
		forward(2 * time.Second)
		if n := f.connections(); n != 2 {
			t.Fatalf("%d connections", n)
		}
		if n := len(b.requests("POST /login")); n != 2 {
			t.Errorf("%d sign-ins", n)
		}
	})
}

func TestPollsWhereTheWebSocketFails(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"not there":     failing(http.StatusNotFound),
		"no WebSocket":  saying("{}"),
		"never answers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"says nothing": func(w http.ResponseWriter, r *http.Request) {
			if conn, err := websocket.Accept(w, r, nil); err == nil {
				_, _, _ = conn.Read(r.Context())
				_ = conn.CloseNow()
			}
		},
		"hangs up": func(w http.ResponseWriter, r *http.Request) {
			if conn, err := websocket.Accept(w, r, nil); err == nil {
				_ = conn.Close(4000, "go away")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
				b.fault("/ws", fault)
				defer b.watch()()
				forward(5 * time.Minute)
				b.set(func(p *pbx) { p.line = "talking" })
				forward(25 * time.Second)
				b.shows(t, "On a call", "Available")
				tries := 0
				for _, r := range b.requests("") {
					if strings.HasPrefix(r.what, "GET /ws") {
						tries++
					}
				}
				if tries < 4 || tries > 14 {
					t.Errorf("the WebSocket was tried %d times in 5 minutes", tries)
				}
				f := newFrames(b)
				forward(90 * time.Second)
				f.tell(func(p *pbx) { p.line = "idle" })
				b.shows(t, "", "Available")
				b.calm(t)
			})
		})
	}
}

// The address and what opens it may come from a request's answer, and are nobody else's to see.
func TestWebSocketAddressFromAnAnswer(t *testing.T) {
	part := `  websocket:
    subscribe: {method: POST, path: /wstoken}
    keep: {uri: .uri, ticket: .ticket}
    url: "${uri}?ticket=${ticket}"
    unsubscribe: {method: DELETE, path: "/wstoken/${ticket}"}
    open:
      - await: .[0].type == "ConnectionDetails"
        keep: {connection: ".[1].id"}
      - send: [{type: ClientRequest, connection: "${connection}"}]
`
	const ticket = "t1cket /&?"
	inBubble(t, withEvents(t, part), secret, func(t *testing.T, b *bench) {
		var mu sync.Mutex
		var seen []string
		var auth []string
		b.fault("/wstoken", func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]string{"uri": "ws://elsewhere.test/socket", "ticket": ticket})
		})
		b.fault("/wstoken/"+ticket, func(http.ResponseWriter, *http.Request) {})
		b.fault("/socket", func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			seen = append(seen, r.Host+" "+r.URL.Query().Get("ticket"))
			auth = append(auth, r.Header.Get("Authorization"))
			mu.Unlock()
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer conn.CloseNow()
			_ = conn.Write(r.Context(), websocket.MessageText, []byte(`[{"type":"ConnectionDetails"},{"id":"c0nn-1"}]`))
			for {
				_, data, err := conn.Read(r.Context())
				if err != nil {
					return
				}
				mu.Lock()
				seen = append(seen, string(data))
				mu.Unlock()
				b.set(func(p *pbx) { p.line = "talking" })
				_ = conn.Write(r.Context(), websocket.MessageText, []byte(`["read again"]`))
			}
		})
		stop := b.watch()
		forward(time.Second)
		b.shows(t, "On a call", "Available")
		stop()
		mu.Lock()
		defer mu.Unlock()
		want := []string{"elsewhere.test " + ticket, `[{"connection":"c0nn-1","type":"ClientRequest"}]`}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Error(diff)
		}
		if auth[0] != "" {
			t.Errorf("the sign-in was shown to another server: %q", auth[0])
		}
		if b.requests("")[len(b.requests(""))-1].what != "DELETE /wstoken/t1cket%20%2F&%3F" {
			t.Errorf("the last request was %q", b.requests("")[len(b.requests(""))-1].what)
		}
		if log := b.log.String(); strings.Contains(log, ticket) || strings.Contains(log, "t1cket") {
			t.Errorf("the ticket stands in the log:\n%s", log)
		}
	})
}

func TestSocketAddresses(t *testing.T) {
	for name, c := range map[string]struct{ url, server, kept, want, fails string }{
		"a path":                    {url: "/events?t=${kept}", server: "https://pbx.test/api/", kept: "a b&c", want: "https://pbx.test/api/events?t=a+b%26c"},
		"another port":              {url: "wss://${kept}:5555/x", server: "https://pbx.test", kept: "pbx.test", want: "wss://pbx.test:5555/x"},
		"whole, from an answer":     {url: "${kept}", server: "https://pbx.test", kept: "wss://other.test/x?y=1", want: "wss://other.test/x?y=1"},
		"a host that is more":       {url: "wss://${kept}:5555/x", server: "https://pbx.test", kept: "evil.test/", fails: "names no address"},
		"no address":                {url: "${kept}", server: "https://pbx.test", kept: "file:///etc/passwd", fails: "names no address"},
		"plain where it must not":   {url: "${kept}", server: "https://pbx.test", kept: "ws://pbx.test/x", fails: "without encryption"},
		"plain as the profile says": {url: "ws://${kept}/x", server: "https://pbx.test", kept: "pbx.test", want: "ws://pbx.test/x"},
		"plain as the base is":      {url: "${kept}", server: "http://pbx.test", kept: "ws://pbx.test/x", want: "ws://pbx.test/x"},
	} {
		t.Run(name, func(t *testing.T) {
			part := "  websocket:\n    subscribe: {path: /s}\n    keep: {kept: .kept}\n    url: \"" + c.url + "\"\n"
			p, err := Parse("good.yaml", withEvents(t, part))
			if err != nil {
				t.Fatal(err)
			}
			d, err := Open(p, Options{Fields: map[string]string{"server": c.server, "user": "100", "password": secret}})
			if err != nil {
				t.Fatal(err)
			}
			l := &listener{device: d.(*device)}
			u, err := l.address(&p.file.Events.WebSocket.URL, map[string]string{"kept": c.kept})
			switch {
			case c.fails != "":
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v, %v", u, err)
				}
			case err != nil || u.String() != c.want:
				t.Errorf("%v (%v), want %s", u, err, c.want)
			}
		})
	}
}

// More events than anybody can take are one or two readings, and the last one is right.
func TestBurstOfFrames(t *testing.T) {
	part := strings.Replace(socketPart, "    state: .data\n", "", 1)
	inBubble(t, withEvents(t, part), secret, func(t *testing.T, b *bench) {
		f := newFrames(b)
		b.fault("/me", func(w http.ResponseWriter, r *http.Request) {
			<-time.After(100 * time.Millisecond)
			b.pbx.mu.Lock()
			defer b.pbx.mu.Unlock()
			fmt.Fprintf(w, `{"line":%q,"status":"available"}`, b.line)
		})
		defer b.watch()()
		forward(time.Second)
		before := len(b.requests("GET /me"))
		for i := range 500 {
			f.tell(func(p *pbx) { p.line = []string{"ringing", "talking"}[i%2] })
		}
		forward(5 * time.Second)
		b.shows(t, "On a call", "Available")
		if n := len(b.requests("GET /me")) - before; n < 1 || n > 3 {
			t.Errorf("%d readings for 500 events", n)
		}
		if !slices.ContainsFunc(b.requests(""), func(a asked) bool { return a.what == "GET /ws?token=token-1" }) {
			t.Error("the WebSocket was never asked for")
		}
	})
}

// Whoever tries a profile out is shown each frame, in order.
func TestFramesAreShown(t *testing.T) {
	inBubble(t, withEvents(t, socketPart), secret, func(t *testing.T, b *bench) {
		f := newFrames(b)
		p, err := Parse("good.yaml", withEvents(t, socketPart))
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var shown []string
		b.Phone, err = Open(p, Options{HTTP: b.client, Fields: map[string]string{"server": "http://pbx.test", "user": "100", "password": secret},
			Frame: func(sent bool, frame []byte) {
				mu.Lock()
				defer mu.Unlock()
				if !strings.Contains(string(frame), `"id"`) { // that one is never the same
					shown = append(shown, fmt.Sprint(sent, " ", string(frame)))
				}
			}})
		if err != nil {
			t.Fatal(err)
		}
		stop := b.watch()
		synctest.Wait()
		f.say(`{"op":"are you there"}`)
		stop()
		mu.Lock()
		defer mu.Unlock()
		want := []string{`false {"op":"init"}`, `false {"op":"subscribe","code":0}`, `true start`, `false {"op":"are you there"}`, `true {"op":"here"}`}
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Error(diff)
		}
	})
}
