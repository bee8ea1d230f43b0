package freepbx

import (
	"fmt"
	"net"
	"regexp"
	"strings"

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

func wrong(do, what string, args ...any) *problem.Problem {
	return &problem.Problem{Kind: problem.Settings, What: problem.Plain(fmt.Sprintf(what, args...)), Do: problem.Plain(do)}
}

func parse(fields map[string]string) (s settings, err error) {
	get := func(name string) string { return strings.TrimSpace(fields[name]) }
	if s.address, s.secured, err = parseServer(get("server")); err != nil {
		return s, err
	}
	if s.user, s.password = get("user"), fields["password"]; s.user == "" || s.password == "" {
		return s, wrong("Enter the name and the secret that stand under Asterisk Manager Users on the PBX",
			"The manager login for FreePBX is not complete")
	}
	if s.extension = get("extension"); !extensionName.MatchString(s.extension) {
		return s, wrong("Enter your extension, such as 100", "%q is no extension", s.extension)
	}
	for _, d := range strings.FieldsFunc(get("devices"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if !deviceName.MatchString(d) {
			return s, wrong("Enter a device such as PJSIP/100", "%q is no device", d)
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
		return s, wrong("Enter yes or no", "read_only cannot be %q", fields["read_only"])
	}
	return s, nil
}

// parseServer takes pbx.example.com, with tls:// before it or a port behind it or both.
func parseServer(v string) (address string, secured bool, err error) {
	const do = "Enter it like pbx.example.com, pbx.example.com:5038, or tls://pbx.example.com:5039"
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
		return "", false, wrong(do, "The address of the FreePBX server is missing")
	case strings.ContainsAny(host, "/@? ") || strings.Contains(host, ":") && net.ParseIP(host) == nil || !regexp.MustCompile(`^[0-9]{1,5}$`).MatchString(port):
		return "", false, wrong(do, "The address of the FreePBX server cannot be understood")
	}
	return net.JoinHostPort(host, port), secured, nil
}
