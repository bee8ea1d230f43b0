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

func wrong(do, what problem.Text) *problem.Problem {
	return &problem.Problem{Kind: problem.Settings, What: what, Do: do}
}

func cannotBe(do problem.Text, setting, value string) *problem.Problem {
	return wrong(do, problem.Say("The setting {setting} cannot be “{value}”", "setting", setting, "value", remote.Quote(value)))
}

func parse(fields map[string]string) (s settings, err error) {
	get := func(name string) string { return strings.TrimSpace(fields[name]) }
	if s.address, s.secured, err = parseServer(get("server")); err != nil {
		return s, err
	}
	if s.user, s.password = get("user"), fields["password"]; s.user == "" || s.password == "" {
		return s, wrong(problem.Say("Enter the name and the secret that stand under Asterisk Manager Users on the PBX"),
			problem.Say("{phone}: the login is not complete", "phone", "FreePBX"))
	}
	if s.extension = get("extension"); !extensionName.MatchString(s.extension) {
		return s, cannotBe(problem.Say("Enter your extension, such as 100"), "extension", s.extension)
	}
	for _, d := range strings.FieldsFunc(get("devices"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if !deviceName.MatchString(d) {
			return s, cannotBe(problem.Say("Enter a device such as PJSIP/100"), "devices", d)
		}
		s.devices = append(s.devices, d)
	}
	if len(s.devices) == 0 {
		s.devices = []string{"PJSIP/" + s.extension}
	}
	switch strings.ToLower(get("read_only")) {
	case "", "no", "false", "off":
	case "yes", "true", "on":
		s.readOnly = true
	default:
		return s, cannotBe(problem.Say("Enter yes or no"), "read_only", fields["read_only"])
	}
	return s, nil
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
		return "", false, wrong(do, problem.Say("{phone}: the address is missing", "phone", "FreePBX"))
	case strings.ContainsAny(host, "/@? ") || strings.Contains(host, ":") && net.ParseIP(host) == nil || !regexp.MustCompile(`^[0-9]{1,5}$`).MatchString(port):
		return "", false, wrong(do, problem.Say("{phone}: the address cannot be understood", "phone", "FreePBX"))
	}
	return net.JoinHostPort(host, port), secured, nil
}
