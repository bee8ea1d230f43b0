// Package entra is a simulated Microsoft Entra authority: sign-in in the browser with PKCE, device code,
// refresh, and the error bodies of the real one. It must not know Graph beyond the names of its scopes.
package entra

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/simulate/internal/fault"
)

// Config is what an Authority needs to be told.
type Config struct {
	Tenant, ClientID, AppName     string
	UserID, UserName, DisplayName string
	Secure, Pages                 func() string // the addresses of the authority (https) and of its pages
	TokenLifetime                 time.Duration
	Now                           func() time.Time
	Report                        func(by, what string) // something changed; must not call back
}

// Authority signs in one person for one application.
type Authority struct {
	Config
	Faults *fault.Switch

	mu       sync.Mutex
	person   Person
	declined []string
	asked    map[string]*request // sign-ins that wait for the person, by id
	codes    map[string]*request // by authorization code
	devices  map[string]*request // by device code
	refresh  map[string]grant
	access   map[string]grant
}

// Person is somebody who signs in.
type Person struct{ ID, UserName, DisplayName string }

// SetPerson makes it another person who signs in from now on.
func (a *Authority) SetPerson(p Person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.person = p
}

// request is one sign-in under way.
type request struct {
	scopes    []string
	redirect  string // empty: a device code
	state     string
	challenge string // S256 of the code verifier
	nonce     string
	userCode  string
	until     time.Time
	outcome   outcome
}

type outcome int

const (
	pending outcome = iota
	granted
	refused
	redeemed
)

type grant struct {
	scopes []string
	issued time.Time
	until  time.Time
}

// Access is what an access token stands for.
type Access struct {
	Scopes []string
	Issued time.Time
}

// How long things live, as in Entra.
const (
	codeLifetime    = 10 * time.Minute
	deviceLifetime  = 15 * time.Minute
	refreshLifetime = 90 * 24 * time.Hour
)

// New makes an authority.
func New(c Config) *Authority {
	kinds := []string{"429", "500", "503", "down", "slow"}
	for k := range named {
		kinds = append(kinds, k)
	}
	return &Authority{
		Config:  c,
		person:  Person{c.UserID, c.UserName, c.DisplayName},
		Faults:  fault.NewSwitch(kinds...),
		asked:   map[string]*request{},
		codes:   map[string]*request{},
		devices: map[string]*request{},
		refresh: map[string]grant{},
		access:  map[string]grant{},
	}
}

// Decline makes the person, or their tenant, not grant these scopes from now on.
func (a *Authority) Decline(scopes []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.declined = scopes
}

// Declined answers what is not granted.
func (a *Authority) Declined() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.declined
}

// Check tells what an access token stands for.
func (a *Authority) Check(token string) (Access, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g, ok := a.access[token]
	if !ok {
		return Access{}, errors.New("the access token is not known")
	}
	if !a.Now().Before(g.until) {
		return Access{}, errors.New("the access token expired")
	}
	return Access{Scopes: g.scopes, Issued: g.issued}, nil
}

// Handler serves the authority below /{tenant} and its pages below /signin and /device.
func (a *Authority) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{tenant}/v2.0/.well-known/openid-configuration", a.tenanted(a.getDiscovery))
	mux.HandleFunc("GET /{tenant}/discovery/v2.0/keys", a.tenanted(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"keys": []any{}})
	}))
	mux.HandleFunc("GET /{tenant}/oauth2/v2.0/authorize", a.tenanted(a.getAuthorize))
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/devicecode", a.tenanted(a.postDeviceCode))
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", a.tenanted(a.postToken))
	mux.HandleFunc("POST /signin", a.postSignIn)
	mux.HandleFunc("GET /device", a.getDevice)
	mux.HandleFunc("POST /device", a.postDevice)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		a.message(w, http.StatusNotFound, "Nothing here", "The simulated authority has no such page.")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.Faults.Get().Kind == FaultClock {
			w.Header().Set("Date", a.Now().Add(-2*time.Hour).UTC().Format(http.TimeFormat))
		}
		if !a.Faults.Hit(w, r, func(status int) { a.refuse(w, outOfOrder(status)) }) {
			mux.ServeHTTP(w, r)
		}
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// tenanted lets through this tenant, by its id or by the two names for any.
func (a *Authority) tenanted(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch t := r.PathValue("tenant"); {
		case strings.EqualFold(t, a.Tenant):
		case t != "common" && t != "organizations":
			a.refuse(w, unknownTenant(t))
			return
		case a.Faults.Get().Kind == FaultSingleTenant && r.Method == http.MethodPost:
			a.refuse(w, named[FaultSingleTenant])
			return
		}
		next(w, r)
	}
}

func (a *Authority) getDiscovery(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	base := a.Secure() + "/" + tenant
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                a.Secure() + "/" + a.Tenant + "/v2.0",
		"authorization_endpoint":                a.Pages() + "/" + tenant + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"device_authorization_endpoint":         base + "/oauth2/v2.0/devicecode",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"token_endpoint_auth_methods_supported": []string{"none"},
	})
}
