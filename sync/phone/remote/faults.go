package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// Certificate is the problem where an error is a certificate that is not trusted, else nil.
func Certificate(who problem.Text, err error) *problem.Problem {
	p := &problem.Problem{Kind: problem.Certificate, Err: err}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		p.What = problem.Say("{phone} shows a certificate that this computer does not trust", "phone", who)
		p.Do = problem.Say("Ask whoever runs the phone system for its root certificate and add it in the settings")
	case errors.As(err, &name):
		p.What = problem.Say("{phone} shows a certificate for another name", "phone", who)
		p.Do = problem.Say("Enter the server's address by the name that stands in its certificate")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		p.What = problem.Say("{phone} shows a certificate that has expired or is not yet valid", "phone", who)
		p.Do = problem.Say("Ask whoever runs the phone system to renew it, and check this computer's clock")
	case errors.As(err, &verification), errors.As(err, &invalid):
		p.What = problem.Say("{phone} shows a certificate that is not valid", "phone", who)
		p.Do = problem.Say("Ask whoever runs the phone system to correct it")
	default:
		return nil
	}
	return p
}

// NoAnswer is the problem of a request that got no answer, or only a part of one. Unsure is set where a write may
// have been carried out nevertheless.
func NoAnswer(who problem.Text, err error, unsure bool) *problem.Problem {
	if p := Certificate(who, err); p != nil {
		return p
	}
	p := &problem.Problem{Kind: problem.Unreachable, Unsure: unsure, Err: err,
		Do: problem.Say("Check the network, and the server's address in the settings")}
	var dns *net.DNSError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, context.Canceled):
		return GivenUp(who, err, unsure)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		p.What = problem.Say("{phone} took too long to answer", "phone", who)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		p.Kind, p.What = problem.Settings, problem.Say("{phone} does not speak {language} there", "phone", who, "language", "TLS")
		p.Do = problem.Say("Enter its address without TLS, or its port for TLS")
	case errors.As(err, &dns) && dns.IsNotFound:
		p.What = problem.Say("{phone}: there is no server named {server}", "phone", who, "server", dns.Name)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		p.What = problem.Say("{phone} closed the connection", "phone", who)
	default:
		p.What = problem.Say("{phone} cannot be reached", "phone", who)
	}
	return p
}

// GivenUp is the problem of a request that nobody waits for any more.
func GivenUp(who problem.Text, err error, unsure bool) *problem.Problem {
	return &problem.Problem{Kind: problem.Unreachable, Unsure: unsure, Err: err,
		What: problem.Say("{phone}: the request was given up", "phone", who)}
}

// Lost is the problem of a connection that was there and is no more.
func Lost(who problem.Text, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Unreachable, Err: err,
		What: problem.Say("{phone}: the connection was lost", "phone", who)}
}

// Nonsense is the problem when something answers that does not speak as the phone system does.
func Nonsense(who problem.Text, language string, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Server, Err: err,
		What: problem.Say("What answers as {phone} does not speak its language ({language})", "phone", who, "language", language),
		Do:   problem.Say("Check the server's address in the settings")}
}

// NotKnown is the problem when the phone system says what none of the versions says that Offhook knows.
func NotKnown(who problem.Text, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.Server, Err: err,
		What: problem.Say("{phone} answered in a way that Offhook does not know", "phone", who),
		Do:   problem.Say("Update Offhook; it may know this version of the phone system then")}
}

// Throttled is the problem when the phone system asks to wait, for so long where it says how long.
func Throttled(who problem.Text, wait time.Duration, err error) *problem.Problem {
	p := &problem.Problem{Kind: problem.Throttled, RetryAfter: wait, Err: err}
	if p.What = problem.Say("{phone} asks to be asked less often", "phone", who); wait > 0 {
		p.What = problem.Say("{phone} asks to wait {time}", "phone", who, "time", wait.Round(time.Second))
	}
	return p
}

// BadLogin is the problem when what the person entered to sign in is wrong.
func BadLogin(who, do problem.Text, err error) *problem.Problem {
	return &problem.Problem{Kind: problem.BadLogin, Err: err, Do: do,
		What: problem.Say("{phone} refuses the user name or the password", "phone", who)}
}

// NoSuchStatus is the problem when a status is to be set that a phone system does not know.
func NoSuchStatus(who problem.Text, status string, known ...string) *problem.Problem {
	return &problem.Problem{Kind: problem.Refused,
		What: problem.Say("{phone} cannot be set to “{status}”, only to: {statuses}", "phone", who, "status", Known(status), "statuses", List(known...))}
}

// StillShows is the problem when what was set is not what is shown.
func StillShows(what, shown problem.Text) *problem.Problem {
	return &problem.Problem{Kind: problem.Refused, What: problem.Say("{what} still shows “{state}”", "what", what, "state", shown)}
}

// SetBut is the problem when a status was set and then something went wrong.
func SetBut(status string, err error) *problem.Problem {
	p := *problem.Of(err)
	p.What, p.Unsure = problem.Say("“{status}” was set, but: {problem}", "status", Known(status), "problem", p.What), true
	return &p
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
