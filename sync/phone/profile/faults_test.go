package profile

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

func aClient(t *testing.T) *client {
	t.Helper()
	p, err := Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(p, Options{Fields: map[string]string{"server": "https://pbx.test:8443/", "user": "100", "password": secret}})
	if err != nil {
		t.Fatal(err)
	}
	return d.(*device).client
}

// Each way of getting no answer is one plain sentence.
func TestNoAnswer(t *testing.T) {
	c := aClient(t)
	verification := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for name, e := range map[string]struct {
		err  error
		kind problem.Kind
		what string
	}{
		"unknown":      {verification(x509.UnknownAuthorityError{}), problem.Certificate, "Test PBX at pbx.test:8443 shows a certificate that this computer does not trust"},
		"other name":   {verification(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "pbx.test"}), problem.Certificate, "Test PBX at pbx.test:8443 shows a certificate for another name"},
		"expired":      {verification(x509.CertificateInvalidError{Reason: x509.Expired}), problem.Certificate, "Test PBX at pbx.test:8443 shows a certificate that has expired or is not yet valid"},
		"not a CA":     {verification(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}), problem.Certificate, "Test PBX at pbx.test:8443 shows a certificate that is not valid"},
		"plain http":   {http.ErrSchemeMismatch, problem.Settings, "Test PBX at pbx.test:8443 does not speak https there"},
		"not TLS":      {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, problem.Settings, "Test PBX at pbx.test:8443 does not speak https there"},
		"no such name": {&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true, Name: "pbx.test"}}, problem.Unreachable, "Test PBX at pbx.test:8443: there is no server named pbx.test"},
		"refused":      {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, problem.Unreachable, "Test PBX at pbx.test:8443 cannot be reached"},
		"closed":       {io.EOF, problem.Unreachable, "Test PBX at pbx.test:8443 closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			x := c.exchange(context.Background(), true)
			defer x.end()
			p := problem.Of(x.noAnswer(e.err))
			if p.Kind != e.kind || p.What.String() != e.what || p.Do.IsZero() || p.Unsure || !errors.Is(p, e.err) {
				t.Errorf("%+v", p)
			}
		})
	}
}

// Somebody else's text becomes one short line, with no secret in it in any form.
func TestBlanked(t *testing.T) {
	c := aClient(t)
	c.session.token = "tok/en"
	long := ""
	for range 500 {
		long += "é"
	}
	for text, want := range map[string]string{
		"plain.":                              "plain",
		" two\n\tlines\x00\x1b[31m ":          "two lines [31m",
		"no " + secret + "!":                  "no •••!",
		"no s3cr%2Ft+%26100, s3cr%2Ft%20&100": "no •••, •••",
		"no tok/en, tok%2Fen":                 "no •••, •••",
		long:                                  long[:400] + "…",
	} {
		if diff := cmp.Diff(want, c.blanked(text)); diff != "" {
			t.Error(diff)
		}
	}
}
