package simulate_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/offhook/offhook/sync/simulate"
)

func TestSignInInTheBrowser(t *testing.T) {
	w := start(t, simulate.Options{})
	app := w.application()
	result, err := app.AcquireTokenInteractive(t.Context(), allScopes, public.WithOpenURL(w.person(simulate.Browse)))
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Account.PreferredUsername; got != simulate.UserName {
		t.Errorf("signed in as %q", got)
	}
	if want := simulate.UserID + "." + simulate.DefaultTenant; result.Account.HomeAccountID != want {
		t.Errorf("home account %q, want %q", result.Account.HomeAccountID, want)
	}
	me := w.must("GET", w.GraphURL()+"/me", "Bearer "+result.AccessToken, "")
	if got := me.json(t)["displayName"]; got != simulate.DisplayName {
		t.Errorf("Graph knows them as %v", got)
	}
}

func TestSignInElsewhere(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		w := start(t, simulate.Options{})
		_, err := w.application().AcquireTokenInteractive(t.Context(), allScopes, public.WithOpenURL(w.person(simulate.BrowseAndCancel)))
		if err == nil || !strings.Contains(err.Error(), "AADSTS65004") {
			t.Errorf("got %v, want AADSTS65004", err)
		}
	})
	t.Run("an administrator has to approve", func(t *testing.T) {
		w := start(t, simulate.Options{})
		w.play("fault", `{"entra":"consent_required"}`)
		_, err := w.application().AcquireTokenInteractive(t.Context(), allScopes, public.WithOpenURL(w.person(simulate.Browse)))
		if err == nil || !strings.Contains(err.Error(), "AADSTS90094") {
			t.Errorf("got %v, want AADSTS90094", err)
		}
	})
	t.Run("a scope is declined", func(t *testing.T) {
		w := start(t, simulate.Options{})
		w.play("fault", `{"decline":["Presence.ReadWrite"]}`)
		_, err := w.application().AcquireTokenInteractive(t.Context(), allScopes, public.WithOpenURL(w.person(simulate.Browse)))
		if err == nil || !strings.Contains(err.Error(), "declined scopes are present: Presence.ReadWrite") {
			t.Errorf("got %v, want declined scopes", err)
		}
		w.play("fault", `{"decline":[]}`)
		w.signIn()
	})
	t.Run("unknown application", func(t *testing.T) {
		w := start(t, simulate.Options{})
		app, err := public.New("11111111-2222-4333-8444-555555555555", public.WithAuthority(w.AuthorityURL()),
			public.WithHTTPClient(w.http), public.WithInstanceDiscovery(false))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		page := make(chan error, 1)
		_, err = app.AcquireTokenInteractive(ctx, allScopes, public.WithOpenURL(func(url string) error {
			page <- simulate.Browse(t.Context(), w.http, url)
			cancel() // the person closes the window
			return nil
		}))
		if err == nil {
			t.Error("signed in")
		}
		if err := <-page; err == nil || !strings.Contains(err.Error(), "AADSTS700016") {
			t.Errorf("the page says %v, want AADSTS700016", err)
		}
	})
}

func TestSignInByDeviceCode(t *testing.T) {
	begin := func(t *testing.T, w *world) public.DeviceCode {
		t.Helper()
		code, err := w.application().AcquireTokenByDeviceCode(t.Context(), allScopes)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	t.Run("continued", func(t *testing.T) {
		w := start(t, simulate.Options{})
		code := begin(t, w)
		if err := simulate.BrowseDevice(t.Context(), w.http, code.Result.VerificationURL, "wrong"); err == nil {
			t.Error("a wrong code was accepted")
		}
		early := w.form(simulate.DefaultTenant+"/oauth2/v2.0/token", url.Values{
			"client_id": {w.ClientID()}, "grant_type": {"device_code"}, "device_code": {code.Result.DeviceCode}})
		if early.Status != http.StatusBadRequest || early.json(t)["error"] != "authorization_pending" {
			t.Errorf("before the person answered: %d %s", early.Status, early.Body)
		}
		if err := simulate.BrowseDevice(t.Context(), w.http, code.Result.VerificationURL, strings.ToLower(code.Result.UserCode)); err != nil {
			t.Fatal(err)
		}
		result, err := code.AuthenticationResult(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r := w.must("GET", w.GraphURL()+"/me/presence", "Bearer "+result.AccessToken, ""); r.Status != http.StatusOK {
			t.Errorf("Graph answers %d", r.Status)
		}
	})
	t.Run("declined", func(t *testing.T) {
		w := start(t, simulate.Options{})
		code := begin(t, w)
		page := w.form("device", url.Values{"code": {code.Result.UserCode}})
		w.form("signin", url.Values{"request": {hidden(page, "request")}, "decision": {"cancel"}})
		if _, err := code.AuthenticationResult(t.Context()); err == nil || !strings.Contains(err.Error(), "authorization_declined") {
			t.Errorf("got %v, want authorization_declined", err)
		}
	})
	t.Run("expired", func(t *testing.T) {
		w := start(t, simulate.Options{})
		code := begin(t, w)
		w.Forward(16 * time.Minute)
		if _, err := code.AuthenticationResult(t.Context()); err == nil || !strings.Contains(err.Error(), "expired_token") {
			t.Errorf("got %v, want expired_token", err)
		}
	})
}

// A silent sign-in refreshes a token that ran out, and tells why where it cannot.
func TestSilentRefresh(t *testing.T) {
	w := start(t, simulate.Options{TokenLifetime: 4 * time.Minute}) // MSAL counts less than 5 minutes as expired
	app := w.application()
	first, err := app.AcquireTokenInteractive(t.Context(), allScopes, public.WithOpenURL(w.person(simulate.Browse)))
	if err != nil {
		t.Fatal(err)
	}
	silent := func() (public.AuthResult, error) {
		return app.AcquireTokenSilent(t.Context(), allScopes, public.WithSilentAccount(first.Account))
	}
	second, err := silent()
	if err != nil {
		t.Fatal(err)
	}
	if second.AccessToken == first.AccessToken {
		t.Error("the token was not refreshed")
	}
	w.Forward(3 * time.Minute)
	third, err := silent()
	if err != nil {
		t.Fatal(err)
	}
	w.Forward(time.Minute)
	for name, tt := range map[string]struct {
		token  string
		status int
	}{"first": {first.AccessToken, 401}, "second": {second.AccessToken, 401}, "third": {third.AccessToken, 200}} {
		if r := w.must("GET", w.GraphURL()+"/me", "Bearer "+tt.token, ""); r.Status != tt.status {
			t.Errorf("with the %s token Graph answers %d, want %d", name, r.Status, tt.status)
		}
	}

	for fault, want := range map[string]string{
		"invalid_grant": "AADSTS50173", "interaction_required": "AADSTS50076", "consent_required": "AADSTS65001",
		"login_required": "AADSTS50058", "temporarily_unavailable": "AADSTS90033",
		"unauthorized_client": "AADSTS700016", "invalid_client": "AADSTS7000218", "503": "AADSTS90033",
	} {
		w.play("fault", `{"entra":"`+fault+`"}`)
		var call msalerrors.CallErr
		if _, err := silent(); !errors.As(err, &call) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", fault, err, want)
		}
	}
	w.play("fault", `{"entra":"none"}`)
	if _, err := silent(); err != nil {
		t.Errorf("mended: %v", err)
	}
	w.Forward(91 * 24 * time.Hour)
	if _, err := silent(); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("after 91 days: %v, want invalid_grant", err)
	}
}

// What a refresh was not granted for needs the person.
func TestRefreshCannotAddAScope(t *testing.T) {
	w := start(t, simulate.Options{})
	app := w.application()
	first, err := app.AcquireTokenInteractive(t.Context(), []string{"Presence.Read"}, public.WithOpenURL(w.person(simulate.Browse)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.AcquireTokenSilent(t.Context(), allScopes, public.WithSilentAccount(first.Account))
	if err == nil || !strings.Contains(err.Error(), "consent_required") {
		t.Errorf("got %v, want consent_required", err)
	}
}

func TestOtherNamesOfTheTenant(t *testing.T) {
	w := start(t, simulate.Options{})
	at := func(tenant string) error {
		app, err := public.New(w.ClientID(), public.WithAuthority(strings.Replace(w.AuthorityURL(), simulate.DefaultTenant, tenant, 1)),
			public.WithHTTPClient(w.http), public.WithInstanceDiscovery(false))
		if err != nil {
			return err
		}
		_, err = app.AcquireTokenByDeviceCode(t.Context(), allScopes)
		return err
	}
	for _, tenant := range []string{"organizations", "common"} {
		if err := at(tenant); err != nil {
			t.Errorf("%s: %v", tenant, err)
		}
	}
	w.play("fault", `{"entra":"single_tenant"}`)
	if err := at("organizations"); err == nil || !strings.Contains(err.Error(), "AADSTS50194") {
		t.Errorf("single tenant: %v, want AADSTS50194", err)
	}
	if err := at(simulate.DefaultTenant); err != nil {
		t.Errorf("its own tenant: %v", err)
	}
	if err := at("22222222-2222-4333-8444-555555555555"); err == nil {
		t.Error("an unknown tenant signed somebody in")
	}
}

// form posts a form, as a browser does.
func (w *world) form(path string, fields url.Values) reply {
	w.t.Helper()
	resp, err := w.http.PostForm(w.PageURL()+path, fields)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(b)}
}

// hidden answers a hidden field of a page's form.
func hidden(page reply, name string) string {
	_, value, _ := strings.Cut(page.Body, `name="`+name+`" value="`)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// The token endpoint takes a code once, in time, for the same redirect and with the verifier.
func TestCodes(t *testing.T) {
	const verifier = "a-code-verifier-that-is-long-enough-for-anybody-who-counts"
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	const redirect = "http://localhost:4711"
	w := start(t, simulate.Options{})
	authorize := func(change url.Values) reply {
		q := url.Values{"client_id": {w.ClientID()}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"},
			"response_mode": {"form_post"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"}, "scope": {"User.Read"}}
		maps.Copy(q, change)
		return w.must("GET", w.PageURL()+simulate.DefaultTenant+"/oauth2/v2.0/authorize?"+q.Encode(), "", "")
	}
	code := func() string {
		t.Helper()
		page := w.form("signin", url.Values{"request": {hidden(authorize(nil), "request")}, "decision": {"continue"}})
		if hidden(page, "state") != "s" || hidden(page, "code") == "" {
			t.Fatalf("no code and state in %s", page.Body)
		}
		return hidden(page, "code")
	}
	redeem := func(change url.Values) reply {
		form := url.Values{"client_id": {w.ClientID()}, "grant_type": {"authorization_code"}, "redirect_uri": {redirect}, "code_verifier": {verifier}}
		maps.Copy(form, change)
		return w.form(simulate.DefaultTenant+"/oauth2/v2.0/token", form)
	}

	good := code()
	if r := redeem(url.Values{"code": {good}}); r.Status != http.StatusOK {
		t.Fatalf("a good code: %s", r.Body)
	}
	old := code()
	w.Forward(11 * time.Minute)
	for name, tt := range map[string]struct {
		change url.Values
		want   string
	}{
		"twice":                {url.Values{"code": {good}}, "AADSTS54005"},
		"too late":             {url.Values{"code": {old}}, "AADSTS70008"},
		"made up":              {url.Values{"code": {"x"}}, "AADSTS9002313"},
		"for another redirect": {url.Values{"code": {code()}, "redirect_uri": {"http://localhost:1"}}, "AADSTS500112"},
		"without the verifier": {url.Values{"code": {code()}, "code_verifier": {"x"}}, "AADSTS501481"},
		"with a secret":        {url.Values{"code": {code()}, "client_secret": {"x"}}, "AADSTS700025"},
		"by another client":    {url.Values{"code": {code()}, "client_id": {"x"}}, "AADSTS700016"},
		"by another grant":     {url.Values{"grant_type": {"password"}}, "AADSTS70003"},
	} {
		if r := redeem(tt.change); r.Status < 400 || !strings.Contains(r.Body, tt.want) {
			t.Errorf("%s: %d %s, want %s", name, r.Status, r.Body, tt.want)
		}
	}

	for name, tt := range map[string]struct {
		change url.Values
		want   string
	}{
		"another client":          {url.Values{"client_id": {"x"}}, "AADSTS700016"},
		"a foreign redirect":      {url.Values{"redirect_uri": {"http://localhost.example.test"}}, "AADSTS50011"},
		"a redirect by number":    {url.Values{"redirect_uri": {"http://127.0.0.1:4711"}}, "AADSTS50011"},
		"a token in the fragment": {url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		"a query as the answer":   {url.Values{"response_mode": {"query"}}, "form_post"},
		"no PKCE":                 {url.Values{"code_challenge": {""}}, "AADSTS9002325"},
		"plain PKCE":              {url.Values{"code_challenge_method": {"plain"}}, "AADSTS9002325"},
		"an unknown scope":        {url.Values{"scope": {"Presence.Reed"}}, "AADSTS70011"},
		"silently":                {url.Values{"prompt": {"none"}}, "login_required"},
	} {
		page := authorize(tt.change)
		if !strings.Contains(page.Body, tt.want) || hidden(page, "request") != "" {
			t.Errorf("%s: want %s in %s", name, tt.want, page.Body)
		}
	}
}
