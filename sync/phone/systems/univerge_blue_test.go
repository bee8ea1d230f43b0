package systems

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestUnivergeBlue(t *testing.T) {
	conforms(t, system{
		preset: "univerge-blue",
		start:  func(*testing.T) fake { return newUnivergeBlue() },
		fields: map[string]string{"client_id": "app-1"},
		other:  "On vacation",
		plays:  slices.Collect(maps.Values(univergeValues)),
	})
}

// The vendor's table of the API's values.
var univergeValues = map[string]string{"online": "Available", "busy": "Busy", "onphone": "On call", "inmeeting": "In a meeting",
	"scrsharing": "Screen sharing", "dnd": "Do not disturb", "away": "Away", "onbreak": "On break", "outsick": "Out sick",
	"vacationing": "On vacation", "offwork": "Off work", "offline": "Offline",
	"agentavailable": "Agent available", "agentbusy": "Agent busy", "agentoncall": "Agent on call"}

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// univergeBlue is login.univerge.blue and api.univerge.blue for one person. Presence is that of resources: what
// one shows covers what the person chose, until it is taken away.
type univergeBlue struct {
	*http.ServeMux
	mu        sync.Mutex
	chosen    string // values of the API
	happening string
	resources map[string]string
	tokens    tokens
}

func newUnivergeBlue() *univergeBlue {
	u := &univergeBlue{ServeMux: http.NewServeMux(), chosen: "online", resources: map[string]string{}}
	const presence = "api.univerge.blue/messaging/v1/presence/accounts/_me/users/user-1"
	u.HandleFunc("POST login.univerge.blue/user/connect/token", u.grant)
	u.HandleFunc("GET api.univerge.blue/address-book/v3/contacts/_me", u.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"id": "user-1"})
	}))
	u.HandleFunc("GET "+presence, u.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"presence": u.presence()})
	}))
	u.HandleFunc("PUT "+presence, u.allowed(u.resource(func(w http.ResponseWriter, r *http.Request, resource string) {
		var in struct{ Presence string }
		if _ = json.NewDecoder(r.Body).Decode(&in); univergeValues[in.Presence] == "" {
			answer(w, http.StatusBadRequest, map[string]string{"message": "Unknown presence"})
			return
		}
		u.resources[resource] = in.Presence
		w.WriteHeader(http.StatusNoContent)
	})))
	u.HandleFunc("DELETE "+presence, u.allowed(u.resource(func(w http.ResponseWriter, _ *http.Request, resource string) {
		delete(u.resources, resource)
		w.WriteHeader(http.StatusNoContent)
	})))
	return u
}

// grant gives tokens to a device that names itself.
func (u *univergeBlue) grant(w http.ResponseWriter, r *http.Request) {
	device, named := strings.CutPrefix(r.PostFormValue("acr_values"), "deviceId:")
	u.tokens.grant(w, r, named && guid.MatchString(device))
}

func (u *univergeBlue) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u.mu.Lock()
		defer u.mu.Unlock()
		if !u.tokens.fit(r) {
			answer(w, http.StatusUnauthorized, map[string]string{"message": "Unauthorized"})
			return
		}
		do(w, r)
	}
}

func (u *univergeBlue) resource(do func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		resource := r.URL.Query().Get("resource")
		if !guid.MatchString(resource) {
			answer(w, http.StatusBadRequest, map[string]string{"message": "resource is not a guid"})
			return
		}
		do(w, r, resource)
	}
}

func (u *univergeBlue) presence() string {
	for _, shown := range u.resources {
		return shown
	}
	if u.happening != "" {
		return u.happening
	}
	return u.chosen
}

func (u *univergeBlue) kept(refused bool) map[string]string { return u.tokens.kept(refused) }

func (u *univergeBlue) choose(status string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.chosen = valueOf(status)
}

func (u *univergeBlue) happen(status string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.happening = valueOf(status)
}

func valueOf(status string) string {
	for value, name := range univergeValues {
		if name == status {
			return value
		}
	}
	return ""
}

func (u *univergeBlue) shown() presence.Reading {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch value := u.presence(); value {
	case "onphone", "inmeeting", "scrsharing", "agentoncall":
		return presence.Reading{Happening: univergeValues[value]}
	default:
		return presence.Reading{Chosen: univergeValues[value]}
	}
}
