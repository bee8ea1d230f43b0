package systems

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
)

// expiring is a fake whose sign-in can come to its end.
type expiring interface {
	expire()           // the access token is good no more, what renews it is
	renewals() (n int) // how often it was renewed; a sign-in from the beginning is none
}

// signsInAgain demands that a sign-in that ends while the phone is watched is renewed, and nobody notices.
func (s system) signsInAgain(t *testing.T, p *profile.Profile) {
	f := s.start(t)
	e, ok := f.(expiring)
	if !ok {
		return
	}
	t.Run("a sign-in that expires", func(t *testing.T) {
		server := httptest.NewServer(s.contract.hold(t, f))
		defer server.Close()
		d := s.open(t, p, f, server.URL, false)
		type report struct {
			presence.Reading
			err error
		}
		reports := make(chan report, 1000)
		var watching sync.WaitGroup
		defer watching.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		watching.Go(func() {
			d.Watch(ctx, func(r presence.Reading, err error) { reports <- report{r, err} })
		})
		await := func(what string) {
			t.Helper()
			late := time.After(conformance.Bound)
			for {
				select {
				case r := <-reports:
					if r.err != nil {
						t.Fatalf("%s: %v", what, r.err)
					}
					if r.Reading == f.shown() {
						return
					}
				case <-late:
					t.Fatalf("no reading %s", what)
				}
			}
		}
		await("at first")
		before := e.renewals()
		e.expire()
		f.choose(s.other)
		await("after the sign-in has expired")
		if p.System.Capabilities.Writes {
			e.expire()
			rest := p.System.Mapping.Statuses[0].Name
			if err := d.Write(ctx, rest); err != nil || f.shown().Chosen != rest {
				t.Errorf("%q was written, and the phone shows %+v: %v", rest, f.shown(), err)
			}
			if n := e.renewals() - before; n != 2 {
				t.Errorf("renewed %d times", n)
			}
		}
	})
}
