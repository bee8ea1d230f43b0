package systems

import "sync"

// bell is rung when something has changed, for all who listen. Several rings may be heard as one.
type bell struct {
	mu   sync.Mutex
	ears map[chan struct{}]bool
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ear := range b.ears {
		select {
		case ear <- struct{}{}:
		default:
		}
	}
}

// listen hears the bell until it leaves.
func (b *bell) listen() (heard <-chan struct{}, leave func()) {
	ear := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ears == nil {
		b.ears = map[chan struct{}]bool{}
	}
	b.ears[ear] = true
	return ear, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.ears, ear)
	}
}

// happenings are a fake's lock, and what happens on its line.
type happenings struct {
	mu        sync.Mutex
	happening string // the status' name
	changed   bell
}

func (h *happenings) happen(status string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.happening = status
	h.changed.ring()
}
