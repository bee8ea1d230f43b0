package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/offhook/offhook/sync/phone/remote"
)

const hubPart = `  signalr:
    subscribe: {method: POST, path: /subscriptions, body: {events: ["*"], ttl: "00:02:00"}}
    keep: {uri: .deliveryMethod.uri, subscription: .id}
    url: ${uri}
    invoke:
      - {target: Join, arguments: [{user: "${user}"}, 2]}
    renew: {every: 1m, request: {method: POST, path: "/subscriptions/${subscription}/renew"}}
    unsubscribe: {method: DELETE, path: "/subscriptions/${subscription}"}
`

// hub is the phone system's end of SignalR.
type hub struct {
	b     *bench
	mu    sync.Mutex
	heard []string // records
	conns []*websocket.Conn
	split bool // sends each record in two frames
	dumb  bool // sends no pings
}

func newHub(b *bench) *hub {
	h := &hub{b: b}
	b.fault("/subscriptions", func(w http.ResponseWriter, r *http.Request) {
		if h.allowed(w, r) {
			_, _ = w.Write([]byte(`{"id":"sub-12","deliveryMethod":{"uri":"http://hub.test/hubs/events?v=1"}}`))
		}
	})
	for _, path := range []string{"/subscriptions/sub-12", "/subscriptions/sub-12/renew"} {
		b.fault(path, func(w http.ResponseWriter, r *http.Request) { h.allowed(w, r) })
	}
	// The hub sends on to another server, with a token for that.
	b.fault("/hubs/events/negotiate", func(w http.ResponseWriter, r *http.Request) {
		if h.allowed(w, r) {
			_, _ = w.Write([]byte(`{"url":"http://far.test/client?hub=events","accessToken":"far-token"}`))
		}
	})
	b.fault("/client/negotiate", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer far-token" || r.URL.Query().Get("negotiateVersion") != "1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"negotiateVersion":1,"connectionId":"wrong","connectionToken":"c0nnect/on","availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}]}`))
	})
	b.fault("/client", h.serve)
	return h
}

func (h *hub) allowed(w http.ResponseWriter, r *http.Request) bool {
	h.b.pbx.mu.Lock()
	defer h.b.pbx.mu.Unlock()
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", h.b.token) {
		w.WriteHeader(http.StatusUnauthorized)
		return false
	}
	return true
}

func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("id") != "c0nnect/on" || r.URL.Query().Get("hub") != "events" || r.Header.Get("Authorization") != "Bearer far-token" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	h.mu.Lock()
	h.conns = append(h.conns, conn)
	h.mu.Unlock()
	go func() {
		for !h.dumb && remote.Sleep(ctx, 15*time.Second) == nil {
			_ = conn.Write(ctx, websocket.MessageText, []byte(`{"type":6}`+"\x1e"))
		}
	}()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		for _, record := range strings.Split(strings.TrimSuffix(string(data), "\x1e"), "\x1e") {
			h.mu.Lock()
			h.heard = append(h.heard, record)
			h.mu.Unlock()
			var m hubMessage
			_ = json.Unmarshal([]byte(record), &m)
			switch m.Type {
			case 0:
				h.write(conn, `{}`)
			case hubInvocation:
				h.write(conn, `{"type":6}`+"\x1e"+`{"type":3,"invocationId":"`+m.InvocationID+`","result":null}`)
			}
		}
	}
}

func (h *hub) write(conn *websocket.Conn, record string) {
	record += "\x1e"
	if h.split {
		_ = conn.Write(context.Background(), websocket.MessageText, []byte(record[:2]))
		record = record[2:]
	}
	_ = conn.Write(context.Background(), websocket.MessageText, []byte(record))
}

func (h *hub) say(record string) {
	h.mu.Lock()
	conn := h.conns[len(h.conns)-1]
	h.mu.Unlock()
	h.write(conn, record)
	synctest.Wait()
}

func (h *hub) connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

const somethingChanged = `{"type":1,"target":"OnEvent","arguments":[{"eventType":"presence"}]}`

func TestSignalRTellsToRead(t *testing.T) {
	for name, split := range map[string]bool{"record by record": false, "in pieces": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, hubPart), secret, func(t *testing.T, b *bench) {
				h := newHub(b)
				h.split = split
				stop := b.watch()
				synctest.Wait()
				b.shows(t, "", "Available")
				h.mu.Lock()
				heard := strings.Join(h.heard, "\n")
				h.mu.Unlock()
				if want := `{"protocol":"json","version":1}` + "\n" + `{"arguments":[{"user":"100"},2],"invocationId":"1","target":"Join","type":1}`; heard != want {
					t.Errorf("the hub heard\n%s\nwant\n%s", heard, want)
				}
				b.set(func(p *pbx) { p.line = "talking" })
				h.say(somethingChanged)
				b.shows(t, "On a call", "Available")
				b.set(func(p *pbx) { p.line = "idle" })
				h.say(somethingChanged + "\x1e" + somethingChanged + "\x1e" + `{"type":6}`)
				b.shows(t, "", "Available")
				if n := len(b.requests("GET /me")); n > 5 {
					t.Errorf("%d readings for three events", n)
				}
				forward(10*time.Minute + 5*time.Second)
				if n := len(b.requests("POST /subscriptions/sub-12/renew")); n < 9 || n > 12 {
					t.Errorf("%d renewals in 10 minutes", n)
				}
				if n := h.connections(); n != 2 { // the sign-in lasts for 9.5 minutes
					t.Errorf("%d connections", n)
				}
				stop()
				if all := b.requests(""); all[len(all)-1].what != "DELETE /subscriptions/sub-12" {
					t.Errorf("the last request was %q", all[len(all)-1].what)
				}
				for _, s := range []string{"far-token", "c0nnect", "sub-12"} {
					if strings.Contains(b.log.String(), s) {
						t.Errorf("%q stands in the log", s)
					}
				}
			})
		})
	}
}

func TestSignalRLostAndBack(t *testing.T) {
	for name, lose := range map[string]func(*bench, *hub){
		"the hub closes": func(_ *bench, h *hub) { h.say(`{"type":7,"error":"restarting","allowReconnect":true}`) },
		"the line is cut": func(_ *bench, h *hub) {
			h.mu.Lock()
			defer h.mu.Unlock()
			_ = h.conns[0].CloseNow()
		},
		"the hub falls silent": func(*bench, *hub) {},
		"garbage":              func(_ *bench, h *hub) { h.say(`<html>`) },
		"the subscription is gone": func(b *bench, _ *hub) {
			b.fault("/subscriptions/sub-12/renew", func(w http.ResponseWriter, _ *http.Request) {
				b.fault("/subscriptions/sub-12/renew", saying(""))
				w.WriteHeader(http.StatusNotFound)
			})
		},
		"the sign-in lapses": func(b *bench, h *hub) {
			b.set(func(p *pbx) { p.token = 5 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, hubPart), secret, func(t *testing.T, b *bench) {
				h := newHub(b)
				h.dumb = name == "the hub falls silent"
				defer b.watch()()
				forward(30 * time.Second)
				lose(b, h)
				b.set(func(p *pbx) { p.line = "ringing" })
				forward(35 * time.Second)
				b.shows(t, "Ringing", "Available")
				if n := h.connections(); n != 2 {
					t.Fatalf("%d connections", n)
				}
				b.set(func(p *pbx) { p.line = "talking" })
				h.say(somethingChanged)
				b.shows(t, "On a call", "Available")
				b.calm(t)
			})
		})
	}
}

func TestPollsWhereSignalRFails(t *testing.T) {
	socket := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if conn, err := websocket.Accept(w, r, nil); err == nil {
				_ = conn.Write(r.Context(), websocket.MessageText, []byte(answer))
				_, _, _ = conn.Read(r.Context())
				_, _, _ = conn.Read(r.Context())
				_, _, _ = conn.Read(r.Context())
				_ = conn.CloseNow()
			}
		}
	}
	for name, c := range map[string]struct {
		path  string
		fault http.HandlerFunc
	}{
		"no subscription":         {"/subscriptions", failing(http.StatusForbidden)},
		"subscription of no use":  {"/subscriptions", saying("{}")},
		"no negotiation":          {"/client/negotiate", failing(http.StatusNotFound)},
		"negotiation in a circle": {"/client/negotiate", saying(`{"url":"http://far.test/client?hub=events"}`)},
		"an address of no use":    {"/client/negotiate", saying(`{"url":"file:///etc/passwd"}`)},
		"no WebSockets":           {"/client/negotiate", saying(`{"connectionToken":"x","availableTransports":[{"transport":"LongPolling"}]}`)},
		"another protocol":        {"/client", socket(`{"error":"the protocol json is not supported"}` + "\x1e")},
		"a call turned down":      {"/client", socket("{}\x1e" + `{"type":3,"invocationId":"1","error":"no"}` + "\x1e")},
		"closed at once":          {"/client", socket("{}\x1e" + `{"type":7}` + "\x1e")},
		"says nothing":            {"/client", socket("")},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, hubPart), secret, func(t *testing.T, b *bench) {
				newHub(b)
				b.fault(c.path, c.fault)
				defer b.watch()()
				forward(3 * time.Minute)
				b.set(func(p *pbx) { p.line = "talking" })
				forward(25 * time.Second)
				b.shows(t, "On a call", "Available")
				b.calm(t)
				if n := len(b.requests("POST /subscriptions")); n > 12 {
					t.Errorf("tried %d times in 3 minutes", n)
				}
				h := newHub(b)
				forward(90 * time.Second)
				b.set(func(p *pbx) { p.line = "idle" })
				h.say(somethingChanged)
				b.shows(t, "", "Available")
			})
		})
	}
}
