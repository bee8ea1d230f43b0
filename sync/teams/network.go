package teams

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/offhook/offhook/sync/problem"
)

// networkProblem makes a failure to reach a server readable. write: the request changes something, and may
// have done so although no answer came.
func networkProblem(err error, host string, write bool) *problem.Problem {
	p := &problem.Problem{Kind: problem.Unreachable, Unsure: write, Err: err}
	var (
		badCert *tls.CertificateVerificationError
		expired x509.CertificateInvalidError
		notTLS  tls.RecordHeaderError
		dns     *net.DNSError
		op      *net.OpError
		timeout net.Error
	)
	switch {
	case errors.As(err, &badCert):
		p.Kind, p.Unsure = problem.Certificate, false
		p.What = fmt.Sprintf("The certificate of %s is not trusted", host)
		p.Do = "If your company inspects its traffic, give its root certificate in the settings"
		if errors.As(err, &expired) && expired.Reason == x509.Expired {
			p.What = fmt.Sprintf("The certificate of %s is out of date, or the clock of this computer is wrong", host)
			p.Do = "Check the clock of this computer"
		} else if certs := badCert.UnverifiedCertificates; len(certs) > 0 {
			if issuer := certs[0].Issuer.String(); issuer != "" {
				p.What += fmt.Sprintf(": it was issued by %s", issuer)
			}
		}
	case errors.Is(err, context.Canceled):
		p.What = "The request was given up"
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		p.Unsure = false
		p.What = fmt.Sprintf("The proxy on the way to %s asks for a user name and a password", host)
		p.Do = "Set the proxy with both in the environment variable HTTPS_PROXY, or ask your administrator to let Offhook pass"
	case errors.As(err, &op) && op.Op == "proxyconnect":
		p.Unsure = false
		p.What = fmt.Sprintf("The proxy on the way to %s cannot be reached", host)
		p.Do = "Check the network and the proxy settings"
	case errors.As(err, &dns):
		p.Unsure = false
		p.What = fmt.Sprintf("The name %s cannot be found", host)
		p.Do = "Check the network connection"
	case errors.As(err, &notTLS), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		p.Unsure = false
		p.What = fmt.Sprintf("%s does not speak TLS", host)
		p.Do = "Check the network (a proxy may be in between) and the address in the settings"
	case errors.As(err, &timeout) && timeout.Timeout():
		p.What = fmt.Sprintf("%s did not answer in time", host)
		p.Do = "Check the network connection"
	default:
		p.What = fmt.Sprintf("%s cannot be reached", host)
		p.Do = "Check the network connection"
	}
	if errors.As(err, &op) && op.Op == "dial" {
		p.Unsure = false // nothing was sent
	}
	return p
}
