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
