package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Follow watches a phone until the test ends and answers what it reports, without repetitions: what happens and
// what is chosen as Happening/Chosen, or a problem's kind. It is for what only one phone system does.
func Follow(t *testing.T, p phone.Phone) <-chan string {
	reports := make(chan string, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	last := ""
	go func() {
		defer close(done)
		p.Watch(ctx, func(r presence.Reading, err error) {
			now := r.Happening + "/" + r.Chosen
			if err != nil {
				now = string(problem.Of(err).Kind)
				t.Logf("reported: %v", err)
			}
			if now != last {
				reports <- now
			}
			last = now
		})
	}()
	t.Cleanup(func() { cancel(); <-done })
	return reports
}

// Expect waits for what Follow answers next, which must be this and nothing between.
func Expect(t *testing.T, reports <-chan string, want ...string) {
	t.Helper()
	var got []string
	late := time.After(15 * time.Second)
	for len(got) < len(want) {
		select {
		case r := <-reports:
			got = append(got, r)
		case <-late:
			t.Fatalf("reported %q, want %q", got, want)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("reported (-want +got):\n%s", diff)
	}
}
