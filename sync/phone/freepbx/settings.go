package freepbx

import (
	"net"
	"regexp"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// settings are the fields, understood.
type settings struct {
	address   string // host:port
	secured   bool
	user      string
	password  string
	extension string
	devices   []string // PJSIP/100
	readOnly  bool
}

var (
	extensionName = regexp.MustCompile(`^[A-Za-z0-9_.+-]+$`)
	deviceName    = regexp.MustCompile(`^[A-Za-z0-9_]+/[A-Za-z0-9_.@+-]+$`)
)

func parse(fields map[string]string) (s settings, err error) {
	get := func(name string) string { return strings.TrimSpace(fields[name]) }
	if s.address, s.secured, err = parseServer(get("server")); err != nil {
		return s, err
	}
	if s.user, s.password = get("user"), fields["password"]; s.user == "" || s.password == "" {
		return s, remote.Wrong(problem.Say("Enter the name and the secret that stand under Asterisk Manager Users on the PBX"),
			problem.Say("{phone}: the login is not complete", "phone", "FreePBX"))
	}
	if s.extension = get("extension"); !extensionName.MatchString(s.extension) {
		return s, remote.CannotBe(problem.Say("Enter your extension, such as 100"), "extension", s.extension)
	}
	for _, d := range remote.Several(get("devices")) {
		if !deviceName.MatchString(d) {
			return s, remote.CannotBe(problem.Say("Enter a device such as PJSIP/100"), "devices", d)
		}
		s.devices = append(s.devices, d)
	}
	if len(s.devices) == 0 {
		s.devices = []string{"PJSIP/" + s.extension}
	}
	s.readOnly, err = remote.Yes(fields, "read_only")
	return s, err
}

// parseServer takes pbx.example.com, with tls:// before it or a port behind it or both.
func parseServer(v string) (address string, secured bool, err error) {
	do := problem.Say("Enter it like {example}", "example", "pbx.example.com, pbx.example.com:5038, tls://pbx.example.com:5039")
	host, secured := strings.CutPrefix(v, "tls://")
	port := "5038"
	if secured {
		port = "5039"
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	switch {
	case host == "":
		return "", false, remote.Wrong(do, problem.Say("{phone}: the address is missing", "phone", "FreePBX"))
	case strings.ContainsAny(host, "/@? ") || strings.Contains(host, ":") && net.ParseIP(host) == nil || !regexp.MustCompile(`^[0-9]{1,5}$`).MatchString(port):
		return "", false, remote.Wrong(do, problem.Say("{phone}: the address cannot be understood", "phone", "FreePBX"))
	}
	return net.JoinHostPort(host, port), secured, nil
}
