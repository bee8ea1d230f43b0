package systems

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestMitelCloudLink(t *testing.T) {
	conforms(t, system{
		preset: "mitel-cloudlink",
		start:  func(*testing.T) fake { return newCloudLink() },
		fields: map[string]string{"cloud": "eu.api.mitel.io", "account": "858000055", "user": "ada@example.com", "password": "s3cret"},
		wrong:  map[string]string{"password": "wrong"},
		other:  "In a call",
		plays:  []string{"In a call"},
	})
}

// cloudLink is the European CloudLink with one person, whose extension is 2001 and never stops ringing. What it
// calls a call that rings no more is not public: here it is a word that nobody knows.
type cloudLink struct {
	*http.ServeMux
	mu      sync.Mutex
	talking bool
	grants  int
	refresh map[string]bool
}

func newCloudLink() *cloudLink {
	c := &cloudLink{ServeMux: http.NewServeMux(), refresh: map[string]bool{}}
	c.HandleFunc("POST authentication.eu.api.mitel.io/2017-09-01/token", c.grant)
	c.HandleFunc("GET authentication.eu.api.mitel.io/2017-09-01/token", c.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"extension": "2001", "role": "USER", "loginId": "ada@example.com"})
	}))
	c.HandleFunc("GET media.eu.api.mitel.io/2017-09-01/endpoints/2001/calls", c.allowed(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Mitel-App") == "" {
			answer(w, http.StatusBadRequest, map[string]string{"message": "X-Mitel-App is missing"})
			return
		}
		const self = "/2017-09-01/endpoints/2001/calls"
		call := func(id, state string) map[string]any {
			return map[string]any{"from": "2002", "to": "2001", "state": state, "direction": "inbound",
				"callId": "endpoints/2001/calls/" + id, "endpointId": "2001", "_links": map[string]any{"self": self + "/" + id}}
		}
		calls := []any{call("1", "ringing")}
		if c.talking {
			calls = append(calls, call("2", "nobody-knows"))
		}
		answer(w, http.StatusOK, map[string]any{"_links": map[string]any{"self": self}, "_embedded": map[string]any{"items": calls}})
	}))
	return c
}

func (c *cloudLink) grant(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var in struct {
		GrantType    string `json:"grant_type"`
		Username     string `json:"username"`
		Password     string `json:"password"`
		AccountID    string `json:"account_id"`
		RefreshToken string `json:"refresh_token"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	byPassword := in.GrantType == "password" && in.Username == "ada@example.com" && in.Password == "s3cret" && in.AccountID == "858000055"
	if !byPassword && !(in.GrantType == "refresh_token" && c.refresh[in.RefreshToken]) {
		answer(w, http.StatusUnauthorized, map[string]string{"message": "Unauthorized"})
		return
	}
	c.grants++
	delete(c.refresh, in.RefreshToken)
	next := fmt.Sprintf("refresh-%d", c.grants)
	c.refresh[next] = true
	answer(w, http.StatusOK, map[string]any{"access_token": c.token(), "refresh_token": next, "expires_in": 3600})
}

func (c *cloudLink) token() string { return fmt.Sprintf("access-%d", c.grants) }

func (c *cloudLink) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.grants == 0 || r.Header.Get("Authorization") != "Bearer "+c.token() {
			answer(w, http.StatusUnauthorized, map[string]string{"message": "Unauthorized"})
			return
		}
		do(w, r)
	}
}

// choose makes a call as well: there is nothing else that could be seen.
func (c *cloudLink) choose(status string) { c.happen(status) }

func (c *cloudLink) happen(status string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.talking = status == "In a call"
}

func (c *cloudLink) shown() presence.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.talking {
		return presence.Reading{Happening: "In a call"}
	}
	return presence.Reading{}
}
