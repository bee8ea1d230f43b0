package teams

import (
	"net/http"
	"net/url"

	"golang.org/x/sys/windows/registry"
)

func systemSettings() func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) { return proxyInSettings(r.URL) }
}

// proxyInSettings reads the person's proxy settings, at each request: they change with the network. A
// configuration script (PAC) is not understood.
func proxyInSettings(to *url.URL) (*url.URL, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER,
		`Software\Microsoft\Windows\CurrentVersion\Internet Settings`, registry.QUERY_VALUE)
	if err != nil {
		return nil, nil //nolint:nilerr // no settings: no proxy
	}
	defer key.Close()
	if on, _, err := key.GetIntegerValue("ProxyEnable"); err != nil || on == 0 {
		return nil, nil //nolint:nilerr // the same
	}
	proxies, _, _ := key.GetStringValue("ProxyServer")
	bypass, _, _ := key.GetStringValue("ProxyOverride")
	return chooseProxy(proxies, bypass, to), nil
}
