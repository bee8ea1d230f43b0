package tray

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/local/standin"
)

// desk is a resident that shows what it is told to and remembers what it was asked.
type desk struct {
	*standin.Resident
	wanted []string
}

func newDesk(s local.Status) *desk { return &desk{Resident: standin.New(s)} }

func (d *desk) Pause(_ context.Context, until time.Time) local.Result {
	if until.IsZero() {
		return d.Note("pause")
	}
	return d.Note("pause for " + time.Until(until).Round(time.Minute).String())
}

// want waits until the resident is asked something.
func (d *desk) want(t *testing.T, what string) {
	t.Helper()
	d.wanted = append(d.wanted, what)
	eventually(t, "the resident was asked", d.wanted, d.Asked)
}

// eventually waits until got is want.
func eventually[T any](t *testing.T, what string, want T, got func() T) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		diff := cmp.Diff(want, got())
		if diff == "" {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("%s (-want +got):\n%s", what, diff)
		}
	}
}
