package sip

import (
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/problem"
)

func TestServer(t *testing.T) {
	for v, want := range map[string]struct{ server, host, transport, address string }{
		"pbx":                       {"pbx:5060", "pbx", "UDP", "sip:100@pbx"},
		"pbx.example.com:5070":      {"pbx.example.com:5070", "pbx.example.com", "UDP", "sip:100@pbx.example.com:5070"},
		"sips:pbx":                  {"pbx:5061", "pbx", "TLS", "sip:100@pbx"},
		"sip:pbx;transport=tcp":     {"pbx:5060", "pbx", "TCP", "sip:100@pbx"},
		"SIP:pbx;transport=TLS;lr":  {"pbx:5061", "pbx", "TLS", "sip:100@pbx"},
		"192.0.2.1":                 {"192.0.2.1:5060", "192.0.2.1", "UDP", "sip:100@192.0.2.1"},
		"[2001:db8::1]:5062":        {"[2001:db8::1]:5062", "2001:db8::1", "UDP", "sip:100@[2001:db8::1]:5062"},
		"2001:db8::1;transport=tcp": {"[2001:db8::1]:5060", "2001:db8::1", "TCP", "sip:100@[2001:db8::1]"},
	} {
		s, err := parse(fields("server", v))
		if err != nil {
			t.Errorf("%s: %v", v, err)
			continue
		}
		address := s.address("100")
		if got := (struct{ server, host, transport, address string }{s.server, s.host, s.transport, address.String()}); got != want {
			t.Errorf("%s: %+v, want %+v", v, got, want)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	for name, changes := range map[string][]string{
		"no server":             {"server", ""},
		"a server with a user":  {"server", "sip:me@pbx"},
		"a port of its own":     {"server", "pbx:sip"},
		"no port there is":      {"server", "pbx:70000"},
		"no server at all":      {"server", "not an address"},
		"an unknown transport":  {"transport", "sctp"},
		"no extension":          {"extension", ""},
		"an address as one":     {"extension", "100@pbx"},
		"a header smuggled in":  {"dnd_lamp", "1\r\nVia: x"},
		"half a pair of codes":  {"dnd_on", "*78"},
		"neither yes nor no":    {"presence", "maybe"},
		"nothing to read":       {"watch", "none"},
		"a domain that is none": {"domain", "a b"},
	} {
		_, err := Open(Options{Fields: fields(changes...)})
		p, ok := err.(*problem.Problem)
		if !ok || p.Kind != problem.Settings || p.Do.IsZero() || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A # is dialled, and is nothing else.
func TestCodeWithHash(t *testing.T) {
	s, err := parse(fields("dnd_on", "#78", "dnd_off", "#79"))
	if err != nil {
		t.Fatal(err)
	}
	if u := s.address(s.dndOn); u.String() != "sip:%2378@127.0.0.1" {
		t.Error(u.String())
	}
}
