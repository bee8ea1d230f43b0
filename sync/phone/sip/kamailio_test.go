package sip

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/testreal"
)

// kamailio gives a real presence server to the test alone, and answers the fields of one of its users.
func kamailio(t *testing.T, user string, changes ...string) []string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", "127.0.0.1:5070", 2*time.Second)
	if err != nil {
		testreal.Missing(t, "Kamailio", "start one with .ci/kamailio/kamailio up")
	}
	_ = conn.Close()
	return append([]string{"server", "127.0.0.1:5070", "extension", user, "password", "offhook-sip", "watch", "none", "presence", "yes"}, changes...)
}

// deskPhone is another program of the same person that publishes: Offhook's own code under another id.
func deskPhone(t *testing.T, fields []string) *line {
	t.Helper()
	l := open(t, fields...)
	l.tuple = "desk"
	t.Cleanup(func() { _ = l.GiveBack(context.Background(), "") })
	return l
}

func TestRealPresence(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			fields := kamailio(t, "p-"+transport+"-"+time.Now().Format("150405.000"), "transport", transport)
			l := open(t, fields...)
			reports := conformance.Follow(t, l)
			conformance.Expect(t, reports, "/Available") // nobody publishes anything

			desk := deskPhone(t, fields)
			if err := desk.Write(t.Context(), "Away"); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Away")
			for _, status := range []string{"Do not disturb", "In a meeting", "Busy"} {
				if err := l.Write(t.Context(), status); err != nil {
					t.Fatal(err)
				}
				conformance.Expect(t, reports, "/"+status)
			}
			if err := l.GiveBack(t.Context(), "Away"); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Away")
			if err := desk.GiveBack(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Offline") // so Kamailio says of whom it has just heard the last
			if err := l.Write(t.Context(), "Do not disturb"); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Do not disturb")
			if err := l.GiveBack(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			conformance.Expect(t, reports, "/Available") // what it then says of Offhook's own is nobody's choice
		})
	}
}

// What the person changes while Offhook's status shows is seen, for it is the newer.
func TestRealPersonChangesOverOffhook(t *testing.T) {
	fields := kamailio(t, "o-"+time.Now().Format("150405.000"))
	l := open(t, fields...)
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/Available")
	if err := l.Write(t.Context(), "Do not disturb"); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Do not disturb")
	if err := deskPhone(t, fields).Write(t.Context(), "Away"); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/Away")
	if err := l.GiveBack(t.Context(), "Away"); err != nil {
		t.Fatal(err)
	}
	nothing(t, reports)
}

func TestRealKamailioRefusesAWrongPassword(t *testing.T) {
	reports := conformance.Follow(t, open(t, kamailio(t, "w", "password", "wrong")...))
	conformance.Expect(t, reports, "bad-login")
	nothing(t, reports)
}

// This server knows nothing of lines: the person is told so, unless there is a presence to go by.
func TestRealNoDialogEvents(t *testing.T) {
	reports := conformance.Follow(t, open(t, kamailio(t, "d", "watch", "d", "presence", "no")...))
	conformance.Expect(t, reports, "refused")
	reports = conformance.Follow(t, open(t, kamailio(t, "d", "watch", "d")...))
	conformance.Expect(t, reports, "/Available")
}
