package catalog

import (
	"crypto/tls"
	"net/http"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/phone/sip"
)

// openSIP gives the connector the preset's own words: a status' values say what it is in SIP.
func openSIP(p *profile.Profile, o Options) (phone.Phone, error) {
	fields, err := profile.Fill(p.System, o.Fields)
	if err != nil {
		return nil, err
	}
	so := sip.Options{Title: p.System.Title, Fields: fields, TLS: trusted(o.HTTP), Log: o.Log}
	for _, s := range p.System.Mapping.Statuses {
		so.Statuses = append(so.Statuses, sip.Status{Status: s, Values: p.Values(s.Name)})
	}
	return sip.Open(so)
}

// trusted answers the certificates that an HTTP client trusts, for what goes over TLS without HTTP.
func trusted(c *http.Client) *tls.Config {
	if c == nil {
		return nil
	}
	if t, ok := c.Transport.(*http.Transport); ok && t.TLSClientConfig != nil {
		return t.TLSClientConfig.Clone()
	}
	return nil
}
