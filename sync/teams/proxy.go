package teams

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// systemProxy is the environment's proxy if it names any, else the one in the system's settings.
func systemProxy() func(*http.Request) (*url.URL, error) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if os.Getenv(name) != "" {
			return http.ProxyFromEnvironment
		}
	}
	return systemSettings()
}

// scutilProxies reads what macOS' scutil --proxy says, into Windows' way of writing it.
func scutilProxies(text string) (proxies, bypass string) {
	values := map[string]string{}
	var past []string
	inList := false
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " : ")
		switch {
		case name == "ExceptionsList":
			inList = true
		case strings.TrimSpace(line) == "}":
			inList = false
		case ok && inList:
			past = append(past, value)
		case ok:
			values[name] = value
		}
	}
	if values["ExcludeSimpleHostnames"] == "1" {
		past = append(past, "<local>")
	}
	var list []string
	for _, scheme := range []string{"HTTP", "HTTPS"} {
		if host := values[scheme+"Proxy"]; values[scheme+"Enable"] == "1" && host != "" {
			if port := values[scheme+"Port"]; port != "" {
				host = net.JoinHostPort(host, port)
			}
			list = append(list, strings.ToLower(scheme)+"="+host)
		}
	}
	return strings.Join(list, ";"), strings.Join(past, ";")
}

// chooseProxy reads Windows' way of writing proxies: one for all ("proxy:8080") or one for each scheme
// ("http=a:80;https=b:443"), and hosts reached without ("*.local;<local>").
func chooseProxy(proxies, bypass string, to *url.URL) *url.URL {
	host := strings.ToLower(to.Hostname())
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	for _, pattern := range strings.FieldsFunc(strings.ToLower(bypass), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		if pattern == "<local>" && !strings.Contains(host, ".") || wild(pattern, host) {
			return nil
		}
	}
	chosen := ""
	for _, entry := range strings.FieldsFunc(proxies, func(r rune) bool { return r == ';' || r == ' ' }) {
		scheme, address, named := strings.Cut(entry, "=")
		switch {
		case !named:
			chosen = entry
		case strings.EqualFold(scheme, to.Scheme):
			chosen = address
		}
	}
	if chosen == "" {
		return nil
	}
	if !strings.Contains(chosen, "://") {
		chosen = "http://" + chosen
	}
	u, err := url.Parse(chosen)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

// wild matches a host with a pattern in which each * stands for anything.
func wild(pattern, host string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(host, parts[0])
	if !ok {
		return false
	}
	if len(parts) == 1 {
		return rest == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
