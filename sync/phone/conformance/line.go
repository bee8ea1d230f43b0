package conformance

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// fault is what a line does instead of passing on.
type fault int

const (
	none      fault = iota
	gone            // takes no connection and keeps none
	hang            // takes what is asked and says nothing
	nonsense        // answers what no phone system says
	half            // breaks off in mid-answer
	throttled       // asks to wait 2 s
	failing         // says that the system has failed
)

// line is what stands between the connector and the phone system. It passes everything on until it is told to
// do something else.
type line interface {
	address() string          // what the connector is told to be the phone system's
	set(fault)                // cuts what is connected, and treats everything new so
	mend()                    // passes everything on again
	slow(time.Duration)       // everything takes so long
	requests() []time.Time    // or connections, where requests cannot be told apart
	refusals() int            // sign-ins that the system refused
	secure(t *testing.T) line // the same with TLS, by a certificate that nobody knows
}

// orders are what a line has been told to do, and what it has seen: every line has them, whatever it speaks.
type orders struct {
	mu      sync.Mutex
	fault   fault
	delay   time.Duration
	asked   []time.Time
	refused int
}

func (o *orders) mend() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fault = none
}

func (o *orders) slow(by time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.delay = by
}

func (o *orders) requests() []time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

func (o *orders) refusals() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refused
}

// listenSecurely listens with the certificate of Go's test server.
func listenSecurely(t *testing.T) net.Listener {
	t.Helper()
	borrowed := httptest.NewUnstartedServer(nil)
	borrowed.StartTLS()
	t.Cleanup(borrowed.Close)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: borrowed.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
