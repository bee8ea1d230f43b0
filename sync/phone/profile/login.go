package profile

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"
	"time"
)

// renew makes a new session by the old one's refresh token, or by signing in.
func (c *client) renew(ctx context.Context, old session) (session, error) {
	in := c.p.file.SignIn.Login
	if in.Refresh != nil && old.refresh != "" {
		s, err := c.logIn(ctx, in.Refresh, old)
		if err == nil || !refused(err) {
			return s, err
		}
	}
	s, err := c.logIn(ctx, &in.Request, session{})
	if refused(err) {
		err = c.refuse(err)
	}
	return s, err
}

// errRefused marks an answer that calls itself a success and holds no token.
var errRefused = errors.New("no token")

// refused tells whether an error says that the login is wrong. Not found, time-outs and too many requests say
// nothing about it.
func refused(err error) bool {
	var a *answerError
	return errors.Is(err, errRefused) || errors.As(err, &a) && (a.expired || refusesLogin(a.status))
}

// logIn sends a login request, or one that renews a session, and reads the answer.
func (c *client) logIn(ctx context.Context, r *request, old session) (session, error) {
	in := c.p.file.SignIn.Login
	s := session{refresh: old.refresh, kept: old.kept, jar: old.jar}
	if in.Cookies && s.jar == nil {
		s.jar, _ = cookiejar.New(nil) // never fails
	}
	x := c.exchange(ctx, false)
	defer x.end()
	x.challenge = in.Challenge
	resp, err := x.open(r, session{jar: s.jar}, map[string]string{"refresh_token": old.refresh}, accepts(c.form(r)))
	if err != nil {
		return session{}, err
	}
	defer resp.Body.Close()
	data, err := x.all(resp.Body)
	if err != nil {
		return session{}, err
	}
	v := c.visible.of(resp.StatusCode, resp.Header)
	v.secrets = c.secrets()
	answer, err := decodeAnswer(c.form(r), data)
	switch {
	case errors.Is(err, errWebPage):
		return session{}, c.webPage()
	case err != nil && !in.Challenge && in.Token != nil:
		return session{}, c.notOfForm(strings.ToUpper(c.form(r)), nil)
	}
	if err := x.inTruth(resp, answer); err != nil {
		return session{}, errors.Join(errRefused, err)
	}
	// What lies beneath these errors may show the token: it is left out.
	misunderstood := c.misunderstood(nil)
	if in.Token != nil {
		if s.token, err = in.Token.value(ctx, answer, v); err != nil {
			return session{}, misunderstood
		}
		if s.token == "" {
			a := &answerError{status: resp.StatusCode, said: c.vendorSays(ctx, answer, v), request: c.requestID(resp)}
			return session{}, errors.Join(errRefused, a)
		}
	}
	if in.RefreshToken != nil {
		if next, err := in.RefreshToken.value(ctx, answer, v); err != nil {
			return session{}, misunderstood
		} else if next != "" {
			s.refresh = next
		}
	}
	if in.ExpiresIn != nil {
		if seconds, err := in.ExpiresIn.value(ctx, answer, v); err == nil {
			if n, err := strconv.ParseFloat(seconds, 64); err == nil && n > 0 && n < 1e9 {
				s.expires = until(time.Duration(n * float64(time.Second)))
			}
		}
	}
	if r == &in.Request {
		if s.kept, err = c.keep(ctx, in.Keep, answer, v); err != nil {
			return session{}, err
		}
	}
	return s, nil
}

// refusesLogin tells whether an answer's status says that the login is wrong.
func refusesLogin(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status >= 400 && status < 500
}
