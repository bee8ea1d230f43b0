package asterisk

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

const secret = "hunter2&more"

// fields are good ones, with changes: name, value, name, value, …
func fields(changes ...string) map[string]string {
	f := map[string]string{"server": "http://pbx:8088/ari", "user": "offhook", "password": secret, "extension": "100"}
	for i := 0; i < len(changes); i += 2 {
		f[changes[i]] = changes[i+1]
	}
	return f
}

func TestFieldsUnderstood(t *testing.T) {
	plain := settings{
		server: "http://pbx:8088/ari", user: "offhook", password: secret, devices: []string{"PJSIP/100"},
		dndRead: []string{"Custom:DND100"}, dndWrite: []string{"Custom:DND100"}, on: []string{"BUSY"}, off: []string{"NOT_INUSE"},
	}
	for name, c := range map[string]struct {
		changes []string
		want    func(*settings)
	}{
		"defaults":             {nil, func(*settings) {}},
		"address without /ari": {[]string{"server", "https://pbx:8089/"}, func(s *settings) { s.server = "https://pbx:8089/ari" }},
		"prefix":               {[]string{"server", "https://pbx/asterisk/ari/"}, func(s *settings) { s.server = "https://pbx/asterisk/ari" }},
		"device":               {[]string{"extension", "SIP/100"}, func(s *settings) { s.devices = []string{"SIP/100"} }},
		"two devices":          {[]string{"extension", "100, PJSIP/99100"}, func(s *settings) { s.devices = []string{"PJSIP/100", "PJSIP/99100"} }},
		"own name":             {[]string{"dnd_read", "Stasis:quiet-${extension}"}, func(s *settings) { s.dndRead = []string{"Stasis:quiet-100"}; s.dndWrite = s.dndRead }},
		"written elsewhere":    {[]string{"dnd_write", "Stasis:a,Custom:b"}, func(s *settings) { s.dndWrite = []string{"Stasis:a", "Custom:b"} }},
		"values":               {[]string{"dnd_on", "inuse busy", "dnd_off", "unavailable"}, func(s *settings) { s.on = []string{"INUSE", "BUSY"}; s.off = []string{"UNAVAILABLE"} }},
		"nothing to read":      {[]string{"dnd_read", "none"}, func(s *settings) { s.dndRead, s.dndWrite = nil, nil }},
		"read only":            {[]string{"read_only", "Yes"}, func(s *settings) { s.dndWrite = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			want := plain
			c.want(&want)
			got, err := parse(fields(c.changes...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWrongFieldsSayWhatToDo(t *testing.T) {
	for name, changes := range map[string][]string{
		"no server":                {"server", ""},
		"no scheme":                {"server", "pbx:8088"},
		"other scheme":             {"server", "ftp://pbx"},
		"login in the address":     {"server", "http://offhook:" + secret + "@pbx/ari"},
		"key in the address":       {"server", "http://pbx/ari?api_key=offhook:" + secret},
		"unreadable address":       {"server", "http://pbx:port/" + secret},
		"no user":                  {"user", " "},
		"no password":              {"password", ""},
		"no extension":             {"extension", ","},
		"blank in the extension":   {"extension", "PJSIP/1;0"},
		"database entry":           {"dnd_write", "DB(DND/100)"},
		"function":                 {"dnd_write", "Custom:a)=b,SHELL(x"},
		"another kind of device":   {"dnd_read", "PJSIP/100"},
		"no state":                 {"dnd_on", "YES"},
		"empty state":              {"dnd_off", ","},
		"one state for on and off": {"dnd_off", "BUSY"},
		"neither yes nor no":       {"read_only", "perhaps"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(Options{Fields: fields(changes...)})
			var p *problem.Problem
			if !errors.As(err, &p) {
				t.Fatalf("got %v, want a problem", err)
			}
			if p.Kind != problem.Settings || p.What.IsZero() || p.Do.IsZero() {
				t.Errorf("got %+v, want a problem of the settings that says what to do", p)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}
