package asterisk

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/testreal"
)

// running answers the address of a real Asterisk and gives it to the test alone, with do not disturb off.
func running(t *testing.T) string {
	t.Helper()
	address := os.Getenv("OFFHOOK_ASTERISK")
	if address == "" {
		address = "http://127.0.0.1:8088/ari"
	}
	client := &http.Client{Timeout: 2 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Get(address + "/asterisk/ping")
	if err != nil {
		testreal.Missing(t, "Asterisk", "start one with .ci/asterisk/asterisk up")
	}
	_ = resp.Body.Close()
	testreal.Alone(t, "asterisk")
	for _, name := range []string{"Custom:DND100", "Stasis:DND100"} {
		if err := newReal(t, address, "dnd_read", name).Write(t.Context(), Available); err != nil {
			t.Fatal(err)
		}
	}
	return address
}

func newReal(t *testing.T, address string, changes ...string) phone.Phone {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	p, err := Open(Options{Fields: fields(append([]string{"server", address, "password", "offhook-ari"}, changes...)...),
		HTTP: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRealCallShowsWhileItLasts(t *testing.T) {
	reports := conformance.Follow(t, newReal(t, running(t)))
	conformance.Expect(t, reports, "/Available")
	testreal.Play(t, "call", "1")
	conformance.Expect(t, reports, "Ringing/Available", "On a call/Available", "/Available")
}

func TestRealRingingAloneIsNoCall(t *testing.T) {
	reports := conformance.Follow(t, newReal(t, running(t)))
	conformance.Expect(t, reports, "/Available")
	testreal.Play(t, "ring", "1")
	conformance.Expect(t, reports, "Ringing/Available", "/Available")
}

// It is the one who is put on hold whose device says so; who holds stays in use.
func TestRealHeldCall(t *testing.T) {
	reports := conformance.Follow(t, newReal(t, running(t)))
	conformance.Expect(t, reports, "/Available")
	testreal.Play(t, "hold", "1")
	conformance.Expect(t, reports, "Ringing/Available", "On a call/Available", "On hold/Available", "On a call/Available", "/Available")
}

func TestRealDoNotDisturb(t *testing.T) {
	for _, name := range []string{"Custom:DND100", "Stasis:DND100"} {
		t.Run(name, func(t *testing.T) {
			address := running(t)
			p, other := newReal(t, address, "dnd_read", name), newReal(t, address, "dnd_read", name)
			mine := conformance.Follow(t, p)
			conformance.Expect(t, mine, "/Available")
			theirs := conformance.Follow(t, other) // takes over the application name, and both go on
			conformance.Expect(t, theirs, "/Available")

			if err := p.Write(t.Context(), DoNotDisturb); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, mine, "/Do not disturb")
			conformance.Expect(t, theirs, "/Do not disturb")
			testreal.Play(t, "busy")
			if err := p.GiveBack(t.Context(), Available); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, mine, "/Available")
			conformance.Expect(t, theirs, "/Available")
		})
	}
}

func TestRealConnectionCutAndMissedEvent(t *testing.T) {
	address := running(t)
	u, _ := url.Parse(address)
	var cut func()
	u.Host, cut = newWire(t, u.Host)
	reports := conformance.Follow(t, newReal(t, u.String()))
	conformance.Expect(t, reports, "/Available")

	cut()
	if err := newReal(t, address).Write(t.Context(), DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "unreachable", "/Do not disturb")
	if err := newReal(t, address).Write(t.Context(), Available); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Available")
}

func TestRealWrongPasswordIsTriedOnce(t *testing.T) {
	u, _ := url.Parse(running(t))
	var requests atomic.Int32
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: u.Scheme, Host: u.Host})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()

	p := newReal(t, server.URL+u.Path, "password", "wrong")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // a second try would come within 1.5 s
	defer cancel()
	var kinds []problem.Kind
	p.Watch(ctx, func(_ presence.Reading, err error) { kinds = append(kinds, problem.Of(err).Kind) })
	if !slices.Equal(kinds, []problem.Kind{problem.BadLogin}) || requests.Load() != 1 {
		t.Errorf("reported %q after %d requests, want bad-login after one", kinds, requests.Load())
	}
}

func TestRealLoginThatMayOnlyRead(t *testing.T) {
	address := running(t)
	p := newReal(t, address, "user", "offhook-read")
	reports := conformance.Follow(t, p)
	conformance.Expect(t, reports, "/Available")
	if got := trouble(t, p.Write(t.Context(), DoNotDisturb)); got.Kind != problem.Forbidden {
		t.Errorf("writing says %v", got)
	}
	if err := newReal(t, address).Write(t.Context(), DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Do not disturb")
}

func TestRealExtensions(t *testing.T) {
	address := running(t)
	for extension, want := range map[string]string{
		"200": "/Available", // no phone is registered there: UNAVAILABLE
		"999": string(problem.Settings),
	} {
		reports := conformance.Follow(t, newReal(t, address, "extension", extension))
		late := time.After(15 * time.Second)
		for got := ""; got != want; { // the end of a call of the test before may still be on its way
			select {
			case got = <-reports:
			case <-late:
				t.Fatalf("%s is reported as %q, want %q", extension, got, want)
			}
		}
	}
}

// An application with a subscription to an endpoint outlives its connection; one with device states does not.
func TestRealLeavesNothingBehind(t *testing.T) {
	address := running(t)
	p := newReal(t, address).(*line)
	ctx, cancel := context.WithCancel(t.Context())
	p.Watch(ctx, func(presence.Reading, error) { cancel() })

	ctx, cancel = context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for {
		_, err := p.ari.call(ctx, problem.Plain("the application"), http.MethodGet, "/applications/"+p.appName(), nil, nil)
		if strings.Contains(fmt.Sprint(err), "Application not found") {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the application is still there: %v", err)
		}
	}
}

// newWire is a TCP proxy that can be cut.
func newWire(t *testing.T, to string) (address string, cut func()) {
	var open sync.Map
	address = conformance.Serve(t, func(here net.Conn) {
		there, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		open.Store(here, nil)
		var back sync.WaitGroup
		back.Go(func() {
			_, _ = io.Copy(here, there)
			_ = here.Close()
		})
		_, _ = io.Copy(there, here)
		_ = there.Close()
		back.Wait()
	})
	return address, func() {
		open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
	}
}
