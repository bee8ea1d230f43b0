// Package fault makes a simulated server fail on demand, in the ways a real one does. It must not know which
// server it is: the body of a failure is the server's own.
package fault

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one way to fail. The zero Fault is none.
type Fault struct {
	Kind       string        // a status code, "down", "slow" or a word only the server knows
	RetryAfter time.Duration // said with 429 and 503 where not zero
	Delay      time.Duration // how slow "slow" is
	Since      time.Time
}

// Default values of what a fault leaves unsaid.
const (
	DefaultRetryAfter = 10 * time.Second
	DefaultDelay      = 20 * time.Second
)

// Switch holds the fault that is on.
type Switch struct {
	mu    sync.Mutex
	kinds []string
	fault Fault
}

// NewSwitch makes a switch that knows the kinds given.
func NewSwitch(kinds ...string) *Switch { return &Switch{kinds: kinds} }

// Set turns a fault on; "none" and "" turn it off. It refuses a kind that the server does not know.
func (s *Switch) Set(f Fault) error {
	if f.Kind == "none" {
		f.Kind = ""
	}
	if f.Kind != "" && !slices.Contains(s.kinds, f.Kind) {
		return fmt.Errorf("%q is no fault of this server; it has: none, %s", f.Kind, strings.Join(s.kinds, ", "))
	}
	if f.Kind == "429" && f.RetryAfter == 0 {
		f.RetryAfter = DefaultRetryAfter
	}
	if f.Delay == 0 {
		f.Delay = DefaultDelay
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
	return nil
}

// Get answers the fault that is on.
func (s *Switch) Get() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// Hit fails a request as the switch says and tells whether it did. refuse writes the server's own body for
// a status code. Kinds that are no status code, "down" or "slow" are left to the server.
func (s *Switch) Hit(w http.ResponseWriter, r *http.Request, refuse func(status int)) bool {
	f := s.Get()
	switch f.Kind {
	case "down":
		panic(http.ErrAbortHandler) // closes the connection without an answer
	case "slow":
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		return false
	}
	status, err := strconv.Atoi(f.Kind)
	if err != nil {
		return false
	}
	if f.RetryAfter > 0 && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	refuse(status)
	return true
}
