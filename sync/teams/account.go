package teams

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/offhook/offhook/sync/problem"
)

// Account is a person at Microsoft.
type Account struct {
	ID     string           `json:"id"`   // the object id
	Name   string           `json:"name"` // the user name, such as an e-mail address
	Lapsed *problem.Problem `json:"-"`    // why they must sign in again; nil: they need not
}

// The names under which the sign-in lies in Secrets.
const (
	secretTokens  = "teams/tokens"
	secretAccount = "teams/account"
)

// scopes are what is asked of Graph. The library adds what the sign-in itself needs.
func scopes() []string { return []string{"User.Read", "Presence.Read", "Presence.ReadWrite"} }

// account is who is signed in, and gives their tokens. The library's errors carry whole answers, perhaps
// with tokens in them, so none of them leaves this room as it is.
type account struct {
	clientID  string
	authority string
	client    public.Client
	secrets   Secrets
	log       *slog.Logger
	changed   func(what string) // somebody signed in or out, or must

	gate chan struct{} // one refresh at a time: the library does not see to that

	mu      sync.Mutex
	signing bool
	person  *person
	lapsed  *problem.Problem // why the sign-in no longer gives tokens
	claims  string           // what the next sign-in must also prove
	last    public.AuthResult
	lastGot time.Time // when last came from Microsoft, not from the cache
	pause   time.Time // no refresh before
	paused  *problem.Problem
	blocked bool // the pause is for the organisation's rules: no kind of token is to be had

	deviceWait time.Duration // after a network failure while waiting for a device code
	signInTime time.Duration
	listen     func(*slog.Logger) (*loopback, error)
}

// person is what is kept of who is signed in.
type person struct {
	Account
	Home string `json:"home"` // the library's id of the account
}

func newAccount(c Config) (*account, error) {
	a := &account{
		clientID:  c.ClientID,
		authority: c.Authority,
		secrets:   c.Secrets,
		log:       c.Log,
		changed:   func(string) {},
		gate:      make(chan struct{}, 1),

		deviceWait: 3 * time.Second,
		signInTime: signInTime,
		listen:     listenLoopback,
	}
	client, err := public.New(c.ClientID,
		public.WithAuthority(c.Authority),
		public.WithInstanceDiscovery(c.InstanceDiscovery),
		public.WithHTTPClient(entraClient{c.HTTP}),
		public.WithCache(tokenCache{c.Secrets, c.Log}),
		public.WithClientCapabilities([]string{"cp1"}), // continuous access evaluation; see graph.authorized
	)
	if err != nil {
		return nil, &problem.Problem{
			Kind: problem.Settings,
			What: problem.Say("The sign-in cannot be prepared with the client id, tenant and authority in the settings"),
			Do:   problem.Say("Check all three"),
			Err:  err,
		}
	}
	a.client = client
	a.reload()
	return a, nil
}

// reload looks for a sign-in that was kept, where nobody is signed in: secrets may have been unlocked.
func (a *account) reload() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.person != nil {
		return
	}
	kept, ok := a.secrets.Get(secretAccount)
	if !ok {
		return
	}
	var p person
	if err := json.Unmarshal(kept, &p); err != nil || p.Home == "" {
		a.log.Warn("the kept account is not understood and counts as none")
		return
	}
	a.person = &p
}

func (a *account) who() (Account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.person == nil {
		return Account{}, false
	}
	who := a.person.Account
	who.Lapsed = a.lapsed
	return who, true
}

func (a *account) userID() string {
	who, _ := a.who()
	return who.ID
}

// ready is nil when tokens can be had, else it says why not.
func (a *account) ready() *problem.Problem {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.notReady()
}

func (a *account) notReady() *problem.Problem {
	if a.lapsed != nil {
		return a.lapsed
	}
	if a.person != nil {
		return nil
	}
	// A sign-in that cannot be read is not the same as none.
	if k, ok := a.secrets.(interface{ Unread() error }); ok {
		if p := problem.Of(k.Unread()); p != nil {
			return p
		}
	}
	return in("signed-out")
}

func (a *account) signOut(ctx context.Context) error {
	select {
	case a.gate <- struct{}{}:
		defer func() { <-a.gate }()
	case <-ctx.Done():
		return networkProblem(ctx.Err(), "the sign-in", false)
	}
	accounts, _ := a.client.Accounts(ctx) // from the cache, whose accessor never fails
	for _, other := range accounts {
		_ = a.client.RemoveAccount(ctx, other) // the same
	}
	err := a.secrets.Delete(secretTokens, secretAccount)
	a.mu.Lock()
	a.forget()
	a.mu.Unlock()
	a.changed("signed out")
	return err
}

func (a *account) forget() {
	a.person, a.lapsed, a.claims, a.blocked = nil, nil, "", false
	a.last, a.lastGot, a.pause, a.paused = public.AuthResult{}, time.Time{}, time.Time{}, nil
}

// take makes the one who has just signed in the account, the only one.
func (a *account) take(ctx context.Context, got public.AuthResult, who Account) error {
	select {
	case a.gate <- struct{}{}:
		defer func() { <-a.gate }()
	case <-ctx.Done():
		return networkProblem(ctx.Err(), "the sign-in", false)
	}
	accounts, _ := a.client.Accounts(ctx)
	for _, other := range accounts {
		if other.HomeAccountID != got.Account.HomeAccountID {
			_ = a.client.RemoveAccount(ctx, other)
		}
	}
	p := person{Account: who, Home: got.Account.HomeAccountID}
	data, err := json.Marshal(p)
	if err == nil {
		err = a.secrets.Set(secretAccount, data)
	}
	if err != nil {
		a.log.Warn("the account is not kept over a restart", "error", err)
	}
	a.mu.Lock()
	a.forget()
	a.person = &p
	a.last, a.lastGot = got, time.Now()
	a.mu.Unlock()
	a.changed("signed in")
	return nil
}

// personalTenant is the tenant of all personal Microsoft accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

func unsuitable(got public.AuthResult) *problem.Problem {
	switch {
	case got.Account.HomeAccountID == "" || got.Account.LocalAccountID == "":
		return in("nobody-named")
	case got.IDToken.TenantID == personalTenant:
		return in(personal)
	}
	return nil
}
