package profile

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// authorized makes a session of the tokens there are, or of renewed ones. A refresh token may be good for one
// use only, and the one before dies once the new access token is used: so what was renewed is saved before it
// is used, and not used where it cannot be saved. However the program ends, the sign-in is not lost.
func (c *client) authorized(ctx context.Context) (session, error) {
	o := c.p.file.SignIn.OAuth
	c.mu.Lock()
	t, unsaved, spent := c.tokens, c.unsaved, c.spent
	c.mu.Unlock()
	if t == nil && !o.byPassword() {
		t = c.store.tokens()
	}
	var err error
	switch {
	case unsaved:
		if err := c.keepTokens(t); err != nil {
			return session{}, err
		}
	case t != nil && t.Access != spent && (t.Expires.IsZero() || time.Now().Before(t.Expires)):
		c.mu.Lock()
		c.tokens = t
		c.mu.Unlock()
	case t != nil && t.Refresh != "":
		t, err = c.refresh(ctx, t)
	default:
		t, err = c.firstTokens(ctx)
	}
	if err != nil {
		return session{}, err
	}
	return session{token: t.Access, expires: t.Expires}, nil
}

func (c *client) refresh(ctx context.Context, old *tokens) (*tokens, error) {
	t, err := c.grant(ctx, map[string]template{"grant_type": literal("refresh_token"), "refresh_token": literal(old.Refresh)})
	if refused(err) {
		var a *answerError
		switch errors.As(err, &a); a.code {
		case "invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "unsupported_grant_type", "temporarily_unavailable":
			return nil, &problem.Problem{Kind: problem.Forbidden, What: a.after(problem.Say("{phone} does not let Offhook renew the sign-in", "phone", c.who())),
				Do: problem.Say("Ask whoever registered the app for it whether the registration still stands"), Err: err}
		}
		c.mu.Lock()
		c.tokens = nil
		c.mu.Unlock()
		if !c.p.file.SignIn.OAuth.byPassword() {
			_ = c.store.forget()
		}
		return c.firstTokens(ctx)
	}
	if err != nil {
		return nil, err
	}
	if t.Refresh == "" {
		t.Refresh = old.Refresh
	}
	return t, c.keepTokens(t)
}

// firstTokens signs in with the password, or says that the person has to.
func (c *client) firstTokens(ctx context.Context) (*tokens, error) {
	o := c.p.file.SignIn.OAuth
	if !o.byPassword() {
		if err := c.store.unread(); err != nil {
			return nil, err
		}
		return nil, &problem.Problem{Kind: problem.SignedOut, What: problem.Say("Nobody is signed in to {phone}", "phone", c.title()),
			Do: problem.Say("Sign in to this phone")}
	}
	form := map[string]template{"grant_type": literal("password"), "username": *o.User, "password": *o.Password}
	if o.Scope != nil {
		form["scope"] = *o.Scope
	}
	t, err := c.grant(ctx, form)
	if refused(err) {
		return nil, c.refuse(err)
	}
	if err != nil {
		return nil, err
	}
	return t, c.keepTokens(t)
}

// keepTokens saves tokens before their first use. Those a password gives are kept in memory only.
func (c *client) keepTokens(t *tokens) error {
	var err error
	if !c.p.file.SignIn.OAuth.byPassword() {
		err = c.store.save(t)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tokens, c.unsaved = t, err != nil
	if err != nil {
		return &problem.Problem{Kind: problem.Keyring, What: problem.Say("{phone}: the renewed sign-in cannot be saved, so it is not used yet", "phone", c.title()),
			Do: problem.Say("Check that the disk is not full and the configuration folder is yours"), Err: err}
	}
	return nil
}

// grant asks the token endpoint.
func (c *client) grant(ctx context.Context, form map[string]template) (*tokens, error) {
	o := c.p.file.SignIn.OAuth
	r := &request{Method: text{s: "POST"}, URL: &o.Token, Form: form, Answer: text{s: answerJSON}}
	for name, t := range o.Extra {
		form[name] = t
	}
	values := c.values(session{}, nil)
	secret := ""
	if o.ClientSecret != nil {
		secret = o.ClientSecret.plain(values)
	}
	switch {
	case secret == "": // a public client
		form["client_id"] = o.ClientID
	case o.ClientAuth.s == "basic":
		r.Headers = map[string]template{"Authorization": literal(basicAuth(url.QueryEscape(o.ClientID.plain(values)), url.QueryEscape(secret)))}
	default:
		form["client_id"], form["client_secret"] = o.ClientID, literal(secret)
	}
	x := c.exchange(ctx, false)
	defer x.end()
	resp, err := x.open(r, session{}, nil, "application/json")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := x.all(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Access    string      `json:"access_token"`
		Refresh   string      `json:"refresh_token"`
		ExpiresIn json.Number `json:"expires_in"` // a number, or a text that holds one
	}
	if json.Unmarshal(data, &answer) != nil || answer.Access == "" {
		return nil, c.misunderstood(errors.New("the answer to the sign-in holds no token"))
	}
	t := &tokens{Access: answer.Access, Refresh: answer.Refresh}
	c.hide(t.Access)
	c.hide(t.Refresh)
	if n, err := answer.ExpiresIn.Float64(); err == nil && n > 0 && n < 1e9 {
		t.Expires = until(time.Duration(n * float64(time.Second)))
	}
	return t, nil
}

func literal(s string) template { return template{parts: []piece{{text: s}}} }
