package profile

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// session is what a sign-in gave: a token, or cookies. Some sign-ins need none.
type session struct {
	n       int // counts the sessions
	token   string
	refresh string         // a login's
	jar     *cookiejar.Jar // where the session is cookies
	kept    map[string]any // what else the login's answer held
	expires time.Time      // zero: not told
	dead    bool           // it was turned down
}

func (s session) good() bool {
	return s.n > 0 && !s.dead && (s.expires.IsZero() || time.Now().Before(s.expires))
}

// until is the end of something that lives for so long, a little early: it must not end on its way.
func until(life time.Duration) time.Time {
	return time.Now().Add(life - min(life/10, 30*time.Second))
}

var bearerHeader = send{Headers: map[string]template{"Authorization": {parts: []piece{{text: "Bearer "}, {name: "token"}}}}}

// shown is what shows a key or a session to the server.
func (in *signIn) shown(s session) send {
	switch {
	case in == nil:
	case in.Key != nil:
		return *in.Key
	case s.token == "":
	case in.Login != nil && in.Login.Send != nil:
		return *in.Login.Send
	case in.Login != nil, in.OAuth != nil:
		return bearerHeader
	}
	return send{}
}

// credentials shows what needs no session.
func (in *signIn) credentials(req *http.Request, values map[string]string) {
	switch {
	case in == nil:
	case in.Basic != nil:
		req.SetBasicAuth(in.Basic.User.plain(values), in.Basic.Password.plain(values))
	case in.Bearer != nil:
		req.Header.Set("Authorization", "Bearer "+in.Bearer.Token.plain(values))
	}
}

// sessions tells whether there is a session to renew; else each request shows what was entered.
func (in *signIn) sessions() bool { return in != nil && (in.Login != nil || in.OAuth != nil) }

// challenged tells whether the token is computed here, so that only its use shows whether it is right.
func (in *signIn) challenged() bool { return in != nil && in.Login != nil && in.Login.Challenge }

// errUnauthorized marks an answer 401, which may only mean that a token has expired.
var errUnauthorized = errors.New("401")

// signedIn does something with a session, and once more with a new one where the session has expired.
// Where there is no session to renew, the answer 401 is final: what was entered is wrong. Until that has been
// accepted once, one request goes at a time: a wrong password must not be sent twice.
func (c *client) signedIn(ctx context.Context, do func(session) error) error {
	in := c.p.file.SignIn
	if !in.sessions() || in.challenged() {
		c.mu.Lock()
		accepted := c.accepted
		c.mu.Unlock()
		if !accepted {
			if err := hold(ctx, c.proving); err != nil {
				return c.stopped(err)
			}
			defer func() { <-c.proving }()
		}
	}
	for attempt := 1; ; attempt++ {
		s, err := c.signIn(ctx)
		if err != nil {
			return err
		}
		if err = c.learn(ctx, s); err == nil {
			err = do(s)
		}
		if !errors.Is(err, errUnauthorized) {
			if err == nil {
				c.accept(s)
			}
			return err
		}
		if !in.sessions() || in.challenged() && !c.wasAccepted(s) {
			return c.refuse(err)
		}
		c.expire(s)
		if attempt == 2 {
			return &problem.Problem{Kind: problem.Forbidden,
				What: problem.Say("{phone} does not accept the sign-in it has just granted", "phone", c.who()),
				Do:   problem.Say("Ask whoever runs the phone system whether this user may use its API"), Err: err}
		}
	}
}

// hold takes what one may hold at a time; it is given back by taking the one thing out of it again.
func hold(ctx context.Context, what chan struct{}) error {
	select {
	case what <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *client) accept(s session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted, c.proven = true, max(c.proven, s.n)
}

func (c *client) wasAccepted(s session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.proven >= s.n
}

// signIn answers the session, a new one where there is none. Only one signs in at a time.
func (c *client) signIn(ctx context.Context) (session, error) {
	in := c.p.file.SignIn
	if !in.sessions() {
		return session{}, nil
	}
	if err := hold(ctx, c.login); err != nil {
		return session{}, c.stopped(err)
	}
	defer func() { <-c.login }()
	c.mu.Lock()
	s, refused := c.session, c.refused
	c.mu.Unlock()
	switch {
	case refused != nil:
		return session{}, refused
	case s.good():
		return s, nil
	}
	n := s.n
	var err error
	if in.OAuth != nil {
		s, err = c.authorized(ctx)
	} else {
		s, err = c.renew(ctx, s)
	}
	if err != nil {
		return session{}, err
	}
	s.n = n + 1
	c.hide(s.token)
	c.hide(s.refresh)
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	c.log.Debug("phone signed in", "phone", c.p.System.ID)
	return s, nil
}

func (c *client) expire(s session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.n == s.n {
		c.session.dead, c.spent = true, s.token
	}
}

// refusal is the problem of what the person entered being wrong. What the vendor says in the error is told.
func (c *client) refusal(cause error) *problem.Problem {
	p := &problem.Problem{Kind: problem.BadLogin, Err: cause,
		What: problem.Say("{phone} refused the sign-in", "phone", c.who()),
		Do:   problem.Say("Enter the right user name and password for this phone in the settings")}
	var a *answerError
	if errors.As(cause, &a) {
		p.What = a.after(p.What)
	}
	return p
}

// refuse remembers that what the person entered is wrong: it is never sent again until they change it or ask
// for it, since some phone systems lock out whoever tries often.
func (c *client) refuse(cause error) error {
	p := c.refusal(cause)
	c.store.refuse(c.fingerprint())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = p
	return p
}

// anew forgets that the sign-in was refused, and what was learned with it.
func (c *client) anew() {
	c.store.unrefuse()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused, c.knows, c.learned = nil, false, map[string]any{}
	c.session.dead = true
}

// wake ends the waiting for the person to sign in.
func (c *client) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.woken)
	c.woken = make(chan struct{})
}

// nextSignIn is closed when the person has signed in from now on.
func (c *client) nextSignIn() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.woken
}

// byBrowser tells whether the person signs in with their browser.
func (in *signIn) byBrowser() bool { return in != nil && in.OAuth != nil && !in.OAuth.byPassword() }

// SignIn signs in anew: in the browser where the phone system has it so, else with what is entered.
func (d *device) SignIn(ctx context.Context) error {
	if d.p.file.SignIn.byBrowser() {
		if err := d.byBrowser(ctx); err != nil {
			return err
		}
		d.anew()
		d.wake()
		return nil
	}
	d.anew()
	_, err := d.read(ctx)
	d.wake()
	if errors.Is(err, errNotKnown) {
		return nil
	}
	return err
}

// SignOut forgets the sign-in.
func (d *device) SignOut() error {
	d.anew()
	d.mu.Lock()
	d.tokens, d.unsaved = nil, false
	d.session.refresh = ""
	d.mu.Unlock()
	return d.store.forget()
}
