package sip

import (
	"testing"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
)

// openWith opens a phone with one status only, as the presets of OpenScape UC and Setera OneCloud have it.
func openWith(t *testing.T, name string, fields map[string]string) *line {
	t.Helper()
	p, err := Open(Options{Fields: fields, Statuses: []Status{
		{presence.Status{Name: name, Means: presence.MeansBusy, Activity: true, Writable: true}, []string{onThePhone, inCall, held}}}})
	if err != nil {
		t.Fatal(err)
	}
	p.(*line).pace = quick
	return p.(*line)
}

// Busy is shown while a call in Teams lasts, and when it is over what was there shows again by itself; the phone's
// own call shows as busy, too.
func busyAndRestored(t *testing.T, l *line, name string) {
	t.Helper()
	reports := conformance.Follow(t, l)
	conformance.Expect(t, reports, "/")
	if err := l.Write(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, name+"/")
	if err := l.GiveBack(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	conformance.Expect(t, reports, "/")
}

func TestVendorsBySIP(t *testing.T) {
	for _, name := range []string{"Busy (in a call)", "Line busy"} {
		t.Run(name, func(t *testing.T) {
			s := newSimulated(t, "tcp")
			s.choose(away)
			l := openWith(t, name, fields(at(s, "presence", "yes")...))
			busyAndRestored(t, l, name)
			s.with(func() {
				if says, err := parsePIDF(s.presence()); err != nil || shown(says) != away {
					t.Errorf("the phone system now shows %q, %v", shown(says), err)
				}
			})
			reports := conformance.Follow(t, openWith(t, name, fields(at(s, "presence", "yes")...)))
			conformance.Expect(t, reports, "/")
			s.happen(inCall)
			conformance.Expect(t, reports, name+"/")
			s.happen("")
			conformance.Expect(t, reports, "/")
		})
	}
}

func TestRealVendorsBySIP(t *testing.T) {
	const name = "Busy (in a call)"
	busyAndRestored(t, openWith(t, name, fields(kamailio(t, "v")...)), name)
}
