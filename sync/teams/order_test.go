package teams

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/presence"
)

func TestOrder(t *testing.T) {
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	type answer struct {
		after           time.Duration
		whose, sequence string
		older           bool
	}
	tests := map[string][]answer{
		"forward":              {{0, "a", "A1", false}, {1, "a", "A1", false}, {2, "a", "A2", false}},
		"a server lags":        {{0, "a", "A2", false}, {1, "a", "A1", true}, {2, "a", "A2", false}, {3, "a", "A3", false}},
		"no numbers":           {{0, "a", "", false}, {1, "a", "", false}},
		"numbers now and then": {{0, "a", "A2", false}, {1, "a", "", false}, {2, "a", "A1", true}},
		"another person":       {{0, "a", "A2", false}, {1, "b", "A1", false}},
		"they begin anew":      {{0, "a", "A9", false}, {30 * time.Second, "a", "A1", true}, {61 * time.Second, "a", "A1", false}, {62 * time.Second, "a", "A2", false}},
	}
	for name, answers := range tests {
		t.Run(name, func(t *testing.T) {
			var o order
			for _, a := range answers {
				if got := o.older(a.whose, a.sequence, start.Add(a.after)); got != a.older {
					t.Errorf("%s after %s: older is %v", a.sequence, a.after, got)
				}
			}
		})
	}
}

// An answer of a server that lags behind is not reported, and read again soon.
func TestAnOlderAnswerIsNotReported(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	answers := []map[string]any{
		{"availability": "Busy", "activity": "InACall", "sequenceNumber": "A2"},
		{"availability": "Available", "activity": "Available", "sequenceNumber": "A1"},
		{"availability": "Away", "activity": "Away", "sequenceNumber": "A3"},
	}
	var n atomic.Int32
	s.answerGraph(func(seen) reply { return reply{body: answers[min(int(n.Add(1))-1, len(answers)-1)]} })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var got []string
	side.Watch(ctx, func(p presence.Presence, _ time.Time, err error) {
		if err != nil {
			t.Error(s.hear(err))
		}
		if got = append(got, p.Pair.String()); len(got) == 2 {
			stop()
			return
		}
		side.Nudge("something happened")
	})
	if d := cmp.Diff([]string{"Busy/InACall", "Away/Away"}, got); d != "" {
		t.Error(d)
	}
}
