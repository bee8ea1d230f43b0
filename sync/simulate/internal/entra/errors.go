package entra

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// oauthError is an error as Entra's token endpoint answers it.
type oauthError struct {
	status   int
	name     string // the OAuth error
	code     int    // the AADSTS number
	text     string
	suberror string
	claims   string
}

func (e oauthError) Error() string {
	if e.code == 0 {
		return e.text
	}
	return fmt.Sprintf("AADSTS%d: %s", e.code, e.text)
}

func (e oauthError) codes() []int {
	if e.code == 0 {
		return []int{}
	}
	return []int{e.code}
}

// FaultSingleTenant makes the application one of a single tenant: /common and /organizations fail.
const FaultSingleTenant = "single_tenant"

// The faults that befall more than the token endpoint.
const (
	FaultUnknownClient  = "unauthorized_client" // the application is not known in the directory
	FaultDisabledClient = "client_disabled"
	FaultNotAssigned    = "not_assigned"        // the person is not on the application's list
	FaultAccess         = "conditional_access"  // the organisation's rules forbid it, each way
	FaultDeviceCode     = "device_code_blocked" // they forbid the device code alone
	FaultPersonal       = "personal_account"    // the person signs in with a personal account
	FaultClock          = "clock"               // all is refused, and the clocks differ by two hours
)

// FaultConsent makes the tenant want an administrator's approval.
const FaultConsent = "consent_required"

// named are the failures that can be turned on by name; they befall the token endpoint, and those above also
// what they name.
var named = map[string]oauthError{
	FaultDisabledClient: {http.StatusBadRequest, "unauthorized_client", 7000112,
		"Application is disabled.", "", ""},
	FaultNotAssigned: {http.StatusBadRequest, "invalid_grant", 50105,
		"Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application.", "", ""},
	FaultAccess:     accessBlocked,
	FaultDeviceCode: accessBlocked,
	FaultPersonal:   {}, // nothing is refused: the id token tells
	FaultClock: {http.StatusBadRequest, "invalid_request", 0,
		"The request is not timely.", "", ""},
	"password_changed": {http.StatusBadRequest, "invalid_grant", 50133,
		"Session is invalid due to expiration or recent password change.", "bad_token", ""},
	"invalid_grant": {http.StatusBadRequest, "invalid_grant", 50173,
		"The provided grant has expired due to it being revoked, a fresh auth token is needed.", "bad_token", ""},
	"interaction_required": {http.StatusBadRequest, "interaction_required", 50076,
		"Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access this resource.",
		"basic_action", `{"access_token":{"capolids":{"essential":true,"values":["5a0f0000-0000-4000-8000-000000000001"]}}}`},
	FaultConsent: {http.StatusBadRequest, "invalid_grant", 65001,
		"The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.", "consent_required", ""},
	"login_required": {http.StatusBadRequest, "login_required", 50058,
		"A silent sign-in request was sent but no user is signed in.", "", ""},
	"temporarily_unavailable": {http.StatusServiceUnavailable, "temporarily_unavailable", 90033,
		"A transient error has occurred. Please try again.", "", ""},
	"unauthorized_client": {http.StatusBadRequest, "unauthorized_client", 700016,
		"Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.", "", ""},
	"invalid_client": {http.StatusUnauthorized, "invalid_client", 7000218,
		"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", "", ""},
	FaultSingleTenant: {http.StatusBadRequest, "invalid_request", 50194,
		"Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.", "", ""},
}

var accessBlocked = oauthError{http.StatusBadRequest, "invalid_grant", 53003,
	"Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.", "message_only", ""}

// atPage is what the sign-in page ends with instead of leading back to the application.
func (a *Authority) atPage(deviceCode bool) (oauthError, bool) {
	switch kind := a.Faults.Get().Kind; kind {
	case FaultDisabledClient, FaultUnknownClient, FaultNotAssigned, FaultAccess:
		return named[kind], true
	case FaultDeviceCode:
		return named[kind], deviceCode
	}
	return oauthError{}, false
}

// atToken is what the token endpoint refuses with.
func (a *Authority) atToken(grantType string) (oauthError, bool) {
	switch kind := a.Faults.Get().Kind; kind {
	case FaultSingleTenant, FaultPersonal:
		return oauthError{}, false
	case FaultDeviceCode:
		return named[kind], strings.Contains(grantType, "device_code")
	default:
		e, ok := named[kind]
		return e, ok
	}
}

func bad(name string, code int, format string, args ...any) oauthError {
	return oauthError{status: http.StatusBadRequest, name: name, code: code, text: fmt.Sprintf(format, args...)}
}

func unknownTenant(t string) oauthError {
	return bad("invalid_tenant", 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", t)
}

func (a *Authority) unknownClient(id string) oauthError {
	return bad("unauthorized_client", 700016, "Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.", id, a.Tenant)
}

func outOfOrder(status int) oauthError {
	return oauthError{status: status, name: "temporarily_unavailable", code: 90033, text: "A transient error has occurred. Please try again."}
}

func (a *Authority) refuse(w http.ResponseWriter, e oauthError) {
	now := a.Now().UTC()
	trace, correlation := guid(), guid()
	stamp := now.Format("2006-01-02 15:04:05Z")
	body := map[string]any{
		"error": e.name,
		"error_description": fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s",
			e.Error(), trace, correlation, stamp),
		"error_codes":    e.codes(),
		"timestamp":      stamp,
		"trace_id":       trace,
		"correlation_id": correlation,
		"error_uri":      a.Secure() + "/error?code=" + strconv.Itoa(e.code),
	}
	if e.suberror != "" {
		body["suberror"] = e.suberror
	}
	if e.claims != "" {
		body["claims"] = e.claims
	}
	answer(w, e.status, body)
}

func guid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// secret makes what nobody guesses: a code or a token. The first letters say that it is a simulated one.
func secret(kind string) string {
	return "simulated." + kind + "." + strings.ToLower(rand.Text()+rand.Text())
}

// prune drops what ran out. The lock is held.
func (a *Authority) prune(now time.Time) {
	for _, m := range []map[string]*request{a.asked, a.codes, a.devices} {
		for k, r := range m {
			if now.After(r.until.Add(time.Hour)) { // for a while it is answered as expired
				delete(m, k)
			}
		}
	}
	for _, m := range []map[string]grant{a.access, a.refresh} {
		for k, g := range m {
			if now.After(g.until) {
				delete(m, k)
			}
		}
	}
}
