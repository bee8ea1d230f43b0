package conformance

import (
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
