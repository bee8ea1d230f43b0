package sip

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/problem"
)

// newWire is a firewall that translates addresses: one client of it, one address behind it.
func newWire(t *testing.T, to string) net.PacketConn {
	t.Helper()
	near, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	far, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	var client net.Addr
	var mu sync.Mutex
	var running sync.WaitGroup
	running.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, from, err := near.ReadFrom(buf)
			if err != nil {
				return
			}
			mu.Lock()
			client = from
			mu.Unlock()
			_, _ = far.Write(buf[:n])
		}
	})
	running.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := far.Read(buf)
			if err != nil {
				return
			}
			mu.Lock()
			_, _ = near.WriteTo(buf[:n], client)
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
		running.Wait()
	})
	return near
}

// What is published is renewed without saying it again, changed in place, and taken back.
func TestPublication(t *testing.T) {
	s := newSimulated(t, "udp")
	l := open(t, at(s, "presence", "yes")...)
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/Available")
	s.choose(away)
	conformance.Expect(t, reports, "/Away")
	for _, status := range []string{"Do not disturb", "Busy"} {
		if err := l.Write(t.Context(), status); err != nil {
			t.Fatal(err)
		}
		conformance.Expect(t, reports, "/"+status)
	}
	s.with(func() {
		if len(s.pubs) != 1 {
			t.Errorf("%d publications", len(s.pubs))
		}
	})
	l.mu.Lock()
	l.pub.renewAt = time.Now()
	l.changed()
	l.mu.Unlock()
	eventually(t, "renewed", func() bool {
		return s.count(sip.PUBLISH, func(r *sip.Request) bool { return len(r.Body()) == 0 && r.GetHeader("SIP-If-Match") != nil }) > 0
	})
	s.with(func() { clear(s.pubs) }) // and then it was lost there
	if err := l.Write(t.Context(), "In a meeting"); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/In a meeting")
	if err := l.GiveBack(t.Context(), "Away"); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Away")
	s.with(func() {
		if len(s.pubs) != 0 {
			t.Errorf("%d publications are left", len(s.pubs))
		}
	})
	if err := l.GiveBack(t.Context(), "Busy"); err != nil { // that nobody else says: so it is said
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Busy")
}

// What a run of Offhook that was killed has left will expire, and is no choice of the person's until then.
func TestLeftBehind(t *testing.T) {
	s := newSimulated(t, "udp")
	if err := open(t, at(s, "presence", "yes")...).Write(t.Context(), "Do not disturb"); err != nil { // and nobody watches
		t.Fatal(err)
	}
	reports := conformance.Follow(t, open(t, at(s, "presence", "yes")...))
	conformance.Expect(t, reports, "/Available")
	nothing(t, reports)
}

func TestCodesThatDoNotWork(t *testing.T) {
	t.Parallel()
	s := newSimulated(t, "udp")
	kind := func(err error, want problem.Kind, unsure bool) {
		t.Helper()
		if p := problem.Of(err); p == nil || p.Kind != want || p.Unsure != unsure {
			t.Errorf("%v, want %s", err, want)
		}
	}
	l := open(t, at(s, "dnd_on", "*1", "dnd_off", "*79", "dnd_lamp", "*76100")...)
	conformance.Expect(t, conformance.Follow(t, l), "/Available")
	kind(l.Write(t.Context(), "Do not disturb"), problem.Settings, false)
	l = open(t, at(s, "dnd_on", "*79", "dnd_off", "*79", "dnd_lamp", "*76100")...)
	conformance.Expect(t, conformance.Follow(t, l), "/Available")
	kind(l.Write(t.Context(), "Do not disturb"), problem.Refused, true)

	l = open(t, at(s, "dnd_on", "*78", "dnd_off", "*79")...)
	s.breakWith(func(r *sip.Request) *sip.Response {
		if r.Method == sip.INVITE {
			return &sip.Response{}
		}
		return nil
	})
	kind(l.Write(t.Context(), "Do not disturb"), problem.Unreachable, true)
	eventually(t, "the call is cancelled", func() bool { return s.count(sip.CANCEL, nil) > 0 })
}

// Without a lamp do not disturb begins as off, so that a run that was killed leaves nothing on.
func TestUnseenDoNotDisturb(t *testing.T) {
	s := newSimulated(t, "tcp")
	s.with(func() { s.dnd, s.lampIsLine = true, true })
	l := open(t, at(s, "dnd_on", "*78", "dnd_off", "*79")...)
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/Available")
	s.with(func() {
		if s.dnd {
			t.Error("do not disturb is still on")
		}
	})
}

func TestReadOnly(t *testing.T) {
	s := newSimulated(t, "udp")
	l := open(t, at(s)...)
	if !l.ReadOnly() {
		t.Error("it is not read only")
	}
	for _, err := range []error{l.Write(t.Context(), "Do not disturb"), l.Write(context.Background(), "Available")} {
		if p := problem.Of(err); p == nil || p.Kind != problem.Refused || p.Do.IsZero() {
			t.Errorf("%v", err)
		}
	}
	l = open(t, at(s, "dnd_on", "*78", "dnd_off", "*79")...)
	if p := problem.Of(l.Write(t.Context(), "Away")); p == nil || p.Kind != problem.Refused {
		t.Errorf("%v", p)
	}
	s.with(func() {
		if n := len(s.requests); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}
