package teams

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// NewHTTPClient makes the client for Microsoft: it goes through the system's proxy, trusts the system's root
// certificates and those given (PEM, may be empty), and never waits for ever.
func NewHTTPClient(extraRootPEM []byte) (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(extraRootPEM) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(extraRootPEM) {
			return nil, &problem.Problem{
				Kind: problem.Settings,
				What: problem.Say("The extra root certificate holds no certificate"),
				Do:   problem.Say("Give a file in PEM form, which begins with -----BEGIN CERTIFICATE-----"),
				Err:  errors.New("no PEM certificate"),
			}
		}
		config.RootCAs = pool
	}
	// One request at a time is all there is, so HTTP/1.1 does: a connection that died while the computer
	// slept is then found out by the first request on it, and closed.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Client{
		Timeout: 60 * time.Second,
		Transport: &http.Transport{
			Proxy:                 systemProxy(),
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:       config,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 20 * time.Second,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   2,
			Protocols:             &protocols,
		},
	}, nil
}
