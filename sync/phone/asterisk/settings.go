package asterisk

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// settings are the fields, understood.
type settings struct {
	server   string // such as http://pbx:8088/ari, without a slash at the end
	user     string
	password string
	devices  []string // whose state is the line's: PJSIP/100
	dndRead  []string // any of these in a state of on: do not disturb
	dndWrite []string // all of these are set; none: this phone is only read
	on, off  []string // states; the first is the one that is written
}

var (
	deviceName   = regexp.MustCompile(`^[A-Za-z0-9_]+/[A-Za-z0-9_.@+-]+$`)
	stateName    = regexp.MustCompile(`^(Custom|Stasis):[A-Za-z0-9_.@+-]+$`)
	deviceStates = []string{"UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"}
)

func parse(fields map[string]string) (s settings, err error) {
	get := func(name, otherwise string) string {
		if v := strings.TrimSpace(fields[name]); v != "" {
			return v
		}
		return otherwise
	}
	if s.server, err = parseServer(get("server", "")); err != nil {
		return s, err
	}
	if s.user, s.password = get("user", ""), fields["password"]; s.user == "" || s.password == "" {
		return s, remote.Wrong(problem.Say("Enter the user and the password of an ARI login, as in ari.conf on the PBX"),
			problem.Say("{phone}: the login is not complete", "phone", "Asterisk"))
	}
	for _, d := range remote.Several(get("extension", "")) {
		if !strings.Contains(d, "/") {
			d = "PJSIP/" + d
		}
		if !deviceName.MatchString(d) {
			return s, remote.CannotBe(problem.Say("Enter an extension such as 100, or a device such as PJSIP/100"), "extension", d)
		}
		s.devices = append(s.devices, d)
	}
	if len(s.devices) == 0 {
		return s, remote.Wrong(problem.Say("Enter an extension such as 100, or a device such as PJSIP/100"), problem.Say("The extension is missing"))
	}

	_, extension, _ := strings.Cut(s.devices[0], "/")
	states := func(field, otherwise string) ([]string, error) {
		v := strings.ReplaceAll(get(field, otherwise), "${extension}", extension)
		if strings.EqualFold(v, "none") {
			return nil, nil
		}
		for _, name := range remote.Several(v) {
			if !stateName.MatchString(name) {
				return nil, remote.CannotBe(problem.Say("Name a device state that the dialplan looks at, such as {state}; ARI can set nothing else, and leaves a database entry such as {entry} as it is",
					"state", "Custom:DND"+extension, "entry", "DB(DND/"+extension+")"), field, name)
			}
		}
		return remote.Several(v), nil
	}
	if s.dndRead, err = states("dnd_read", "Custom:DND${extension}"); err != nil {
		return s, err
	}
	if s.dndWrite, err = states("dnd_write", get("dnd_read", "Custom:DND${extension}")); err != nil {
		return s, err
	}

	s.on = remote.Several(strings.ToUpper(get("dnd_on", "BUSY")))
	s.off = remote.Several(strings.ToUpper(get("dnd_off", "NOT_INUSE")))
	if len(s.on) == 0 || len(s.off) == 0 || slices.ContainsFunc(s.on, func(v string) bool { return slices.Contains(s.off, v) }) {
		return s, remote.Wrong(problem.Say("Name at least one state in each, and none in both"),
			problem.Say("The settings dnd_on and dnd_off cannot be “{on}” and “{off}”", "on", remote.Quote(fields["dnd_on"]), "off", remote.Quote(fields["dnd_off"])))
	}
	for setting, states := range map[string][]string{"dnd_on": s.on, "dnd_off": s.off} {
		for _, v := range states {
			if !slices.Contains(deviceStates, v) {
				return s, remote.CannotBe(problem.Say("Name states of Asterisk: {states}", "states", strings.Join(deviceStates, ", ")), setting, v)
			}
		}
	}

	readOnly, err := remote.Yes(fields, "read_only")
	if readOnly {
		s.dndWrite = nil
	}
	return s, err
}

// parseServer takes http://pbx:8088, with or without the /ari that Asterisk puts behind it.
func parseServer(v string) (string, error) {
	do := problem.Say("Enter it like {example}, with https where the PBX offers it", "example", "http://pbx.example.com:8088/ari")
	u, err := url.Parse(v)
	switch {
	case v == "":
		return "", remote.Wrong(do, problem.Say("{phone}: the address is missing", "phone", "Asterisk"))
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		// It may hold a password: it is not shown.
		return "", remote.Wrong(do, problem.Say("{phone}: the address cannot be understood", "phone", "Asterisk"))
	}
	if u.Path = strings.TrimRight(u.Path, "/"); u.Path == "" {
		u.Path = "/ari"
	}
	return u.String(), nil
}
