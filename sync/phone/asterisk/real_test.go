package asterisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone"
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

// follow watches a real phone and answers what it reports, without repetitions.
func follow(t *testing.T, p phone.Phone) <-chan string {
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

func expect(t *testing.T, reports <-chan string, want ...string) {
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

// play lets sipp play the phones 100 and 200.
func play(t *testing.T, what ...string) {
	t.Helper()
	testreal.Program(t, "sipp", "install it: Debian's package is sip-tester")
	script := filepath.Join("..", "..", "..", ".ci", "asterisk", "asterisk")
	if out, err := exec.Command(script, what...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", what, err, out)
	}
}

func TestRealCallShowsWhileItLasts(t *testing.T) {
	reports := follow(t, newReal(t, running(t)))
	expect(t, reports, "/Available")
	play(t, "call", "1")
	expect(t, reports, "Ringing/Available", "On a call/Available", "/Available")
}

func TestRealRingingAloneIsNoCall(t *testing.T) {
	reports := follow(t, newReal(t, running(t)))
	expect(t, reports, "/Available")
	play(t, "ring", "1")
	expect(t, reports, "Ringing/Available", "/Available")
}

// It is the one who is put on hold whose device says so; who holds stays in use.
func TestRealHeldCall(t *testing.T) {
	reports := follow(t, newReal(t, running(t)))
	expect(t, reports, "/Available")
	play(t, "hold", "1")
	expect(t, reports, "Ringing/Available", "On a call/Available", "On hold/Available", "On a call/Available", "/Available")
}

func TestRealDoNotDisturb(t *testing.T) {
	for _, name := range []string{"Custom:DND100", "Stasis:DND100"} {
		t.Run(name, func(t *testing.T) {
			address := running(t)
			p, other := newReal(t, address, "dnd_read", name), newReal(t, address, "dnd_read", name)
			mine := follow(t, p)
			expect(t, mine, "/Available")
			theirs := follow(t, other) // takes over the application name, and both go on
			expect(t, theirs, "/Available")

			if err := p.Write(t.Context(), DoNotDisturb); err != nil {
				t.Fatal(err)
			}
			expect(t, mine, "/Do not disturb")
			expect(t, theirs, "/Do not disturb")
			play(t, "busy")
			if err := p.GiveBack(t.Context(), Available); err != nil {
				t.Fatal(err)
			}
			expect(t, mine, "/Available")
			expect(t, theirs, "/Available")
		})
	}
}

func TestRealConnectionCutAndMissedEvent(t *testing.T) {
	address := running(t)
	u, _ := url.Parse(address)
	proxy := newWire(t, u.Host)
	u.Host = proxy.Addr().String()
	reports := follow(t, newReal(t, u.String()))
	expect(t, reports, "/Available")

	proxy.cut()
	if err := newReal(t, address).Write(t.Context(), DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	expect(t, reports, "unreachable", "/Do not disturb")
	if err := newReal(t, address).Write(t.Context(), Available); err != nil {
		t.Fatal(err)
	}
	expect(t, reports, "/Available")
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
	reports := follow(t, p)
	expect(t, reports, "/Available")
	if got := trouble(t, p.Write(t.Context(), DoNotDisturb)); got.Kind != problem.Forbidden {
		t.Errorf("writing says %v", got)
	}
	if err := newReal(t, address).Write(t.Context(), DoNotDisturb); err != nil {
		t.Fatal(err)
	}
	expect(t, reports, "/Do not disturb")
}

func TestRealExtensions(t *testing.T) {
	address := running(t)
	for extension, want := range map[string]string{
		"200": "/Available", // no phone is registered there: UNAVAILABLE
		"999": string(problem.Settings),
	} {
		expect(t, follow(t, newReal(t, address, "extension", extension)), want)
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

// wire is a TCP proxy that can be cut.
type wire struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			here, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				_ = here.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, here, there)
			w.mu.Unlock()
			for _, ends := range [][2]net.Conn{{here, there}, {there, here}} {
				running.Go(func() {
					_, _ = io.Copy(ends[0], ends[1])
					_ = ends[0].Close()
				})
			}
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.cut()
		running.Wait()
	})
	return w
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}
