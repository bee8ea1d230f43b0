package teams

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"

	"github.com/offhook/offhook/sync/problem"
)

// networkProblem makes a failure to reach a server readable. write: the request changes something, and may
// have done so although no answer came.
func networkProblem(err error, host string, write bool) *problem.Problem {
	var (
		badCert *tls.CertificateVerificationError
		notTLS  tls.RecordHeaderError
		dns     *net.DNSError
		op      *net.OpError
		timeout net.Error
	)
	name, sure := "unreachable", false
	switch {
	case errors.As(err, &badCert):
		return badCertificate(badCert, host)
	case errors.Is(err, context.Canceled):
		return &problem.Problem{Kind: problem.Unreachable, Unsure: write, Err: err, What: problem.Say("The request was given up")}
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		name, sure = "proxy-password", true
	case errors.As(err, &op) && op.Op == "proxyconnect":
		name, sure = "proxy-unreachable", true
	case errors.As(err, &dns):
		name, sure = "no-network", true
	case errors.As(err, &notTLS), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		name, sure = "no-tls", true
	case errors.As(err, &timeout) && timeout.Timeout():
		name = "no-answer"
	}
	p := in(name, "server", host)
	// A request of which nothing was sent has done nothing.
	p.Unsure = write && !sure && !(errors.As(err, &op) && op.Op == "dial")
	p.Err = err
	return p
}

func badCertificate(bad *tls.CertificateVerificationError, host string) *problem.Problem {
	p := in("certificate-untrusted", "server", host)
	var invalid x509.CertificateInvalidError
	if errors.As(bad, &invalid) && invalid.Reason == x509.Expired {
		p = in(clockWrong)
		p.Kind, p.What = problem.Certificate, problem.Say("The clock of this computer is wrong, or the certificate of {server} is out of date", "server", host)
	} else if certs := bad.UnverifiedCertificates; len(certs) > 0 {
		if issuer := certs[0].Issuer.String(); issuer != "" {
			p.What = problem.Say("The certificate of {server} is not trusted: it was issued by {issuer}", "server", host, "issuer", issuer)
		}
	}
	p.Err = bad
	return p
}
