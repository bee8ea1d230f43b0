package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// postToken is the token endpoint.
func (a *Authority) postToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		a.refuse(w, bad("invalid_request", 900144, "The request body is not a form."))
		return
	}
	body, err := a.redeem(r.PostForm)
	if err != nil {
		a.refuse(w, *err)
		return
	}
	answer(w, http.StatusOK, body)
}

func (a *Authority) redeem(form url.Values) (map[string]any, *oauthError) {
	no := func(e oauthError) (map[string]any, *oauthError) { return nil, &e }
	if id := form.Get("client_id"); !strings.EqualFold(id, a.ClientID) {
		return no(a.unknownClient(id))
	}
	if form.Has("client_secret") || form.Has("client_assertion") {
		e := bad("invalid_client", 700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")
		e.status = http.StatusUnauthorized
		return no(e)
	}
	if e, ok := a.atToken(form.Get("grant_type")); ok {
		return no(e)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var scopes []string
	var nonce string
	var err *oauthError
	switch grantType := form.Get("grant_type"); grantType {
	case "authorization_code":
		var req *request
		if req, err = a.redeemCode(form); err == nil {
			scopes, nonce = req.scopes, req.nonce
		}
	case "device_code", "urn:ietf:params:oauth:grant-type:device_code":
		var req *request
		if req, err = a.redeemDevice(form.Get("device_code")); err == nil {
			scopes = req.scopes
		}
	case "refresh_token":
		scopes, err = a.redeemRefresh(form)
	default:
		return no(bad("unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'.", grantType))
	}
	if err != nil {
		return nil, err
	}
	return a.issue(scopes, nonce), nil
}

func (a *Authority) redeemCode(form url.Values) (*request, *oauthError) {
	no := func(code int, text string) (*request, *oauthError) {
		e := bad("invalid_grant", code, "%s", text)
		return nil, &e
	}
	req, ok := a.codes[form.Get("code")]
	switch {
	case !ok:
		return no(9002313, "Invalid request. Request is malformed or invalid.")
	case req.outcome == redeemed:
		return no(54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.")
	case a.Now().After(req.until):
		return no(70008, "The provided authorization code or refresh token has expired due to inactivity.")
	case form.Get("redirect_uri") != req.redirect:
		return no(500112, "The reply address does not match the reply address provided when requesting the authorization code.")
	}
	req.outcome = redeemed
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != req.challenge {
		return no(501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
	}
	return req, nil
}

func (a *Authority) redeemDevice(code string) (*request, *oauthError) {
	no := func(e oauthError) (*request, *oauthError) { return nil, &e }
	req, ok := a.devices[code]
	switch {
	case !ok:
		return no(bad("bad_verification_code", 70018, "The device code is not valid."))
	case req.outcome == redeemed:
		return no(bad("invalid_grant", 54005, "The device code was already redeemed."))
	case req.outcome == refused:
		return no(bad("authorization_declined", 70000, "The end user denied the authorization request."))
	case a.Now().After(req.until):
		return no(bad("expired_token", 70020, "The provided value for the input parameter 'device_code' is not valid. This device code has expired."))
	case req.outcome == pending:
		return no(bad("authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling."))
	}
	req.outcome = redeemed
	return req, nil
}

// redeemRefresh answers the scopes of a refresh: those asked for, each of which must have been granted.
func (a *Authority) redeemRefresh(form url.Values) ([]string, *oauthError) {
	g, ok := a.refresh[form.Get("refresh_token")]
	if !ok {
		e := bad("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
		return nil, &e
	}
	if a.Now().After(g.until) {
		e := bad("invalid_grant", 700082, "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.")
		return nil, &e
	}
	if form.Get("scope") == "" {
		return g.scopes, nil
	}
	asked, err := parseScopes(form.Get("scope"))
	if err != nil {
		return nil, err
	}
	for _, scope := range asked {
		if !slices.ContainsFunc(g.scopes, func(has string) bool { return strings.EqualFold(short(has), short(scope)) }) {
			e := named[FaultConsent]
			return nil, &e
		}
	}
	return asked, nil
}

// issue makes the answer of a successful redemption. The lock is held.
func (a *Authority) issue(asked []string, nonce string) map[string]any {
	now := a.Now()
	scopes := slices.DeleteFunc(slices.Clone(asked), func(scope string) bool {
		return slices.ContainsFunc(a.declined, func(no string) bool { return strings.EqualFold(no, short(scope)) })
	})
	var said, forGraph []string
	offline := false
	for _, scope := range scopes {
		if scope == "offline_access" {
			offline = true
			continue
		}
		said = append(said, scope)
		forGraph = append(forGraph, short(scope))
	}
	a.prune(now)
	access := secret("access")
	a.access[access] = grant{forGraph, now, now.Add(a.TokenLifetime)}
	body := map[string]any{
		"token_type": "Bearer", "scope": strings.Join(said, " "), "access_token": access,
		"expires_in": int(a.TokenLifetime.Seconds()), "ext_expires_in": int(a.TokenLifetime.Seconds()),
		"id_token":    a.idToken(nonce),
		"client_info": encode(map[string]string{"uid": a.person.ID, "utid": a.Tenant}),
	}
	if offline {
		refresh := secret("refresh")
		a.refresh[refresh] = grant{scopes, now, now.Add(refreshLifetime)}
		body["refresh_token"] = refresh
	}
	return body
}

// personalTenant is the tenant of all personal Microsoft accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// idToken says who signed in. Its signature is made up: a client that got it from the token endpoint itself
// has no need to check it.
func (a *Authority) idToken(nonce string) string {
	now := a.Now()
	claims := map[string]any{
		"ver": "2.0", "iss": a.Secure() + "/" + a.Tenant + "/v2.0", "aud": a.ClientID, "tid": a.Tenant,
		"oid": a.person.ID, "sub": "simulated-" + a.person.ID, "preferred_username": a.person.UserName, "name": a.person.DisplayName,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(a.TokenLifetime).Unix(),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if a.Faults.Get().Kind == FaultPersonal {
		claims["tid"] = personalTenant
	}
	header := map[string]string{"typ": "JWT", "alg": "RS256", "kid": "simulated"}
	return encode(header) + "." + encode(claims) + "." + base64.RawURLEncoding.EncodeToString([]byte("simulated signature"))
}

func encode(v any) string {
	b, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b)
}
