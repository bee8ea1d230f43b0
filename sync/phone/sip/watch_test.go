package sip

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// at are the fields of the simulated phone system.
func at(s *simulated, changes ...string) []string {
	return append([]string{"server", "sip:" + s.address(), "domain", "pbx"}, changes...)
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	late := time.After(5 * time.Second)
	for !holds() {
		select {
		case <-late:
			t.Fatalf("%s: never", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func subscribes(s *simulated) int { return s.count(sip.SUBSCRIBE, nil) }

func TestDigest(t *testing.T) {
	for name, tt := range map[string]struct {
		algorithms []string
		code       int
		answered   string
	}{
		"MD5":               {[]string{"MD5"}, 401, "algorithm=MD5"},
		"SHA-256":           {[]string{"SHA-256"}, 401, "algorithm=SHA-256"},
		"the stronger":      {[]string{"MD5", "SHA-256", "AKAv1-MD5"}, 401, "algorithm=SHA-256"},
		"a proxy's, by 407": {[]string{"MD5"}, 407, "algorithm=MD5"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSimulated(t, "udp")
			s.with(func() { s.algorithms, s.code = tt.algorithms, tt.code })
			conformance.Expect(t, conformance.Follow(t, open(t, at(s)...)), "/")
			n := s.count(sip.SUBSCRIBE, func(r *sip.Request) bool {
				h := r.GetHeader(challenges[tt.code].answers)
				return h != nil && strings.Contains(h.Value(), tt.answered)
			})
			if n == 0 {
				t.Errorf("nothing was answered with %s", tt.answered)
			}
		})
	}
	t.Run("none that is known", func(t *testing.T) {
		s := newSimulated(t, "udp")
		s.with(func() { s.algorithms = []string{"AKAv1-MD5"} })
		conformance.Expect(t, conformance.Follow(t, open(t, at(s)...)), "refused")
	})
}

// A password that was right and is no longer is tried once more, and never again.
func TestPasswordChanged(t *testing.T) {
	s := newSimulated(t, "tcp")
	l := open(t, at(s, "presence", "yes")...)
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/Available")
	s.with(func() { s.password = "another"; clear(s.nonces) })
	tried := func() int {
		return s.count(sip.PUBLISH, func(r *sip.Request) bool { return r.GetHeader("Authorization") != nil })
	}
	for range 3 {
		if p := problem.Of(l.Write(t.Context(), "Away")); p == nil || p.Kind != problem.BadLogin {
			t.Fatalf("%v", p)
		}
	}
	if n := tried(); n != 2 { // with the old nonce, and with a new one
		t.Errorf("tried %d times", n)
	}
}

func TestRenewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	s := newSimulated(t, "udp")
	s.with(func() { s.grant = 2 })
	reports := conformance.Follow(t, open(t, at(s)...))
	conformance.Expect(t, reports, "/")
	began := subscribes(s)
	eventually(t, "renewed", func() bool { return subscribes(s) >= began+2 })
	s.happen(inCall)
	conformance.Expect(t, reports, "On a call/")
	s.with(func() {
		if len(s.subs) != 1 {
			t.Errorf("%d subscriptions", len(s.subs))
		}
	})
}

// A subscription the phone system no longer knows is asked for anew, and nobody need hear of that.
func TestForgottenSubscription(t *testing.T) {
	t.Parallel()
	s := newSimulated(t, "udp")
	s.with(func() { s.grant = 2 })
	reports := conformance.Follow(t, open(t, at(s)...))
	conformance.Expect(t, reports, "/")
	s.with(func() { clear(s.subs); s.does = inCall })
	conformance.Expect(t, reports, "On a call/")
}

func TestEndedSubscription(t *testing.T) {
	t.Parallel()
	for state, want := range map[string][]string{
		"terminated;reason=deactivated":             {"On a call/"},
		"terminated;reason=timeout":                 {"On a call/"},
		"terminated;reason=probation;retry-after=1": {"throttled", "On a call/"},
		"terminated;reason=rejected":                {"forbidden", "On a call/"},
	} {
		t.Run(state, func(t *testing.T) {
			s := newSimulated(t, "tcp")
			reports := conformance.Follow(t, open(t, at(s)...))
			conformance.Expect(t, reports, "/")
			s.with(func() {
				s.does = inCall
				for id, w := range s.subs {
					delete(s.subs, id)
					s.send(w, state, "", "")
				}
			})
			conformance.Expect(t, reports, want...)
		})
	}
}

func TestLongestIntervalIsTooBrief(t *testing.T) {
	s := newSimulated(t, "udp")
	s.with(func() { s.least = 3600 })
	l := open(t, at(s, "presence", "yes")...)
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/Available")
	if err := l.Write(t.Context(), "Away"); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Away")
}

func TestNoDialogEvents(t *testing.T) {
	s := newSimulated(t, "udp")
	s.breakWith(func(r *sip.Request) *sip.Response {
		if h := r.GetHeader("Event"); h != nil && h.Value() == dialogEvent {
			return reply(r, 489)
		}
		return nil
	})
	l := open(t, at(s)...)
	ctx, cancel := context.WithCancel(t.Context())
	var told error
	l.Watch(ctx, func(_ presence.Reading, err error) { told = err; cancel() })
	if told == nil || !strings.Contains(told.Error(), "does not offer dialog events") {
		t.Errorf("%v", told)
	}
	conformance.Expect(t, conformance.Follow(t, open(t, at(s, "presence", "yes")...)), "/Available")
}

// A change that got lost is made good by asking for the whole.
func TestMissedChange(t *testing.T) {
	s := newSimulated(t, "udp")
	s.with(func() { s.partial = true })
	reports := conformance.Follow(t, open(t, at(s)...))
	conformance.Expect(t, reports, "/")
	s.happen(ringing)
	conformance.Expect(t, reports, "Ringing/")
	s.with(func() {
		for _, w := range s.subs {
			w.version++ // as if one had been sent
		}
	})
	s.happen(inCall)
	conformance.Expect(t, reports, "On a call/")
}

func TestForeignNotifyIsRefused(t *testing.T) {
	s := newSimulated(t, "udp")
	reports := conformance.Follow(t, open(t, at(s)...))
	conformance.Expect(t, reports, "/")
	for name, change := range map[string]func(*watcher){
		"another call": func(w *watcher) {
			id := sip.CallIDHeader("foreign@x")
			w.request.RemoveHeader("Call-ID")
			w.request.AppendHeader(&id)
		},
		"another tag": func(w *watcher) { w.request.From().Params.Add("tag", "foreign") },
	} {
		s.with(func() {
			s.answers = nil
			for _, w := range s.subs {
				foreign := *w
				foreign.request = w.request.Clone()
				foreign.cseq += 100
				change(&foreign)
				s.send(&foreign, "active;expires=60", "application/dialog-info+xml", string(info(99, "full", one("a", "", "confirmed"))))
			}
		})
		code := 0
		eventually(t, name, func() bool {
			s.with(func() {
				for _, a := range s.answers {
					if a.CSeq().SeqNo > 100 {
						code = a.StatusCode
					}
				}
			})
			return code > 0
		})
		if code != 481 {
			t.Errorf("%s was answered %d", name, code)
		}
	}
	nothing(t, reports)
}

func TestEndsItsSubscriptions(t *testing.T) {
	s := newSimulated(t, "udp")
	l := open(t, at(s, "presence", "yes", "dnd_lamp", "*76100")...)
	ctx, cancel := context.WithCancel(t.Context())
	l.Watch(ctx, func(presence.Reading, error) { cancel() })
	s.with(func() {
		slices.Sort(s.ended)
		if want := []string{"dialog", "dialog", "presence"}; !slices.Equal(s.ended, want) || len(s.subs) != 0 {
			t.Errorf("ended: %q, left: %d", s.ended, len(s.subs))
		}
	})
}

// Where the phone system sees this PC elsewhere than it sees itself, it is told that address.
func TestContactIsWhatThePhoneSystemSees(t *testing.T) {
	s := newSimulated(t, "udp")
	nat := newWire(t, s.packets.LocalAddr().String())
	reports := conformance.Follow(t, open(t, "server", nat.LocalAddr().String(), "domain", "pbx"))
	conformance.Expect(t, reports, "/")
	s.with(func() {
		last := s.requests[len(s.requests)-1]
		for _, r := range s.requests {
			if r.Method == sip.SUBSCRIBE {
				last = r
			}
		}
		if contact := last.Contact().Address; contact.HostPort() != last.Source() {
			t.Errorf("the contact is %s, and the phone system sees %s", contact.HostPort(), last.Source())
		}
	})
}

func TestSilenceIsFoundOut(t *testing.T) {
	t.Parallel()
	s := newSimulated(t, "udp")
	reports := conformance.Follow(t, open(t, at(s)...))
	conformance.Expect(t, reports, "/")
	s.breakWith(func(*sip.Request) *sip.Response { return &sip.Response{} })
	conformance.Expect(t, reports, "unreachable")
	s.breakWith(nil)
	s.happen(inCall)
	conformance.Expect(t, reports, "On a call/")
}

// A document that cannot be read is no state.
func TestUnreadableState(t *testing.T) {
	t.Parallel()
	s := newSimulated(t, "tcp")
	reports := conformance.Follow(t, open(t, at(s)...))
	conformance.Expect(t, reports, "/")
	s.with(func() {
		for _, w := range s.subs {
			s.send(w, "active;expires=60", "text/html", "<html>")
		}
	})
	conformance.Expect(t, reports, "server-error", "/")
}

// Some phone systems answer no OPTIONS: that is no reason to give up a connection that works.
func TestNoAnswerToOptions(t *testing.T) {
	t.Parallel()
	s := newSimulated(t, "udp")
	s.breakWith(func(r *sip.Request) *sip.Response {
		if r.Method == sip.OPTIONS {
			return &sip.Response{}
		}
		return nil
	})
	l := open(t, at(s)...)
	l.patience = 200 * time.Millisecond
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/")
	began := subscribes(s)
	eventually(t, "it is asked for its subscription instead", func() bool { return subscribes(s) > began+1 })
	nothing(t, reports)
	s.happen(inCall)
	conformance.Expect(t, reports, "On a call/")
}
