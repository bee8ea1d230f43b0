// Package teams is the Teams side: the sign-in at Microsoft Entra, Microsoft Graph's presence calls, and the
// pace at which presence is read. It must not know a phone, the engine's rules or a screen.
//
// There is no push for one person's own presence on a desktop, so it is read again and again. The limit on
// requests is shared by everybody in the organisation who runs the program; when to read next is therefore
// decided in one place, package pace, by a pure function of what is known.
package teams

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// Secrets keeps the sign-in over a restart. An implementation may also have a method Unread() error that says
// why what it has kept cannot be read: a locked keyring is then told as such, and not as "nobody is signed in".
type Secrets interface {
	Get(name string) ([]byte, bool)
	Set(name string, value []byte) error
	Delete(names ...string) error
}

// Config is what a Side needs. Only ClientID and Secrets have no default.
type Config struct {
	ClientID          string // the application's registration; also its session's id
	Tenant            string // default "organizations"
	Authority         string // default the one of Graph's cloud: "https://login.microsoftonline.com/" + Tenant
	Graph             string // default the one of Authority's cloud: "https://graph.microsoft.com/v1.0"
	InstanceDiscovery bool   // let Microsoft vouch for the authority; only ever done for Microsoft's own hosts
	HTTP              *http.Client
	Secrets           Secrets
	Log               *slog.Logger
	Pace              pace.Options // what is known of how often may be read
}

const defaultTenant = "organizations"

// Side is one person's Teams. Its methods may be called from several goroutines at once.
// Errors are *problem.Problem.
type Side struct {
	account *account
	graph   *graph
	reader  *reader
	order   order
}

// New makes a Side. It does not talk to anybody yet.
func New(c Config) (*Side, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	a, err := newAccount(c)
	if err != nil {
		return nil, err
	}
	s := &Side{account: a}
	s.graph = &graph{
		base:      c.Graph,
		sessionID: c.ClientID,
		http:      c.HTTP,
		tokens:    a,
		log:       c.Log,
	}
	s.reader = newReader(s.graph.read, a.ready, c.Pace)
	s.graph.throttle = s.reader
	a.changed = s.accountChanged
	return s, nil
}

// accountChanged has presence read by whoever is signed in now: what failed before was another's failure.
func (s *Side) accountChanged(what string) {
	s.reader.tell(func(p *pace.Pacer, _ time.Time) { p.Anew() })
	s.reader.event(what)
}

// complete checks what is given and fills in the rest.
func (c *Config) complete() (err error) {
	if c.ClientID = strings.TrimSpace(c.ClientID); c.ClientID == "" {
		return &problem.Problem{
			Kind: problem.Settings,
			What: problem.Say("No app registration is set, so nobody can sign in"),
			Do:   problem.Say("Put the id of your app registration into the settings as client_id"),
		}
	}
	if c.Secrets == nil {
		return fmt.Errorf("teams: a Config needs Secrets")
	}
	if c.Tenant == "" {
		c.Tenant = defaultTenant
	}
	if err := c.completeAddresses(); err != nil {
		return err
	}
	c.Graph = strings.TrimRight(c.Graph, "/")
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.HTTP == nil {
		if c.HTTP, err = NewHTTPClient(nil); err != nil {
			return err
		}
	}
	// Tokens go where they were meant to go, and nowhere a redirect points.
	client := *c.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.HTTP = &client

	authority, err := checkURL("authority", c.Authority, false)
	if err != nil {
		return err
	}
	if strings.Trim(authority.Path, "/") == "" {
		return &problem.Problem{
			Kind: problem.Settings,
			What: problem.Say("The setting authority, {authority}, names no tenant", "authority", c.Authority),
			Do:   problem.Say("Write it like https://login.microsoftonline.com/organizations"),
		}
	}
	c.InstanceDiscovery = c.InstanceDiscovery && microsoftHost(authority.Hostname())
	_, err = checkURL("graph", c.Graph, true)
	return err
}

// checkURL refuses addresses to which a token would travel in the clear; plain loopback is for simulations.
func checkURL(setting, text string, loopback bool) (*url.URL, error) {
	u, err := url.Parse(text)
	if err == nil && u.Host != "" {
		if u.Scheme == "https" {
			return u, nil
		}
		ip := net.ParseIP(u.Hostname())
		if u.Scheme == "http" && loopback && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()) {
			return u, nil
		}
	}
	return nil, &problem.Problem{
		Kind: problem.Settings,
		What: problem.Say("The setting {setting}, {text}, is not an https address", "setting", setting, "text", text),
		Do:   problem.Say("Correct it in the settings"),
		Err:  err,
	}
}

// microsoftHost tells whether a host is one of Microsoft's for signing in, national clouds included.
func microsoftHost(host string) bool {
	for _, domain := range []string{
		"microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn", "login.microsoft.com",
		"login.windows.net", "sts.windows.net", "login.usgovcloudapi.net", "login.chinacloudapi.cn",
	} {
		if host = strings.ToLower(host); host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// SignIn signs a person in; until ctx ends, they have ten minutes.
func (s *Side) SignIn(ctx context.Context, how SignIn) (Account, error) {
	return s.account.signIn(ctx, how)
}

// SignOut forgets who is signed in and every token. What is held in Teams must be given back before.
func (s *Side) SignOut(ctx context.Context) error { return s.account.signOut(ctx) }

// Account tells who is signed in, also where that sign-in has lapsed.
func (s *Side) Account() (Account, bool) { return s.account.who() }

// Watch reads presence again and again until ctx ends, and reports each reading and each failure. asked is
// when the request was sent. While nobody is signed in it says so once and waits for a sign-in.
// report is called from one goroutine at a time.
func (s *Side) Watch(ctx context.Context, report func(p presence.Presence, asked time.Time, err error)) {
	s.reader.watch(ctx, func(p presence.Presence, asked time.Time, err error) {
		if err == nil && s.order.older(s.account.userID(), p.Sequence, asked) {
			s.reader.event("Graph answered what it had shown before")
			return
		}
		report(p, asked, err)
	})
}

// Nudge says that something happened, so that presence is read at once (or, nudged again and again, soon);
// why becomes part of Next's reason.
func (s *Side) Nudge(why string) {
	s.account.reload()
	s.account.happened()
	s.reader.look(why)
}

// Hint says what the operating system told: presence is read at once, or more slowly, and that is all.
func (s *Side) Hint(h pace.Hint) { s.reader.hint(h) }

// Pace is what the time of the next read depends on.
func (s *Side) Pace() pace.Known { return s.reader.known() }

// Next tells when presence is read next, and why then. Zero: not before something happens.
func (s *Side) Next() (at time.Time, because string) { return s.reader.upcoming() }

// Requests are the latest writes and failures, for support; the oldest first.
func (s *Side) Requests() []Request { return s.graph.requests() }

// SetSession makes the application's presence session show a pair; it ends by itself after d (5 minutes to
// 4 hours) unless set again.
func (s *Side) SetSession(ctx context.Context, p presence.Pair, d time.Duration) error {
	return s.wrote("Offhook set your presence", s.graph.setSession(ctx, p, d))
}

// ClearSession ends the application's presence session; there being none is success.
func (s *Side) ClearSession(ctx context.Context) error {
	return s.wrote("Offhook gave your presence back", s.graph.clearSession(ctx))
}

// SetPreferred sets the user-preferred presence, as if chosen in Teams, for d.
func (s *Side) SetPreferred(ctx context.Context, p presence.Pair, d time.Duration) error {
	return s.wrote("Offhook set your status", s.graph.setPreferred(ctx, p, d))
}

// ClearPreferred ends the user-preferred presence, as Teams' "reset status" does.
func (s *Side) ClearPreferred(ctx context.Context) error {
	return s.wrote("Offhook gave your status back", s.graph.clearPreferred(ctx))
}

// SetMessage sets the status message; it ends by itself after d unless set again.
func (s *Side) SetMessage(ctx context.Context, text string, d time.Duration) error {
	return s.wrote("Offhook set your status message", s.graph.setMessage(ctx, text, time.Now().Add(d)))
}

// ClearMessage removes the status message.
func (s *Side) ClearMessage(ctx context.Context) error {
	return s.wrote("Offhook removed its status message", s.graph.setMessage(ctx, "", time.Time{}))
}

// wrote has presence read soon after a write, also after one that may have been carried out.
func (s *Side) wrote(what string, err error) error {
	if err == nil || problem.Of(err).Unsure {
		s.reader.event(what)
	}
	return err
}
