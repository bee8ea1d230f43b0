package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// session is what a sign-in gave: the token of a login request. Other sign-ins need none.
type session struct {
	token   string
	expires time.Time // zero: not told
}

func (s session) good() bool {
	return s.token != "" && (s.expires.IsZero() || time.Now().Before(s.expires))
}

// headers are those that show a session to the server.
func (s session) headers(in *signIn) map[string]template {
	if in == nil || in.Login == nil || s.token == "" {
		return nil
	}
	if in.Login.Send != nil {
		return in.Login.Send
	}
	return map[string]template{"Authorization": {parts: []piece{{text: "Bearer "}, {name: "token"}}}}
}

// credentials shows what needs no session.
func credentials(in *signIn, req *http.Request, values map[string]string) {
	switch {
	case in == nil:
	case in.Basic != nil:
		req.SetBasicAuth(in.Basic.User.plain(values), in.Basic.Password.plain(values))
	case in.Bearer != nil:
		req.Header.Set("Authorization", "Bearer "+in.Bearer.Token.plain(values))
	}
}

// errUnauthorized marks an answer 401, which may only mean that a token has expired.
var errUnauthorized = errors.New("401")

// signedIn does something with a session, and once more with a new one where the session has expired.
// Where there is no session to renew, the answer 401 is final: what was entered is wrong.
func (c *client) signedIn(ctx context.Context, do func(session) error) error {
	if in := c.p.file.SignIn; in == nil || in.Login == nil {
		return c.stateless(ctx, do)
	}
	for attempt := 1; ; attempt++ {
		s, err := c.signIn(ctx)
		if err != nil {
			return err
		}
		err = do(s)
		if !errors.Is(err, errUnauthorized) {
			return err
		}
		c.expire(s)
		if attempt == 2 {
			return &problem.Problem{Kind: problem.Forbidden,
				What: c.who() + " does not accept the sign-in it has just granted",
				Do:   "Ask whoever runs the phone system whether this user may use its API", Err: err}
		}
	}
}

// stateless does something that shows the password itself. Until the password has been accepted once, one
// request goes at a time: a wrong one must not be sent twice.
func (c *client) stateless(ctx context.Context, do func(session) error) error {
	c.mu.Lock()
	accepted := c.accepted
	c.mu.Unlock()
	if !accepted {
		if err := c.lock(ctx); err != nil {
			return err
		}
		defer func() { <-c.login }()
	}
	err := do(session{})
	if errors.Is(err, errUnauthorized) {
		return c.refuse(err)
	}
	if err == nil {
		c.mu.Lock()
		c.accepted = true
		c.mu.Unlock()
	}
	return err
}

// lock makes the caller the only one who signs in, until it takes the one thing out of c.login again.
func (c *client) lock(ctx context.Context) error {
	select {
	case c.login <- struct{}{}:
		return nil
	case <-ctx.Done():
		return c.stopped(ctx.Err())
	}
}

// signIn answers the session, a new one where there is none. Only one signs in at a time.
func (c *client) signIn(ctx context.Context) (session, error) {
	if err := c.lock(ctx); err != nil {
		return session{}, err
	}
	defer func() { <-c.login }()
	c.mu.Lock()
	s, refused := c.session, c.refused
	c.mu.Unlock()
	if refused != nil {
		return session{}, refused
	}
	if s.good() {
		return s, nil
	}
	s, err := c.logIn(ctx)
	if err != nil {
		return session{}, err
	}
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	return s, nil
}

func (c *client) expire(s session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.token == s.token {
		c.session = session{}
	}
}

// refuse remembers that what the person entered is wrong: it is never sent again by this phone, since some
// phone systems lock out whoever tries often.
func (c *client) refuse(cause error) error {
	p := &problem.Problem{Kind: problem.BadLogin,
		What: c.who() + " refused the sign-in" + said(cause),
		Do:   "Enter the right user name and password for this phone in the settings", Err: cause}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = p
	return p
}

// logIn sends the login request.
func (c *client) logIn(ctx context.Context) (session, error) {
	in := c.p.file.SignIn.Login
	x := c.exchange(ctx, false)
	defer x.end()
	resp, err := x.open(&in.Request, session{}, nil, "application/json")
	if err != nil {
		var down *answerError
		if errors.As(err, &down) && (errors.Is(err, errUnauthorized) || refusesLogin(down.status)) {
			return session{}, c.refuse(err)
		}
		return session{}, err
	}
	defer resp.Body.Close()
	data, err := x.all(resp.Body)
	if err != nil {
		return session{}, err
	}
	answer, err := decodeJSON(data)
	if err != nil {
		return session{}, c.nonsense("answered the sign-in with something that is not JSON", nil)
	}
	// What lies beneath these errors may show the token: it is left out.
	token, err := in.Token.value(ctx, answer, c.visible)
	if err != nil {
		return session{}, c.nonsense("answered the sign-in in a way its profile does not understand", nil)
	}
	if token == "" {
		return session{}, c.refuse(&answerError{status: resp.StatusCode, said: c.vendorSays(ctx, data)})
	}
	c.hide(token)
	s := session{token: token}
	if in.ExpiresIn != nil {
		if seconds, err := in.ExpiresIn.value(ctx, answer, c.visible); err == nil {
			if n, err := strconv.ParseFloat(seconds, 64); err == nil && n > 0 && n < 1e9 {
				life := time.Duration(n * float64(time.Second))
				s.expires = time.Now().Add(life - min(life/10, 30*time.Second))
			}
		}
	}
	c.log.Debug("phone signed in", "phone", c.p.System.ID)
	return s, nil
}

// refusesLogin tells whether an answer to a login request says that the login is wrong. Not found, time-outs
// and too many requests say nothing about it.
func refusesLogin(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status >= 400 && status < 500
}

// decodeJSON reads exactly one JSON value; numbers keep all their digits.
func decodeJSON(data []byte) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}
