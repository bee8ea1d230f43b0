package graph

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultCAE refuses tokens issued before it was turned on with a claims challenge, as continuous access
// evaluation does.
const FaultCAE = "cae"

// Handler serves Graph below /v1.0.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1.0/me", s.getMe)
	for _, path := range []string{"/v1.0/me/presence", "/v1.0/users/{id}/presence", "/v1.0/communications/presences/{id}"} {
		mux.HandleFunc("GET "+path, s.getPresence)
		for action, do := range map[string]func(http.ResponseWriter, *http.Request){
			"setPresence":                s.setPresence,
			"clearPresence":              s.clearPresence,
			"setUserPreferredPresence":   s.setPreferred,
			"clearUserPreferredPresence": s.clearPreferred,
			"setStatusMessage":           s.setStatusMessage,
		} {
			mux.HandleFunc("POST "+path+"/"+action, do)
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, &Refusal{http.StatusNotFound, "ResourceNotFound", "The simulated Graph knows a person's own presence only."})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("request-id", newID())
		if id := r.Header.Get("client-request-id"); id != "" {
			w.Header().Set("client-request-id", id)
		}
		if !s.Faults.Hit(w, r, func(status int) { s.refuse(w, r, faultRefusal(status)) }) {
			mux.ServeHTTP(w, r)
		}
	})
}

func faultRefusal(status int) *Refusal {
	switch status {
	case http.StatusUnauthorized:
		return badToken
	case http.StatusForbidden:
		return forbidden
	case http.StatusTooManyRequests:
		return &Refusal{status, "TooManyRequests", "Too many requests. Please retry after the time stated."}
	}
	return &Refusal{status, "ServiceError", "The service is temporarily unavailable."}
}

var (
	badToken  = &Refusal{http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token has expired or is not yet valid."}
	forbidden = &Refusal{http.StatusForbidden, "Forbidden", ""}
)

type errorBody struct {
	Error struct {
		Code       string            `json:"code"`
		Message    string            `json:"message"`
		InnerError map[string]string `json:"innerError"`
	} `json:"error"`
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var no *Refusal
	if !errors.As(err, &no) {
		no = &Refusal{http.StatusInternalServerError, "InternalServerError", err.Error()}
	}
	if no.Status == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		w.Header().Set("WWW-Authenticate", s.challenge())
	}
	var body errorBody
	body.Error.Code, body.Error.Message = no.Code, no.Message
	id := w.Header().Get("request-id")
	body.Error.InnerError = map[string]string{
		"date": s.Now().UTC().Format(time.RFC3339), "request-id": id, "client-request-id": id,
	}
	if asked := r.Header.Get("client-request-id"); asked != "" {
		body.Error.InnerError["client-request-id"] = asked
	}
	answer(w, no.Status, body)
}

func (s *Server) challenge() string {
	return fmt.Sprintf(`Bearer realm="", authorization_uri=%q, client_id="00000003-0000-0000-c000-000000000000"`,
		s.Base()+"/common/oauth2/v2.0/authorize")
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// allow checks the token and that it carries one of the scopes.
func (s *Server) allow(w http.ResponseWriter, r *http.Request, scopes ...string) (Grant, error) {
	scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || bearer == "" {
		return Grant{}, &Refusal{http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token is empty."}
	}
	grant, err := s.Check(bearer)
	if err != nil {
		return Grant{}, badToken
	}
	if f := s.Faults.Get(); f.Kind == FaultCAE && grant.Issued.Before(f.Since) {
		claims := fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, f.Since.Unix())
		w.Header().Set("WWW-Authenticate", s.challenge()+fmt.Sprintf(`, error="insufficient_claims", claims=%q`,
			base64.StdEncoding.EncodeToString([]byte(claims))))
		return Grant{}, &Refusal{http.StatusUnauthorized, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp"}
	}
	if !slices.ContainsFunc(grant.Scopes, func(has string) bool {
		return slices.ContainsFunc(scopes, func(want string) bool { return strings.EqualFold(has, want) })
	}) {
		return grant, forbidden
	}
	return grant, nil
}

func (s *Server) getMe(w http.ResponseWriter, r *http.Request) {
	if _, err := s.allow(w, r, "User.Read"); err != nil {
		s.refuse(w, r, err)
		return
	}
	first, last, _ := strings.Cut(s.DisplayName, " ")
	answer(w, http.StatusOK, map[string]any{
		"@odata.context":    s.Base() + "/v1.0/$metadata#users/$entity",
		"id":                s.UserID,
		"displayName":       s.DisplayName,
		"givenName":         first,
		"surname":           last,
		"mail":              s.UserName,
		"userPrincipalName": s.UserName,
		"businessPhones":    []string{},
		"jobTitle":          nil,
		"mobilePhone":       nil,
		"officeLocation":    nil,
		"preferredLanguage": nil,
	})
}

func (s *Server) getPresence(w http.ResponseWriter, r *http.Request) {
	_, err := s.allow(w, r, "Presence.Read", "Presence.ReadWrite", "Presence.Read.All")
	if err == nil {
		err = s.own(r, forbidden)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	v := s.read()
	body := map[string]any{
		"@odata.context": s.Base() + "/v1.0/$metadata#users('" + s.UserID + "')/presence/$entity",
		"id":             s.UserID,
		"availability":   v.Pair.Availability,
		"activity":       v.Pair.Activity,
		"statusMessage":  v.Note.body(),
		"workLocation":   nil,
		"outOfOfficeSettings": map[string]any{
			"isOutOfOffice": v.OutOfOffice,
			"message":       nil,
		},
	}
	if !s.NoSequence {
		body["sequenceNumber"] = sequence(v.sequence)
	}
	answer(w, http.StatusOK, body)
}

// own checks that the path names nobody but the signed-in person, by object id.
func (s *Server) own(r *http.Request, other *Refusal) error {
	id := r.PathValue("id")
	switch {
	case id == "" || strings.EqualFold(id, s.UserID):
		return nil
	case strings.Contains(id, "@"):
		return invalid("The user id must be a GUID.")
	}
	return other
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
