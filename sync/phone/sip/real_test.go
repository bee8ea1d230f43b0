package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/testreal"
)

// asterisk gives a real Asterisk to the test alone, with do not disturb off, and answers the fields of extension 100 on it.
func asterisk(t *testing.T, changes ...string) []string {
	t.Helper()
	if conn, err := net.DialTimeout("tcp", "127.0.0.1:5060", 2*time.Second); err != nil {
		testreal.Missing(t, "Asterisk", "start one with .ci/asterisk/asterisk up")
	} else {
		_ = conn.Close()
	}
	testreal.Alone(t, "asterisk")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8088/ari/asterisk/variable?"+
		url.Values{"variable": {"DEVICE_STATE(Custom:DND100)"}, "value": {"NOT_INUSE"}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("offhook", "offhook-ari")
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return append([]string{"server", "127.0.0.1", "password", "offhook-sip"}, changes...)
}

var codes = []string{"dnd_on", "*78", "dnd_off", "*79"}

// follow watches a phone and answers what it reports, without repetitions.
func follow(t *testing.T, l *line) <-chan string {
	reports := make(chan string, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	last := "?"
	go func() {
		defer close(done)
		l.Watch(ctx, func(r presence.Reading, err error) {
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

// nothing demands that nothing more is reported for a while.
func nothing(t *testing.T, reports <-chan string) {
	t.Helper()
	select {
	case r := <-reports:
		t.Fatalf("reported %q", r)
	case <-time.After(500 * time.Millisecond):
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
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			reports := follow(t, open(t, asterisk(t, "transport", transport)...))
			expect(t, reports, "/")
			play(t, "call", "1")
			expect(t, reports, "Ringing/", "On a call/", "/")
		})
	}
}

// A lamp of several devices shows no call as held, that of the phone alone does.
func TestRealHeldCall(t *testing.T) {
	reports := follow(t, open(t, asterisk(t, "watch", "100-line")...))
	expect(t, reports, "/")
	play(t, "hold", "1")
	expect(t, reports, "Ringing/", "On a call/", "On hold/", "On a call/", "/")
}

func TestRealRingingAloneIsNoCall(t *testing.T) {
	reports := follow(t, open(t, asterisk(t, "transport", "tcp")...))
	expect(t, reports, "/")
	play(t, "ring", "1")
	expect(t, reports, "Ringing/", "/")
}

// The code's own call, and the lamp that do not disturb shares with calls, are no calls of the person's; and a call
// to a person who does not want to be disturbed is turned away.
func TestRealDoNotDisturbByCode(t *testing.T) {
	for name, lamp := range map[string]string{"seen by its lamp": "*76100", "unseen": ""} {
		t.Run(name, func(t *testing.T) {
			l := open(t, asterisk(t, append(codes, "dnd_lamp", lamp)...)...)
			l.settle, l.stay = usualPace.settle, usualPace.stay
			reports := follow(t, l)
			expect(t, reports, "/Available")
			t.Cleanup(func() { _ = l.GiveBack(context.Background(), "Available") })
			if err := l.Write(t.Context(), "Do not disturb"); err != nil {
				t.Fatal(err)
			}
			expect(t, reports, "/Do not disturb")
			play(t, "busy")
			nothing(t, reports)
			if err := l.GiveBack(t.Context(), "Available"); err != nil {
				t.Fatal(err)
			}
			expect(t, reports, "/Available")
			play(t, "call", "1")
			expect(t, reports, "Ringing/Available", "On a call/Available", "/Available")
		})
	}
}

// Where do not disturb is switched by somebody else its lamp tells.
func TestRealLampTells(t *testing.T) {
	changes := asterisk(t, append(codes, "dnd_lamp", "*76100")...)
	reports := follow(t, open(t, changes...))
	expect(t, reports, "/Available")
	other := open(t, changes...)
	other.stay = usualPace.stay
	t.Cleanup(func() { _ = other.GiveBack(context.Background(), "Available") })
	if err := other.Write(t.Context(), "Do not disturb"); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for r := ""; r != "/Do not disturb"; {
		select {
		case r = <-reports:
		case <-deadline:
			t.Fatal("do not disturb was never reported")
		}
	}
}

func TestRealWrongPassword(t *testing.T) {
	reports := follow(t, open(t, asterisk(t, "password", "wrong")...))
	expect(t, reports, "bad-login")
	nothing(t, reports)
}

func TestRealNoSuchLine(t *testing.T) {
	reports := follow(t, open(t, asterisk(t, "watch", "999")...))
	expect(t, reports, "settings")
}

// Asterisk's certificate is its own: unknown, and then known.
func TestRealTLS(t *testing.T) {
	changes := asterisk(t, "server", "127.0.0.1:5061", "transport", "tls")
	root := os.Getenv("ASTERISK_ROOT")
	if root == "" {
		root = "/var/tmp/offhook-asterisk"
	}
	expect(t, follow(t, open(t, changes...)), "certificate")

	pem, err := os.ReadFile(filepath.Join(root, "etc/offhook/tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	p, err := Open(Options{Fields: fields(changes...), Statuses: statuses(), TLS: &tls.Config{RootCAs: pool}})
	if err != nil {
		t.Fatal(err)
	}
	reports := follow(t, p.(*line))
	expect(t, reports, "/")
	play(t, "call", "1")
	expect(t, reports, "Ringing/", "On a call/", "/")
}
