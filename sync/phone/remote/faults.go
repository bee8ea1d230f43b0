package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/offhook/offhook/sync/problem"
)

// Certificate is the problem where an error is a certificate that is not trusted, else nil. Who names the phone
// system at the head of a sentence.
func Certificate(who string, err error) *problem.Problem {
	p := &problem.Problem{Kind: problem.Certificate, Err: err}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		p.What = who + " shows a certificate that this computer does not trust"
		p.Do = "Ask whoever runs the phone system for its root certificate and add it in the settings"
	case errors.As(err, &name):
		p.What = who + " shows a certificate for another name"
		p.Do = "Enter the server's address by the name that stands in its certificate"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		p.What = who + " shows a certificate that has expired or is not yet valid"
		p.Do = "Ask whoever runs the phone system to renew it, and check this computer's clock"
	case errors.As(err, &verification), errors.As(err, &invalid):
		p.What = who + " shows a certificate that is not valid"
		p.Do = "Ask whoever runs the phone system to correct it"
	default:
		return nil
	}
	return p
}

// NoAnswer is the problem of a request that got no answer, or only a part of one. Unsure is set where a write may
// have been carried out nevertheless.
func NoAnswer(who string, err error, unsure bool) *problem.Problem {
	if p := Certificate(who, err); p != nil {
		return p
	}
	p := &problem.Problem{Kind: problem.Unreachable, Unsure: unsure, Err: err,
		Do: problem.Say("Check the network, and the server's address in the settings")}
	var dns *net.DNSError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, context.Canceled):
		p.What, p.Do = "The request to "+who+" was given up", ""
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		p.What = who + " took too long to answer"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		p.Kind, p.What = problem.Settings, who+" does not speak TLS there"
		p.Do = "Enter its address without TLS, or its port for TLS"
	case errors.As(err, &dns) && dns.IsNotFound:
		p.What = "There is no server named " + dns.Name
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		p.What = who + " closed the connection"
	default:
		p.What = who + " cannot be reached"
	}
	return p
}

// Nonsense is the problem when something answers that does not speak as the phone system does.
func Nonsense(who, language string, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Server, What: problem.Plain(fmt.Sprintf("What answers as %s does not speak %s", who, language)),
		Do: problem.Say("Check the server's address in the settings"), Err: err}
}

// TLS is what an HTTP client trusts, for connections that are not HTTP.
func TLS(client *http.Client) *tls.Config {
	if client != nil {
		if t, ok := client.Transport.(*http.Transport); ok && t.TLSClientConfig != nil {
			return t.TLSClientConfig.Clone()
		}
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}
