package sip

import (
	"net"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// settings are the fields, understood.
type settings struct {
	server    string // host:port, where everything is sent
	host      string // of that, for the certificate
	transport string // UDP, TCP or TLS
	domain    string
	extension string
	user      string
	password  string
	watch     string // whose dialogs are the line's; empty: nobody's
	presence  bool
	dndOn     string // codes to dial; empty: none
	dndOff    string
	dndLamp   string // whose dialogs tell do not disturb; empty: nobody's
}

func parse(fields map[string]string) (s settings, err error) {
	get := func(name, otherwise string) string {
		if v := strings.TrimSpace(fields[name]); v != "" {
			return v
		}
		return otherwise
	}
	if err := s.parseServer(get("server", ""), get("transport", "")); err != nil {
		return s, err
	}
	s.domain = get("domain", s.host)
	s.extension = get("extension", "")
	s.user, s.password = get("user", s.extension), fields["password"]
	s.watch = get("watch", s.extension)
	if strings.EqualFold(s.watch, "none") {
		s.watch = ""
	}
	s.dndOn, s.dndOff, s.dndLamp = get("dnd_on", ""), get("dnd_off", ""), get("dnd_lamp", "")
	for name, v := range map[string]string{"extension": s.extension, "watch": s.watch, "dnd_on": s.dndOn,
		"dnd_off": s.dndOff, "dnd_lamp": s.dndLamp} {
		if v == "" && name != "extension" {
			continue
		}
		if !isUserPart(v) {
			return s, remote.CannotBe(problem.Say("Enter what one would dial, such as 100 or *78"), name, v)
		}
	}
	if !isHost(s.domain) {
		return s, remote.CannotBe(problem.Say("Enter it like {example}", "example", "example.com"), "domain", s.domain)
	}
	if s.presence, err = remote.Yes(fields, "presence"); err != nil {
		return s, err
	}
	if (s.dndOn == "") != (s.dndOff == "") {
		return s, remote.Wrong(problem.Say("Enter both, such as *78 and *79, or neither"),
			problem.Say("Do not disturb has only one of its two codes, and could not be both set and given back"))
	}
	if s.watch == "" && !s.presence && s.dndLamp == "" {
		return s, remote.Wrong(problem.Say("Enter an extension to watch, or turn presence on"), problem.Say("There is nothing of this phone to read"))
	}
	return s, nil
}

func (s *settings) hasCodes() bool { return s.dndOn != "" }

// parseServer takes pbx, pbx:5061 and a SIP address such as sips:pbx or sip:pbx;transport=tcp.
func (s *settings) parseServer(v, transport string) error {
	do := problem.Say("Enter it like {example}", "example", "pbx.example.com, pbx.example.com:5061")
	if v == "" {
		return remote.Wrong(do, problem.Say("{phone}: the address is missing", "phone", "SIP"))
	}
	if _, params, ok := strings.Cut(v, ";transport="); ok && transport == "" {
		transport, _, _ = strings.Cut(params, ";")
	}
	v, _, _ = strings.Cut(v, ";")
	rest, secure := cutPrefixFold(v, "sips:")
	if secure {
		transport = "TLS"
	} else {
		rest, _ = cutPrefixFold(rest, "sip:")
	}
	switch s.transport = strings.ToUpper(transport); s.transport {
	case "":
		s.transport = "UDP"
	case "UDP", "TCP", "TLS":
	default:
		return remote.CannotBe(problem.Say("Enter udp, tcp or tls"), "transport", transport)
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		host, port = strings.Trim(rest, "[]"), strconv.Itoa(sip.DefaultPort(s.transport))
	}
	if n, err := strconv.Atoi(port); !isHost(host) || err != nil || n < 1 || n > 65535 {
		return remote.Wrong(do, problem.Say("{phone}: the address cannot be understood", "phone", "SIP"))
	}
	s.host, s.server = host, net.JoinHostPort(host, port)
	return nil
}

func cutPrefixFold(v, prefix string) (string, bool) {
	if len(v) >= len(prefix) && strings.EqualFold(v[:len(prefix)], prefix) {
		return v[len(prefix):], true
	}
	return v, false
}

// isHost keeps out what would change the meaning of the address it is put into.
func isHost(v string) bool {
	return v != "" && (net.ParseIP(v) != nil || !strings.ContainsAny(v, ":/@;?<>[]\"'\\, \t\r\n"))
}

func isUserPart(v string) bool { return v != "" && !strings.ContainsAny(v, ":@;?<>\"'\\,[]{} \t\r\n") }

// address is somebody of this phone system, as SIP writes it. A # must not stand there as it is.
func (s *settings) address(user string) sip.Uri {
	u := sip.Uri{Scheme: "sip", User: strings.ReplaceAll(user, "#", "%23"), Host: s.domain}
	if s.domain == s.host {
		if _, port, _ := net.SplitHostPort(s.server); port != strconv.Itoa(sip.DefaultPort(s.transport)) {
			u.Port, _ = strconv.Atoi(port)
		}
	}
	if ip := net.ParseIP(u.Host); ip != nil && ip.To4() == nil {
		u.Host = "[" + u.Host + "]"
	}
	return u
}
