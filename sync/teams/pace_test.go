package teams

import (
	"testing"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

func TestPace(t *testing.T) {
	down := &problem.Problem{Kind: problem.Unreachable}
	throttled := &problem.Problem{Kind: problem.Throttled}
	told := &problem.Problem{Kind: problem.Throttled, RetryAfter: 90 * time.Second}
	tests := []struct {
		name        string
		known       Known
		least, most time.Duration
		because     string
	}{
		{"nothing happens", Known{}, 27 * time.Second, 33 * time.Second, "nothing is happening"},
		{"just after an event", Known{Event: "the phone rang", EventAgo: time.Second}, time.Second, 2 * time.Second, "the phone rang"},
		{"an event long ago", Known{Event: "the phone rang", EventAgo: time.Minute}, 27 * time.Second, 33 * time.Second, "nothing is happening"},
		{"in a meeting", Known{InActivity: true}, 5 * time.Second, 10 * time.Second, "Teams shows a call or a meeting"},
		{"an event in a meeting", Known{InActivity: true, Event: "x"}, time.Second, 2 * time.Second, "x"},
		{"one failure", Known{Failures: 1, LastFailure: down}, time.Second, 3 * time.Second, "the last read failed"},
		{"five failures", Known{Failures: 5, LastFailure: down}, 24 * time.Second, 40 * time.Second, "the last 5 reads failed"},
		{"very many failures", Known{Failures: 1 << 40, LastFailure: down}, 225 * time.Second, 375 * time.Second, "the last 1099511627776 reads failed"},
		{
			"an event after a failure is worth an attempt",
			Known{Failures: 9, LastFailure: down, FailureAgo: time.Minute, Event: "the network came back", EventAgo: time.Second},
			time.Second, 2 * time.Second, "the network came back",
		},
		{
			"an event before a failure is not",
			Known{Failures: 5, LastFailure: down, FailureAgo: time.Second, Event: "x", EventAgo: 2 * time.Second},
			24 * time.Second, 40 * time.Second, "the last 5 reads failed",
		},
		{"told to wait", Known{Failures: 1, LastFailure: told}, 90 * time.Second, 99 * time.Second, "Microsoft asked to wait"},
		{
			"told to wait, and an event",
			Known{Failures: 1, LastFailure: told, FailureAgo: time.Minute, Event: "x", EventAgo: time.Second},
			90 * time.Second, 99 * time.Second, "Microsoft asked to wait",
		},
		{"throttled without a time", Known{Failures: 1, LastFailure: throttled, Event: "x"}, 7 * time.Second, 13 * time.Second, "the last read failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for dice := 0.0; dice <= 1; dice += 0.125 {
				test.known.Dice = dice
				d, because := Pace(test.known)
				if d < test.least || d > test.most {
					t.Errorf("with the dice at %.3f: %s, want %s to %s", dice, d, test.least, test.most)
				}
				if because != test.because {
					t.Errorf("because %q, want %q", because, test.because)
				}
			}
		})
	}
}
