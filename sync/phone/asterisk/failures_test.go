package asterisk

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestRefusedLoginIsTriedOnce(t *testing.T) {
	in(t, "from the start", func(t *testing.T) {
		sim := newSimulated()
		p, s := open(t, sim, "password", secret+"wrong")
		s.expect("bad-login")
		time.Sleep(24 * time.Hour)
		for range 3 {
			if got := trouble(t, p.Write(t.Context(), DoNotDisturb)); got.Kind != problem.BadLogin {
				t.Errorf("writing says %v", got)
			}
		}
		s.expect()
		if got := sim.asked(); len(got) != 1 {
			t.Errorf("asked %q, want one request", got)
		}
	})
	in(t, "whoever asks first", func(t *testing.T) {
		sim := newSimulated()
		p, err := Open(Options{Fields: fields("user", "nobody"), HTTP: newNetwork().serve(t, sim)})
		if err != nil {
			t.Fatal(err)
		}
		results := make(chan error)
		for range 5 {
			go func() { results <- p.Write(t.Context(), Available) }()
		}
		for range 5 {
			if got := problem.Of(<-results); got.Kind != problem.BadLogin {
				t.Errorf("writing says %v", got)
			}
		}
		if got := sim.asked(); len(got) != 1 {
			t.Errorf("asked %q, want one request", got)
		}
	})
	in(t, "changed later", func(t *testing.T) {
		sim := newSimulated()
		_, s := open(t, sim)
		s.expect("/Available")
		sim.mu.Lock()
		sim.password = "another"
		before := len(sim.requests)
		sim.mu.Unlock()
		sim.cut("")
		time.Sleep(24 * time.Hour)
		s.expect("unreachable", "bad-login")
		if got := sim.asked()[before:]; len(got) != 1 {
			t.Errorf("asked %q, want one request", got)
		}
	})
}

func status(code int, header ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "<html>not Asterisk</html>")
		return true
	}
}

// on lets a fault happen only where the path ends so.
func on(suffix string, fault func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, suffix) && fault(w, r)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

func TestFailuresAreToldAndOutlived(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(http.ResponseWriter, *http.Request) bool
		kind  problem.Kind
	}{
		"events 404":          {on("/events", status(404)), problem.Settings},
		"events 429":          {on("/events", status(429)), problem.Throttled},
		"events 503":          {on("/events", status(503)), problem.Server},
		"events no WebSocket": {on("/events", status(200)), problem.Server},
		"events hang":         {on("/events", hang), problem.Unreachable},
		"subscription 422":    {on("/subscription", status(422)), problem.Settings},
		"subscription 404": {on("/subscription", func(w http.ResponseWriter, _ *http.Request) bool {
			answer(w, 404, message("Application not found"))
			return true
		}), problem.Server},
		"subscription 503":   {on("/subscription", status(503)), problem.Server},
		"filter 500":         {on("/eventFilter", status(500)), problem.Server},
		"reading 503":        {on("/PJSIP/100", status(503)), problem.Server},
		"reading garbage":    {on("/PJSIP/100", status(200)), problem.Server},
		"reading empty":      {on("/PJSIP/100", func(w http.ResponseWriter, _ *http.Request) bool { answer(w, 200, struct{}{}); return true }), problem.Server},
		"reading hangs":      {on("/PJSIP/100", hang), problem.Unreachable},
		"do not disturb 404": {on("/Custom:DND100", status(404)), problem.Settings},
		"cut in mid-answer":  {on("/PJSIP/100", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }), problem.Unreachable},
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			sim.breakWith(c.fault)
			_, s := open(t, sim)
			time.Sleep(usualPatience + time.Second/4)
			synctest.Wait()
			if len(s.reports) == 0 {
				t.Fatal("nothing is told")
			}
			for len(s.reports) > 0 {
				if got := <-s.reports; got != string(c.kind) {
					t.Errorf("reported %q, want %q", got, c.kind)
				}
			}
			sim.breakWith(nil)
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			last := ""
			for len(s.reports) > 0 {
				last = <-s.reports
			}
			if last != "/Available" {
				t.Errorf("afterwards it reports %q", last)
			}
		})
	}
}

func TestGoesOnSlowerAndSlower(t *testing.T) {
	in(t, "503", func(t *testing.T) {
		sim := newSimulated()
		var tries []time.Time
		sim.breakWith(func(w http.ResponseWriter, r *http.Request) bool {
			tries = append(tries, time.Now())
			return status(503)(w, r)
		})
		open(t, sim)
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		sim.mu.Lock()
		defer sim.mu.Unlock()
		for i := 1; i < len(tries); i++ {
			gap, usual := tries[i].Sub(tries[i-1]), phone.Backoff(i)
			if gap < usual/2 || gap > usual*3/2 {
				t.Errorf("%v between the tries %d and %d, want about %v", gap, i, i+1, usual)
			}
		}
		if len(tries) < 10*60/2 {
			t.Errorf("only %d tries in ten hours", len(tries))
		}
	})
}

func TestWaitsAsLongAsItIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		code  int
		after string
	}{
		"429 in seconds": {429, "600"},
		"503 in seconds": {503, "600"},
		"429 at a time":  {429, "Sat, 01 Jan 2000 00:10:00 GMT"}, // a bubble's clock begins at midnight
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			sim.breakWith(status(c.code, "Retry-After", c.after))
			open(t, sim)
			time.Sleep(599 * time.Second)
			synctest.Wait()
			if got := sim.asked(); len(got) != 1 {
				t.Errorf("asked %d times before it was allowed to", len(got))
			}
			time.Sleep(3 * time.Second) // a little later, so that not all come back as one
			synctest.Wait()
			if got := sim.asked(); len(got) != 2 {
				t.Errorf("asked %d times after it was allowed to, want once more", len(got))
			}
		})
	}
}

func TestEndsWithItsContext(t *testing.T) {
	for name, fault := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"connected":     nil,
		"dialling":      on("/events", hang),
		"subscribing":   on("/subscription", hang),
		"reading":       on("/PJSIP/100", hang),
		"waiting":       status(503),
		"login refused": status(401),
	} {
		in(t, name, func(t *testing.T) {
			sim := newSimulated()
			sim.breakWith(fault)
			p, err := Open(Options{Fields: fields(), HTTP: newNetwork().serve(t, sim)})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan struct{})
			reports := 0
			go func() { defer close(ended); p.Watch(ctx, func(presence.Reading, error) { reports++ }) }()
			synctest.Wait()
			before, began := reports, time.Now()
			cancel()
			<-ended
			if took := time.Since(began); took > 0 {
				t.Errorf("took %v to end", took)
			}
			if reports != before {
				t.Error("reported something after its end")
			}
		})
	}
}
