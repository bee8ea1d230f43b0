package systems

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
)

// Presences by their numbers, from 1.
var openScapePresences = []string{"Office", "Meeting", "Sick", "Break", "Gone out", "Holiday", "Lunch", "Home", "Do not disturb"}

func TestOpenScapeBusiness(t *testing.T) {
	conforms(t, system{
		preset: "openscape-business",
		start:  func(*testing.T) fake { return &openScapeBusiness{presence: 1, tells: openScapeTells} },
		fields: map[string]string{"server": "https://pbx.example.com:8802", "extension": "101", "pin": "123456"},
		wrong:  map[string]string{"pin": "000000"},
		other:  "Do not disturb",
		plays:  openScapePresences,
	})
}

// openScapeBusiness is the Web Services Interface with one person. How it tells a presence is not known exactly,
// and nothing that this could show: it is told in one way after the other.
type openScapeBusiness struct {
	mu       sync.Mutex
	presence int
	tells    []string // with a place for the number
	told     int
	sessions []string
	refused  int
}

var openScapeTells = []string{
	`<PRESENCE><USER>101</USER><PRESENCE>%d</PRESENCE></PRESENCE>`,
	`<LIST><ITEM user="100" presence="9"/><ITEM user="101" presence="%d"/></LIST>`,
	`<GetPresenceXML><presence>%d</presence></GetPresenceXML>`,
}

func (o *openScapeBusiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := r.URL.Query()
	if r.Method != http.MethodGet || r.URL.Path != "/cgi-bin/gadgetapi" {
		http.NotFound(w, r)
		return
	}
	if q.Get("cmd") == "Login" {
		if q.Get("gsUser") != "101" || q.Get("gsPass") != "123456" {
			o.refused++
			answerXML(w, http.StatusOK, `<LOGIN><ID>0</ID><CNT/><ERROR>Wrong user or password</ERROR></LOGIN>`)
			return
		}
		o.sessions = append(o.sessions, fmt.Sprintf("3b06a3a%d", len(o.sessions)))
		answerXML(w, http.StatusOK, `<LOGIN><ID>`+o.sessions[len(o.sessions)-1]+`</ID><CNT>1</CNT><ERROR/></LOGIN>`)
		return
	}
	n, err := strconv.Atoi(q.Get("presence"))
	switch {
	case !slices.Contains(o.sessions, q.Get("gsSession")):
		openScapeError(w, "NOT_LOGGED_IN")
	case q.Get("user") != "101":
		openScapeError(w, "UNKNOWN_USER")
	case q.Get("cmd") == "GetPresenceXML":
		o.told++
		answerXML(w, http.StatusOK, fmt.Sprintf(o.tells[o.told%len(o.tells)], o.presence))
	case q.Get("cmd") == "SetPresence" && err == nil && n >= 1 && n <= len(openScapePresences):
		o.presence = n
		answerXML(w, http.StatusOK, `<SetPresence/>`)
	default:
		openScapeError(w, "WRONG_PARAMETER")
	}
}

func openScapeError(w http.ResponseWriter, reason string) {
	answerXML(w, http.StatusOK, `<ERROR><REASON>`+reason+`</REASON></ERROR>`)
}

// refusals counts the refused sign-ins, which are successes by their HTTP status.
func (o *openScapeBusiness) refusals() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refused
}

func (o *openScapeBusiness) choose(status string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.presence = slices.Index(openScapePresences, status) + 1
}

func (o *openScapeBusiness) happen(string) {} // the line is not read

func (o *openScapeBusiness) shown() presence.Reading {
	o.mu.Lock()
	defer o.mu.Unlock()
	return presence.Reading{Chosen: openScapePresences[o.presence-1]}
}

// An answer from which it does not follow whose presence it tells, or which, is an error and never a status.
func TestOpenScapeBusinessIsNotGuessedAt(t *testing.T) {
	for name, tells := range map[string]string{
		"of others": `<LIST><ITEM user="100" presence="9"/><ITEM user="102" presence="%d"/></LIST>`,
		"twice":     `<LIST><ITEM user="101" presence="9"/><ITEM user="101" presence="%d"/></LIST>`,
		"none":      `<GetPresenceXML><state>%d</state></GetPresenceXML>`,
		"no number": `<GetPresenceXML><presence>1%d</presence></GetPresenceXML>`,
	} {
		t.Run(name, func(t *testing.T) {
			o := &openScapeBusiness{presence: 1, tells: []string{tells}}
			server := httptest.NewServer(o)
			defer server.Close()
			d, err := profile.Open(parse(t, "openscape-business"), profile.Options{HTTP: leadTo(t, server.URL),
				Fields: map[string]string{"server": "https://pbx.example.com:8802", "extension": "101", "pin": "123456"}})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			d.Watch(ctx, func(r presence.Reading, err error) {
				if err == nil || r != (presence.Reading{}) {
					t.Errorf("it is read as %+v, %v", r, err)
				}
				cancel()
			})
			if o.told != 1 {
				t.Errorf("the presence was asked for %d times", o.told)
			}
		})
	}
}
