package teams

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/offhook/offhook/sync/problem"
)

// Finding is one thing about an app registration, as far as it can be seen from outside.
type Finding struct {
	Name    string           // stable: tenant, client-id, multi-tenant, public-client, settings-page
	What    string           // what was looked at, as a statement that should hold
	Holds   *bool            // nil: that cannot be seen
	Problem *problem.Problem // what is wrong, and what to do; or why it cannot be seen
}

// CheckRegistration looks at an app registration from outside: nobody signs in, and nothing is changed. The
// error is for what stands in the way of looking at all.
func CheckRegistration(ctx context.Context, c Config) ([]Finding, error) {
	c.Secrets = noSecrets{}
	if err := c.complete(); err != nil {
		return nil, err
	}
	r := registration{c}
	var list []Finding
	found := func(name, what string, p *problem.Problem) bool {
		holds := p == nil
		list = append(list, Finding{name, what, &holds, p})
		return holds
	}
	if !guid.MatchString(c.ClientID) {
		found("client-id", "The client id has the form of one", &problem.Problem{Kind: problem.Settings, State: clientUnknown,
			What: problem.Say("This is no client id: one looks like 00000000-0000-0000-0000-000000000000"),
			Do:   problem.Say("Copy the Application (client) ID from the registration's overview, not its secret and not its name")})
		return list, nil
	}
	p, err := r.tenant(ctx)
	if err != nil {
		return nil, err
	}
	if !found("tenant", "The tenant is known to Microsoft", p) {
		return list, nil
	}
	device, p, err := r.deviceCode(ctx, r.c.Authority)
	if err != nil {
		return nil, err
	}
	public := p
	if p != nil && p.State == noPublicClient {
		p = nil // then it is known
	}
	if p != nil && p.State == singleTenant {
		found("client-id", "The client id is known", nil)
		found("multi-tenant", "Accounts of any organisation may sign in", p)
		return list, nil
	}
	if !found("client-id", "The client id is known and its app is enabled", p) {
		return list, nil
	}
	if public == nil {
		if public, err = r.poll(ctx, device); err != nil {
			return nil, err
		}
	}
	r.otherTenants(ctx, found)
	if public != nil && public.State != noPublicClient {
		list = append(list, Finding{"public-client", "Public client flows are allowed", nil, public})
	} else {
		found("public-client", "Public client flows are allowed", public)
	}
	list = append(list, Finding{"settings-page", "The way back is http://localhost, and the three permissions are there", nil, nil})
	return list, nil
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// noSecrets keeps nothing: nobody signs in.
type noSecrets struct{}

func (noSecrets) Get(string) ([]byte, bool) { return nil, false }
func (noSecrets) Set(string, []byte) error  { return nil }
func (noSecrets) Delete(...string) error    { return nil }

// registration asks about one.
type registration struct{ c Config }

// tenant asks whether there is one by this name.
func (r registration) tenant(ctx context.Context) (*problem.Problem, error) {
	var document struct {
		Token string `json:"token_endpoint"`
	}
	p, err := r.ask(ctx, http.MethodGet, r.c.Authority+"/v2.0/.well-known/openid-configuration", nil, &document)
	if p == nil && err == nil && document.Token == "" {
		return nil, in("not-microsoft", "server", problem.Say("Microsoft's sign-in"))
	}
	return p, err
}

// deviceCode asks for a device code, which nobody will use.
func (r registration) deviceCode(ctx context.Context, authority string) (code string, p *problem.Problem, err error) {
	var answer struct {
		Code string `json:"device_code"`
	}
	p, err = r.ask(ctx, http.MethodPost, authority+"/oauth2/v2.0/devicecode", url.Values{
		"client_id": {r.c.ClientID}, "scope": {strings.Join(append(scopes(), "openid", "offline_access", "profile"), " ")},
	}, &answer)
	return answer.Code, p, err
}

// poll asks for the code's token, once: an app that is not public is refused before anybody has signed in.
func (r registration) poll(ctx context.Context, code string) (*problem.Problem, error) {
	p, err := r.ask(ctx, http.MethodPost, r.c.Authority+"/oauth2/v2.0/token", url.Values{
		"client_id": {r.c.ClientID}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {code},
	}, &struct{}{})
	var refused *entraError
	if p != nil && errors.As(p, &refused) && refused.Code == "authorization_pending" {
		return nil, err
	}
	return p, err
}

// otherTenants asks whether people of other organisations may sign in too. That is no fault in an app that is
// for one organisation, as long as the settings name it.
func (r registration) otherTenants(ctx context.Context, found func(name, what string, p *problem.Problem) bool) {
	u, err := url.Parse(r.c.Authority)
	if err != nil {
		return
	}
	named := strings.Trim(u.Path, "/")
	if named == "organizations" || named == "common" {
		found("multi-tenant", "Accounts of any organisation may sign in", nil)
		return
	}
	u.Path = "/organizations"
	if _, p, err := r.deviceCode(ctx, u.String()); err == nil && p == nil {
		found("multi-tenant", "Accounts of any organisation may sign in", nil)
	} else if err == nil && (p.State == singleTenant || p.State == clientUnknown) {
		found("one-tenant", "Accounts of the tenant "+named+" may sign in, and no others", nil)
	}
}

// ask sends one request. p is what Microsoft refused; err is why there is no answer of Microsoft's.
func (r registration) ask(ctx context.Context, method, address string, form url.Values, into any) (p *problem.Problem, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, problem.Of(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := r.c.HTTP.Do(req)
	if err != nil {
		return nil, networkProblem(err, req.URL.Host, false)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodySize))
	if err != nil {
		return nil, networkProblem(err, req.URL.Host, false)
	}
	if resp.StatusCode == http.StatusOK {
		if json.Unmarshal(body, into) != nil {
			return nil, in("not-microsoft", "server", problem.Say("Microsoft's sign-in"))
		}
		return nil, nil
	}
	said := &entraAnswer{}
	said.keep(resp, body)
	refused := newEntraError(errors.New("refused"), said)
	if p := refused.problem(); p.Kind == problem.Server || p.Kind == problem.Throttled {
		return nil, p
	}
	return refused.problem(), nil
}
