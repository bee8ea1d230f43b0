package asterisk

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// simulated is an ARI of a few lines, for what a real Asterisk cannot be made to do: it behaves as Asterisk
// 22.10.1 was seen to, and its answers are held against ARI's published description.
type simulated struct {
	user, password string
	readOnly       bool

	mu       sync.Mutex
	devices  map[string]string // nil: as with a device that is not there, INVALID
	apps     map[string]*application
	requests []string                                      // "GET /deviceStates/PJSIP/100", in order
	fault    func(http.ResponseWriter, *http.Request) bool // answers in Asterisk's place
}

type application struct {
	conn    *websocket.Conn
	devices []string
	allowed []string
}

func newSimulated() *simulated {
	return &simulated{
		user: "offhook", password: secret,
		devices: map[string]string{"PJSIP/100": "NOT_INUSE"},
		apps:    map[string]*application{},
	}
}

func (s *simulated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/ari")
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+path)
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	if user, password, _ := r.BasicAuth(); user != s.user || password != s.password {
		w.Header().Set("WWW-Authenticate", `Basic realm="Asterisk REST Interface"`)
		answer(w, http.StatusUnauthorized, message("Authentication required"))
		return
	}
	if s.readOnly && r.Method != http.MethodGet {
		answer(w, http.StatusForbidden, message("Write access denied"))
		return
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /ari/deviceStates/{name...}", s.getState)
	routes.HandleFunc("PUT /ari/deviceStates/{name...}", s.putState)
	routes.HandleFunc("POST /ari/asterisk/variable", s.setVariable)
	routes.HandleFunc("GET /ari/events", s.events)
	routes.HandleFunc("POST /ari/applications/{app}/subscription", s.subscribe)
	routes.HandleFunc("PUT /ari/applications/{app}/eventFilter", s.filter)
	routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, message("Resource not found"))
	})
	routes.ServeHTTP(w, r)
}

func (s *simulated) getState(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.PathValue("name")
	answer(w, http.StatusOK, map[string]string{"name": name, "state": s.stateOf(name)})
}

func (s *simulated) stateOf(device string) string {
	if state, ok := s.devices[device]; ok {
		return state
	}
	if stateName.MatchString(device) {
		return "UNKNOWN"
	}
	return "INVALID"
}

func (s *simulated) putState(w http.ResponseWriter, r *http.Request) {
	if name := r.PathValue("name"); !strings.HasPrefix(name, "Stasis:") {
		answer(w, http.StatusConflict, message("Uncontrolled device specified"))
	} else if state := r.URL.Query().Get("deviceState"); !slices.Contains(deviceStates, state) {
		answer(w, http.StatusInternalServerError, message("Unknown device"))
	} else {
		s.set(name, state)
		w.WriteHeader(http.StatusNoContent)
	}
}

// setVariable says 204 to everything, also to what it does not do.
func (s *simulated) setVariable(w http.ResponseWriter, r *http.Request) {
	name, isState := strings.CutPrefix(r.URL.Query().Get("variable"), "DEVICE_STATE(")
	value := r.URL.Query().Get("value")
	if isState && strings.HasPrefix(name, "Custom:") && slices.Contains(deviceStates, value) {
		s.set(strings.TrimSuffix(name, ")"), value)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *simulated) events(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("app")
	s.mu.Lock() // the application is there before the connection is said to be
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		s.mu.Unlock()
		return
	}
	defer func() { _ = conn.CloseNow() }()
	app := s.apps[name]
	if app == nil {
		app = &application{}
		s.apps[name] = app
	} else { // the old connection stays open, and is told only where the filter lets it through
		app.send("ApplicationReplaced", map[string]any{"application": name})
	}
	app.conn = conn
	s.mu.Unlock()

	<-conn.CloseRead(context.Background()).Done()

	s.mu.Lock()
	defer s.mu.Unlock()
	if app.conn == conn {
		delete(s.apps, name)
	}
}

func (s *simulated) application(w http.ResponseWriter, r *http.Request) *application {
	app := s.apps[r.PathValue("app")]
	if app == nil {
		answer(w, http.StatusNotFound, message("Application not found"))
	}
	return app
}

func (s *simulated) subscribe(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.application(w, r)
	if app == nil {
		return
	}
	for _, source := range strings.Split(r.URL.Query().Get("eventSource"), ",") {
		device, ok := strings.CutPrefix(source, "deviceState:")
		if !ok {
			answer(w, http.StatusUnprocessableEntity, message("Event source does not exist"))
			return
		}
		app.devices = append(app.devices, device)
	}
	answer(w, http.StatusOK, app.describe(r.PathValue("app")))
}

func (s *simulated) filter(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.application(w, r)
	if app == nil {
		return
	}
	var body struct{ Allowed []struct{ Type string } }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		answer(w, http.StatusBadRequest, message("Error parsing request body"))
		return
	}
	app.allowed = nil
	for _, e := range body.Allowed {
		app.allowed = append(app.allowed, e.Type)
	}
	answer(w, http.StatusOK, app.describe(r.PathValue("app")))
}

func (a *application) describe(name string) map[string]any {
	allowed := []map[string]string{}
	for _, e := range a.allowed {
		allowed = append(allowed, map[string]string{"type": e})
	}
	return map[string]any{"name": name, "channel_ids": []string{}, "bridge_ids": []string{}, "endpoint_ids": []string{},
		"device_names": append([]string{}, a.devices...), "events_allowed": allowed, "events_disallowed": []string{}}
}

func (a *application) send(kind string, with map[string]any) {
	if a.conn == nil || len(a.allowed) > 0 && !slices.Contains(a.allowed, kind) {
		return
	}
	with["type"] = kind
	frame, _ := json.Marshal(with)
	_ = a.conn.Write(context.Background(), websocket.MessageText, frame) // a connection that is gone hears nothing
}

// set changes a device's state and tells who has subscribed to it.
func (s *simulated) set(device, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.devices[device] == state {
		return
	}
	s.devices[device] = state
	for name, app := range s.apps {
		if slices.Contains(app.devices, device) {
			app.send("DeviceStateChanged", map[string]any{"application": name, "timestamp": "2026-11-21T22:28:38.023+0000",
				"device_state": map[string]string{"name": device, "state": state}})
		}
	}
}

// cut ends every connection, or sends a frame first.
func (s *simulated) cut(frame string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, app := range s.apps {
		if frame != "" {
			_ = app.conn.Write(context.Background(), websocket.MessageText, []byte(frame))
		}
		_ = app.conn.CloseNow()
	}
}

func (s *simulated) breakWith(fault func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *simulated) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

func message(text string) map[string]string { return map[string]string{"message": text} }
