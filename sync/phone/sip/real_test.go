package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone/conformance"
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

// nothing demands that nothing more is reported for a while.
func nothing(t *testing.T, reports <-chan string) {
	t.Helper()
	select {
	case r := <-reports:
		t.Fatalf("reported %q", r)
	case <-time.After(500 * time.Millisecond):
	}
}

func TestRealCallShowsWhileItLasts(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			reports := conformance.Follow(t, open(t, asterisk(t, "transport", transport)...))
			conformance.Expect(t, reports, "/")
			testreal.Play(t, "call", "1")
			conformance.Expect(t, reports, "Ringing/", "On a call/", "/")
		})
	}
}

// A lamp of several devices shows no call as held, that of the phone alone does.
func TestRealHeldCall(t *testing.T) {
	reports := conformance.Follow(t, open(t, asterisk(t, "watch", "100-line")...))
	conformance.Expect(t, reports, "/")
	testreal.Play(t, "hold", "1")
	conformance.Expect(t, reports, "Ringing/", "On a call/", "On hold/", "On a call/", "/")
}

func TestRealRingingAloneIsNoCall(t *testing.T) {
	reports := conformance.Follow(t, open(t, asterisk(t, "transport", "tcp")...))
	conformance.Expect(t, reports, "/")
	testreal.Play(t, "ring", "1")
	conformance.Expect(t, reports, "Ringing/", "/")
}

// The code's own call, and the lamp that do not disturb shares with calls, are no calls of the person's; and a call
// to a person who does not want to be disturbed is turned away.
func TestRealDoNotDisturbByCode(t *testing.T) {
	for name, lamp := range map[string]string{"seen by its lamp": "*76100", "unseen": ""} {
		t.Run(name, func(t *testing.T) {
			l := open(t, asterisk(t, append(codes, "dnd_lamp", lamp)...)...)
			l.settle, l.stay = usualPace.settle, usualPace.stay
			reports := conformance.Follow(t, l)
			conformance.Expect(t, reports, "/Available")
			t.Cleanup(func() { _ = l.GiveBack(context.Background(), "Available") })
			if err := l.Write(t.Context(), "Do not disturb"); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Do not disturb")
			testreal.Play(t, "busy")
			nothing(t, reports)
			if err := l.GiveBack(t.Context(), "Available"); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Available")
			testreal.Play(t, "call", "1")
			conformance.Expect(t, reports, "Ringing/Available", "On a call/Available", "/Available")
		})
	}
}

// Where do not disturb is switched by somebody else its lamp tells.
func TestRealLampTells(t *testing.T) {
	changes := asterisk(t, append(codes, "dnd_lamp", "*76100")...)
	reports := conformance.Follow(t, open(t, changes...))
	conformance.Expect(t, reports, "/Available")
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
	reports := conformance.Follow(t, open(t, asterisk(t, "password", "wrong")...))
	conformance.Expect(t, reports, "bad-login")
	nothing(t, reports)
}

func TestRealNoSuchLine(t *testing.T) {
	reports := conformance.Follow(t, open(t, asterisk(t, "watch", "999")...))
	conformance.Expect(t, reports, "settings")
}

// Asterisk's certificate is its own: unknown, and then known.
func TestRealTLS(t *testing.T) {
	changes := asterisk(t, "server", "127.0.0.1:5061", "transport", "tls")
	root := os.Getenv("ASTERISK_ROOT")
	if root == "" {
		root = "/var/tmp/offhook-asterisk"
	}
	conformance.Expect(t, conformance.Follow(t, open(t, changes...)), "certificate")

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
	reports := conformance.Follow(t, p.(*line))
	conformance.Expect(t, reports, "/")
	testreal.Play(t, "call", "1")
	conformance.Expect(t, reports, "Ringing/", "On a call/", "/")
}
