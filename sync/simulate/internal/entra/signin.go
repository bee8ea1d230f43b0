package entra

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// getAuthorize is where the browser comes: it checks what the application asks and shows the sign-in page.
func (a *Authority) getAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if id := q.Get("client_id"); !strings.EqualFold(id, a.ClientID) {
		a.broken(w, a.unknownClient(id))
		return
	}
	if a.Faults.Get().Kind == FaultSingleTenant && !strings.EqualFold(r.PathValue("tenant"), a.Tenant) {
		a.broken(w, named[FaultSingleTenant])
		return
	}
	if kind := a.Faults.Get().Kind; kind == FaultUnknownClient || kind == FaultDisabledClient {
		a.broken(w, named[kind])
		return
	}
	redirect := q.Get("redirect_uri")
	if !isLoopback(redirect) {
		a.broken(w, bad("invalid_request", 50011, "The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'.", redirect, a.ClientID))
		return
	}
	req := &request{
		redirect: redirect, state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"),
		until: a.Now().Add(codeLifetime),
	}
	scopes, err := parseScopes(q.Get("scope"))
	switch {
	case err != nil:
		a.post(w, req, failure(*err))
	case q.Get("response_type") != "code":
		a.post(w, req, failure(bad("unsupported_response_type", 70005, "The simulated authority answers response_type 'code' only.")))
	case q.Get("response_mode") != "form_post":
		a.post(w, req, failure(bad("invalid_request", 900144, "The simulated authority answers response_mode 'form_post' only.")))
	case q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256":
		a.post(w, req, failure(bad("invalid_request", 9002325, "Proof Key for Code Exchange with S256 is required for this authorization code redemption.")))
	case q.Get("prompt") == "none":
		a.post(w, req, failure(named["login_required"]))
	default:
		req.scopes = scopes
		a.ask(w, req)
	}
}

// isLoopback is the rule for http://localhost as registered for desktop applications: any port will do.
func isLoopback(redirect string) bool {
	u, err := url.Parse(redirect)
	return err == nil && u.Scheme == "http" && u.Hostname() == "localhost" && u.User == nil && strings.Trim(u.Path, "/") == ""
}

// parseScopes knows Graph's scopes in short and in address form.
func parseScopes(s string) ([]string, *oauthError) {
	known := []string{"openid", "profile", "email", "offline_access", "user.read", "presence.read",
		"presence.readwrite", "presence.read.all"}
	scopes := strings.Fields(s)
	for _, scope := range scopes {
		if !slices.Contains(known, strings.ToLower(short(scope))) {
			e := bad("invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid. The scope '%s' does not exist.", scope)
			return nil, &e
		}
	}
	if len(scopes) == 0 {
		e := bad("invalid_request", 900144, "The request body must contain the following parameter: 'scope'.")
		return nil, &e
	}
	return scopes, nil
}

// short is a scope without the address of its resource.
func short(scope string) string { return scope[strings.LastIndex(scope, "/")+1:] }

// ask shows the page on which the person continues or cancels.
func (a *Authority) ask(w http.ResponseWriter, req *request) {
	id := secret("ask")
	a.mu.Lock()
	a.prune(a.Now())
	a.asked[id] = req
	who := a.person
	a.mu.Unlock()
	view := askView{ID: id, App: a.AppName, User: who.UserName, Name: who.DisplayName,
		Initials: initials(who.DisplayName), Wants: wants(req.scopes), UserCode: req.userCode}
	view.Admin = a.Faults.Get().Kind == FaultConsent
	a.page(w, http.StatusOK, "ask", view, "'self'")
}

// postSignIn is the person's answer.
func (a *Authority) postSignIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id, decision := r.PostFormValue("request"), r.PostFormValue("decision")
	a.mu.Lock()
	req, ok := a.asked[id]
	delete(a.asked, id)
	a.mu.Unlock()
	if !ok || a.Now().After(req.until) {
		a.message(w, http.StatusBadRequest, "This sign-in is over", "It was answered already or took too long. Start again in the application.")
		return
	}
	admin := a.Faults.Get().Kind == FaultConsent
	yes := decision == "continue" && !admin
	if yes {
		a.Report("person", a.DisplayName+" continued on the sign-in page")
	} else {
		a.Report("person", a.DisplayName+" cancelled on the sign-in page")
	}
	if e, ends := a.atPage(req.redirect == ""); ends && yes {
		a.broken(w, e) // as in Entra, the application is not told
		return
	}
	if req.redirect == "" {
		a.decideDevice(w, req, yes)
		return
	}
	switch {
	case admin:
		a.post(w, req, failure(bad("access_denied", 90094, "An administrator of %s has to grant the permissions that %s asks for.", a.Tenant, a.AppName)))
	case !yes:
		v := failure(bad("access_denied", 65004, "User declined to consent to access the app."))
		v.Set("error_subcode", "cancel")
		a.post(w, req, v)
	default:
		code := secret("code")
		a.mu.Lock()
		req.outcome, req.until = granted, a.Now().Add(codeLifetime)
		a.codes[code] = req
		a.mu.Unlock()
		a.post(w, req, url.Values{"code": {code}, "session_state": {guid()}})
	}
}

func failure(e oauthError) url.Values {
	return url.Values{"error": {e.name}, "error_description": {fmt.Sprintf("%s Trace ID: %s Correlation ID: %s", e.Error(), guid(), guid())}}
}

// post sends the browser back to the application with a form.
func (a *Authority) post(w http.ResponseWriter, req *request, fields url.Values) {
	if req.state != "" {
		fields.Set("state", req.state)
	}
	view := postView{To: req.redirect, App: a.AppName, OK: fields.Has("code")}
	for _, name := range []string{"code", "error", "error_subcode", "error_description", "state", "session_state"} {
		if fields.Has(name) {
			view.Fields = append(view.Fields, field{name, fields.Get(name)})
		}
	}
	a.page(w, http.StatusOK, "post", view, "http://localhost:*")
}
