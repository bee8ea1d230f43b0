package profile

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// byBrowser has the person sign in on the phone system's own page (RFC 6749 with PKCE, RFC 7636, and a
// redirect to loopback, RFC 8252).
func (c *client) byBrowser(ctx context.Context) error {
	if c.browse == nil {
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone} is signed in to with a browser, and there is none here", "phone", c.title()),
			Do: problem.Say("Sign in from the computer's desktop")}
	}
	o := c.p.file.SignIn.OAuth
	values := c.values(session{}, nil)
	redirect, listener, err := c.listen(values)
	if err != nil {
		return err
	}
	verifier, state := random(), random()
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{"response_type": {"code"}, "client_id": {o.ClientID.plain(values)}, "redirect_uri": {redirect.String()},
		"state": {state}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}}
	if o.Scope != nil {
		query.Set("scope", o.Scope.plain(values))
	}
	for name, t := range o.Extra {
		query.Set(name, t.plain(values))
	}
	code, err := c.codeFrom(ctx, listener, redirect.Path, state, o.Authorize.address(values)+"?"+query.Encode())
	if err != nil {
		return err
	}
	if err := hold(ctx, c.login); err != nil {
		return c.stopped(err)
	}
	defer func() { <-c.login }()
	t, err := c.grant(ctx, map[string]template{"grant_type": literal("authorization_code"), "code": literal(code),
		"redirect_uri": literal(redirect.String()), "code_verifier": literal(verifier)})
	if err != nil {
		return err
	}
	return c.keepTokens(t)
}

// listen waits for the browser at the redirect's address, on this computer alone.
func (c *client) listen(values map[string]string) (*url.URL, net.Listener, error) {
	address := "http://127.0.0.1/"
	if t := c.p.file.SignIn.OAuth.Redirect; t != nil {
		address = t.address(values)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" && u.Hostname() != "::1" {
		return nil, nil, &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone}: the redirect does not lead to this computer", "phone", c.title()),
			Do: problem.Say("Name one that begins with {address} or {other}, and register it so", "address", "http://127.0.0.1", "other", "http://localhost"), Err: err}
	}
	u.Path = cmp.Or(u.Path, "/")
	l, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "0")))
	if err != nil {
		return nil, nil, &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone}: nothing can listen for the browser at {address}", "phone", c.title(), "address", u.Host),
			Do: problem.Say("End what else uses that port, or enter another one that is registered"), Err: err}
	}
	if u.Port() == "" {
		_, port, _ := net.SplitHostPort(l.Addr().String())
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, l, nil
}

// codeFrom opens the browser and answers the code with which it comes back.
func (c *client) codeFrom(ctx context.Context, l net.Listener, path, state, address string) (string, error) {
	type outcome struct {
		code string
		err  error
	}
	came := make(chan outcome, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var o outcome
		switch {
		case r.URL.Path != path:
			http.NotFound(w, r)
			return
		case q.Get("state") != state: // not our browser: it may not end the sign-in either
			http.Error(w, "This page is only for the sign-in that Offhook has begun.", http.StatusBadRequest)
			return
		case q.Get("code") != "":
			o.code = q.Get("code")
			_, _ = io.WriteString(w, "You are signed in. You can close this page.\n")
		default:
			refused := &answerError{said: c.blanked(cmp.Or(q.Get("error_description"), q.Get("error")))}
			o.err = &problem.Problem{Kind: problem.SignedOut, What: refused.after(problem.Say("{phone} did not sign you in", "phone", c.title())),
				Do: problem.Say("Sign in to this phone")}
			http.Error(w, "You are not signed in. Offhook says why.", http.StatusForbidden)
		}
		select {
		case came <- o:
		default:
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(end) != nil {
			_ = server.Close()
		}
		<-ended
	}()
	if err := c.browse(ctx, address); err != nil {
		return "", &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone}: the browser cannot be opened for the sign-in", "phone", c.title()),
			Do: problem.Say("Choose a browser in the computer's settings"), Err: err}
	}
	select {
	case o := <-came:
		return o.code, o.err
	case <-ctx.Done():
		return "", &problem.Problem{Kind: problem.SignedOut, What: problem.Say("{phone}: the sign-in was not finished", "phone", c.title()),
			Do: problem.Say("Sign in to this phone"), Err: ctx.Err()}
	}
}

func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func basicAuth(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
