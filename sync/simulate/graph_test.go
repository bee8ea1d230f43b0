package simulate_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
)

// graph is a signed-in client of the simulated Graph.
type graph struct {
	*world
	bearer string
}

func (w *world) signedIn(scopes ...string) graph { return graph{w, "Bearer " + w.signIn(scopes...)} }

func (g graph) get(path string) reply {
	g.t.Helper()
	return g.must("GET", g.GraphURL()+path, g.bearer, "")
}

func (g graph) post(path, body string) reply {
	g.t.Helper()
	return g.must("POST", g.GraphURL()+path, g.bearer, body)
}

func (g graph) presence() presence.Pair {
	g.t.Helper()
	m := g.get("/me/presence").json(g.t)
	availability, _ := m["availability"].(string)
	activity, _ := m["activity"].(string)
	return presence.NewPair(availability, activity)
}

func inACall(clientID string) string {
	return fmt.Sprintf(`{"sessionId":%q,"availability":"Busy","activity":"InACall","expirationDuration":"PT5M"}`, clientID)
}

func TestStaleReads(t *testing.T) {
	call, free := presence.InACall, presence.Available
	for _, tt := range []struct {
		stale int
		want  []presence.Pair
	}{
		{-1, []presence.Pair{call, call, call}},
		{0, []presence.Pair{free, call, call}},
		{2, []presence.Pair{free, free, call}},
	} {
		g := start(t, simulate.Options{StaleReads: tt.stale}).signedIn()
		g.post("/me/presence/setPresence", inACall(g.ClientID()))
		got := []presence.Pair{g.presence(), g.presence(), g.presence()}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("StaleReads %d:\n%s", tt.stale, diff)
		}
	}
}

// A second write before the first is seen does not make the first one seen; and what the person does
// themselves is seen once no late answer is left.
func TestStaleReadsAddUp(t *testing.T) {
	g := start(t, simulate.Options{StaleReads: 1}).signedIn()
	g.post("/me/presence/setPresence", inACall(g.ClientID()))
	g.post("/me/presence/setUserPreferredPresence", `{"availability":"DoNotDisturb","activity":"DoNotDisturb"}`)
	if err := g.Teams.Choose(presence.BeRightBack); err != nil {
		t.Fatal(err)
	}
	got := []presence.Pair{g.presence(), g.presence()}
	if diff := cmp.Diff([]presence.Pair{presence.Available, presence.BeRightBack}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSequenceNumbers(t *testing.T) {
	g := start(t, simulate.Options{StaleReads: -1}).signedIn()
	read := func() string { s, _ := g.get("/me/presence").json(t)["sequenceNumber"].(string); return s }
	first, again := read(), read()
	g.post("/me/presence/setPresence", inACall(g.ClientID()))
	second := read()
	if first == "" || first != again || second <= first {
		t.Errorf("read %q, %q, and after a change %q", first, again, second)
	}
	without := start(t, simulate.Options{NoSequence: true}).signedIn()
	if m := without.get("/me/presence").json(t); m["sequenceNumber"] != nil {
		t.Errorf("NoSequence, and yet %v", m["sequenceNumber"])
	}
}

func TestWrites(t *testing.T) {
	for _, status := range []int{200, 204} {
		g := start(t, simulate.Options{StaleReads: -1, WriteStatus: status}).signedIn()
		session := fmt.Sprintf(`{"sessionId":%q}`, g.ClientID())
		for _, tt := range []struct {
			path, body string
			want       presence.Pair
		}{
			{"/me/presence/setPresence", inACall(g.ClientID()), presence.InACall},
			{"/users/" + simulate.UserID + "/presence/setUserPreferredPresence", `{"availability":"doNotDisturb","activity":"doNotDisturb","expirationDuration":"P1DT2H"}`, presence.DoNotDisturb},
			{"/me/presence/clearUserPreferredPresence", `{}`, presence.InACall},
			{"/me/presence/clearUserPreferredPresence", `{}`, presence.InACall},
			{"/me/presence/clearPresence", session, presence.Available},
		} {
			if r := g.post(tt.path, tt.body); r.Status != status || r.Body != "" {
				t.Errorf("%s: %d %s, want %d", tt.path, r.Status, r.Body, status)
			}
			if got := g.presence(); got != tt.want {
				t.Errorf("after %s it is %s, want %s", tt.path, got, tt.want)
			}
		}
	}
}

func TestStatusMessage(t *testing.T) {
	g := start(t, simulate.Options{StaleReads: -1}).signedIn()
	g.post("/me/presence/setStatusMessage", `{"statusMessage":{"message":{"content":"back at two","contentType":"text"},"expiryDateTime":{"dateTime":"2126-01-02T03:04:05","timeZone":"Europe/Berlin"}}}`)
	note, _ := g.get("/me/presence").json(t)["statusMessage"].(map[string]any)
	delete(note, "publishedDateTime")
	want := map[string]any{
		"message":        map[string]any{"content": "back at two", "contentType": "text"},
		"expiryDateTime": map[string]any{"dateTime": "2126-01-02T02:04:05.0000000", "timeZone": "UTC"},
	}
	if diff := cmp.Diff(want, note); diff != "" {
		t.Error(diff)
	}
}

func TestGraphRefusals(t *testing.T) {
	w := start(t, simulate.Options{})
	all, reader := w.signedIn(), w.signedIn("Presence.Read")
	nobody, madeUp := graph{w, ""}, graph{w, "Bearer made-up"}
	const set, clearIt, prefer = "/me/presence/setPresence", "/me/presence/clearPresence", "/me/presence/setUserPreferredPresence"
	body := func(availability, activity, d string) string {
		return fmt.Sprintf(`{"sessionId":%q,"availability":%q,"activity":%q,"expirationDuration":%q}`, w.ClientID(), availability, activity, d)
	}
	tests := []struct {
		name       string
		g          graph
		path, body string // no body: a GET
		status     int
		code       string
		message    string // part of it
	}{
		{"no token", nobody, "/me/presence", "", 401, "InvalidAuthenticationToken", "Access token is empty."},
		{"unknown token", madeUp, "/me/presence", "", 401, "InvalidAuthenticationToken", "expired"},
		{"another's presence", all, "/users/11111111-2222-4333-8444-555555555555/presence", "", 403, "Forbidden", ""},
		{"by name", all, "/users/" + simulate.UserName + "/presence", "", 400, "InvalidArgument", "GUID"},
		{"profile without the scope", reader, "/me", "", 403, "Forbidden", ""},
		{"write without the scope", reader, set, body("Busy", "InACall", "PT5M"), 403, "Forbidden", ""},
		{"no session id comes before no scope", reader, set, `{"availability":"Busy","activity":"InACall"}`, 400, "InvalidArgument", "[SessionId]: The SessionId field is required."},
		{"prefer without the scope", reader, prefer, `{"availability":"Busy","activity":"Busy"}`, 403, "Forbidden", ""},
		{"another's write", all, "/users/11111111-2222-4333-8444-555555555555/presence/setUserPreferredPresence", `{"availability":"Busy","activity":"Busy"}`, 401, "Unauthorized", "Cannot set the presence of another user"},
		{"a session id of one's own", all, set, `{"sessionId":"11111111-2222-4333-8444-555555555555","availability":"Busy","activity":"InACall"}`, 400, "InvalidArgument", "[SessionId]"},
		{"illegal pair", all, set, body("Busy", "Busy", "PT5M"), 400, "InvalidArgument", "Busy"},
		{"illegal preferred pair", all, prefer, body("Busy", "InACall", "PT5M"), 400, "InvalidArgument", "InACall"},
		{"too short", all, set, body("Busy", "InACall", "PT4M59S"), 400, "InvalidArgument", "The provided [ExpirationDuration] is out of range."},
		{"too long", all, set, body("Busy", "InACall", "PT4H1S"), 400, "InvalidArgument", "out of range"},
		{"no duration at all", all, set, body("Busy", "InACall", "PT0S"), 400, "InvalidArgument", "out of range"},
		{"not a duration", all, set, body("Busy", "InACall", "5 minutes"), 400, "InvalidArgument", "ISO 8601"},
		{"clear without a session", all, clearIt, fmt.Sprintf(`{"sessionId":%q}`, w.ClientID()), 404, "NotFound", "not found"},
		{"clear without an id", all, clearIt, `{}`, 400, "InvalidArgument", "[SessionId]"},
		{"not JSON", all, prefer, `availability=Busy`, 400, "BadRequest", "JSON"},
		{"no such thing", all, "/me/messages", "", 404, "ResourceNotFound", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := w.State().Teams
			var r reply
			if tt.body == "" {
				r = tt.g.get(tt.path)
			} else {
				r = tt.g.post(tt.path, tt.body)
			}
			var got struct {
				Error struct {
					Code, Message string
					InnerError    map[string]string
				}
			}
			if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
				t.Fatal(err)
			}
			e := got.Error
			if r.Status != tt.status || e.Code != tt.code || !strings.Contains(e.Message, tt.message) || tt.code == "Forbidden" && e.Message != "" {
				t.Errorf("got %d %s %q, want %d %s %q", r.Status, e.Code, e.Message, tt.status, tt.code, tt.message)
			}
			if e.InnerError["request-id"] == "" || e.InnerError["date"] == "" || e.InnerError["request-id"] != r.Header.Get("request-id") {
				t.Errorf("innerError is %v", e.InnerError)
			}
			if r.Status == 401 && !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("no challenge but %q", r.Header.Get("WWW-Authenticate"))
			}
			if diff := cmp.Diff(before, w.State().Teams); diff != "" {
				t.Errorf("a refusal changed something:\n%s", diff)
			}
		})
	}
}

func TestGraphFaults(t *testing.T) {
	g := start(t, simulate.Options{}).signedIn()
	for _, tt := range []struct {
		fault      string
		status     int
		code       string
		retryAfter string
	}{
		{`{"graph":"401"}`, 401, "InvalidAuthenticationToken", ""},
		{`{"graph":"403"}`, 403, "Forbidden", ""},
		{`{"graph":"429"}`, 429, "TooManyRequests", "10"},
		{`{"graph":"429","retry_after":2}`, 429, "TooManyRequests", "2"},
		{`{"graph":"503"}`, 503, "ServiceError", ""},
		{`{"graph":"503","retry_after":7}`, 503, "ServiceError", "7"},
	} {
		g.play("fault", tt.fault)
		r := g.get("/me/presence")
		e, _ := r.json(t)["error"].(map[string]any)
		if r.Status != tt.status || e["code"] != tt.code || r.Header.Get("Retry-After") != tt.retryAfter {
			t.Errorf("%s: %d %v, Retry-After %q", tt.fault, r.Status, e["code"], r.Header.Get("Retry-After"))
		}
	}
	g.play("fault", `{"graph":"down"}`)
	if r, err := g.do("GET", g.GraphURL()+"/me/presence", g.bearer, ""); err == nil {
		t.Errorf("down, and yet it answers %d", r.Status)
	}
	g.play("fault", `{"graph":"slow","delay":0.001}`)
	if r := g.get("/me/presence"); r.Status != http.StatusOK {
		t.Errorf("slow: %d", r.Status)
	}
	g.play("fault", `{"graph":"none"}`)
	if r := g.get("/me/presence"); r.Status != http.StatusOK {
		t.Errorf("mended: %d", r.Status)
	}
}

// Continuous access evaluation: a token from before is refused with a claims challenge, a new one is good.
func TestClaimsChallenge(t *testing.T) {
	w := start(t, simulate.Options{})
	old := w.signedIn()
	w.play("fault", `{"graph":"cae"}`)
	r := old.get("/me/presence")
	_, claims, _ := strings.Cut(r.Header.Get("WWW-Authenticate"), `claims="`)
	claims, _, _ = strings.Cut(claims, `"`)
	decoded, err := base64.StdEncoding.DecodeString(claims)
	if r.Status != 401 || err != nil || !json.Valid(decoded) || len(decoded) == 0 {
		t.Errorf("got %d %s (%v)", r.Status, r.Header.Get("WWW-Authenticate"), err)
	}
	if r := w.signedIn().get("/me/presence"); r.Status != http.StatusOK {
		t.Errorf("with a new token: %d", r.Status)
	}
}
