package systems

import (
	"fmt"
	"net/http"
	"sync"
)

// tokens is the token endpoint of OAuth for one public client, app-1: its refresh tokens are good for one use,
// and a new access token ends the one before.
type tokens struct {
	mu      sync.Mutex
	n       int
	expired bool
	refresh map[string]bool
}

// grant answers a request for tokens; fits is whether what else the system asks for is in order.
func (s *tokens) grant(w http.ResponseWriter, r *http.Request, fits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := r.PostFormValue("refresh_token")
	if r.PostFormValue("grant_type") != "refresh_token" || r.PostFormValue("client_id") != "app-1" || !fits || !s.refresh[old] {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	delete(s.refresh, old)
	s.expired = false
	s.n++
	next := fmt.Sprintf("refresh-%d", s.n)
	s.refresh[next] = true
	answer(w, http.StatusOK, map[string]any{"access_token": s.access(), "refresh_token": next, "expires_in": 3600, "token_type": "bearer", "scope": "all"})
}

func (s *tokens) access() string { return fmt.Sprintf("access-%d", s.n) }

// fit tells whether a request shows the access token.
func (s *tokens) fit(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n > 0 && !s.expired && r.Header.Get("Authorization") == "Bearer "+s.access()
}

func (s *tokens) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expired = true
}

func (s *tokens) renewals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// kept is the sign-in by the browser that came before.
func (s *tokens) kept(refused bool) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresh == nil {
		s.refresh = map[string]bool{}
	}
	token := fmt.Sprintf("first-%d", len(s.refresh))
	if !refused {
		s.refresh[token] = true
	}
	return map[string]string{"phone/" + phoneID + "/-tokens": fmt.Sprintf(`{"access_token":"old","refresh_token":%q,"expires":"2020-01-01T00:00:00Z"}`, token)}
}
