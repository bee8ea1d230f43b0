package profile

import (
	"net/http"
	"testing"
	"time"
)

// Wherever in the opening of events the end comes, everything ends with it: the bubble holds that no goroutine
// is left, and the clock that nothing is waited for.
func TestTheEndAtAnyMoment(t *testing.T) {
	for name, c := range map[string]struct {
		part string
		play func(*bench)
	}{
		"WebSocket": {socketPart, func(b *bench) { newFrames(b) }},
		"SignalR":   {hubPart, func(b *bench) { newHub(b) }},
		"long poll": {longPollPart, func(b *bench) { newMonitors(b) }},
		"stream":    {streamPart, func(*bench) {}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, stuck := range []string{"", "/login", "/me", "/ws", "/subscriptions", "/hubs/events/negotiate", "/client", "/monitor", "/events"} {
				inBubble(t, withEvents(t, c.part), secret, func(t *testing.T, b *bench) {
					c.play(b)
					if stuck != "" {
						b.fault(stuck, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
					}
					stop := b.watch()
					forward(5 * time.Second)
					began := time.Now()
					stop()
					if took := time.Since(began); took > goodbye {
						t.Errorf("stuck at %q: the end took %s", stuck, took)
					}
				})
			}
		})
	}
}

// A client whose patience is made for short answers must not cut off what lasts for hours.
func TestPatienceIsTheEnginesOwn(t *testing.T) {
	for name, c := range map[string]struct {
		part  string
		play  func(*bench)
		asked string
	}{
		"stream":    {streamPart, func(*bench) {}, "GET /events"},
		"WebSocket": {socketPart, func(b *bench) { newFrames(b) }, "GET /ws?token=token-1"},
		"long poll": {longPollPart, func(b *bench) { newMonitors(b) }, "POST /monitor"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withEvents(t, c.part), secret, func(t *testing.T, b *bench) {
				c.play(b)
				hasty := &http.Transport{DialContext: b.net.dial, ResponseHeaderTimeout: 20 * time.Second, DisableKeepAlives: true}
				p, err := Parse("good.yaml", withEvents(t, c.part))
				if err != nil {
					t.Fatal(err)
				}
				b.Phone, err = Open(p, Options{HTTP: &http.Client{Transport: hasty, Timeout: time.Minute},
					Fields: map[string]string{"server": "http://pbx.test/", "user": "100", "password": secret}})
				if err != nil {
					t.Fatal(err)
				}
				defer b.watch()()
				forward(9 * time.Minute)
				if n := len(b.requests(c.asked)); n != 1 {
					t.Errorf("opened %d times in 9 minutes", n)
				}
			})
		})
	}
}
