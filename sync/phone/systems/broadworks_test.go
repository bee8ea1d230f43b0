package systems

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/offhook/offhook/sync/presence"
)

func TestBroadWorks(t *testing.T) {
	conforms(t, system{
		preset: "broadworks",
		start:  func(*testing.T) fake { return newBroadWorks() },
		fields: map[string]string{"server": "https://xsp.example.com", "user": "ada@example.com", "password": "s3cret"},
		wrong:  map[string]string{"password": "wrong"},
		other:  "Do not disturb",
		plays:  []string{"Available", "Do not disturb", "Ringing", "On a call"},
	})
}

// broadWorks is Xsi-Actions 2.0 for one person, who lets a short ring through while they are not to be disturbed:
// that must stay so.
type broadWorks struct {
	*http.ServeMux
	mu     sync.Mutex
	dnd    bool
	splash bool
	line   string // Alerting or Active
}

const xsi = "http://schema.broadsoft.com/xsi"

func newBroadWorks() *broadWorks {
	b := &broadWorks{ServeMux: http.NewServeMux(), splash: true}
	const me = "/com.broadsoft.xsi-actions/v2.0/user/ada@example.com"
	b.HandleFunc("GET "+me+"/services/DoNotDisturb", b.allowed(func(w http.ResponseWriter, _ *http.Request) {
		answerXML(w, http.StatusOK, fmt.Sprintf(`<DoNotDisturb xmlns="%s"><active>%t</active><ringSplash>%t</ringSplash></DoNotDisturb>`, xsi, b.dnd, b.splash))
	}))
	b.HandleFunc("PUT "+me+"/services/DoNotDisturb", b.allowed(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			XMLName    xml.Name
			Active     *bool `xml:"active"`
			RingSplash *bool `xml:"ringSplash"`
		}
		err := xml.NewDecoder(r.Body).Decode(&in)
		if err != nil || in.XMLName != (xml.Name{Space: xsi, Local: "DoNotDisturb"}) || in.Active == nil || in.RingSplash == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/xml") {
			b.refuse(w, http.StatusBadRequest, "Invalid request content")
			return
		}
		b.dnd, b.splash = *in.Active, *in.RingSplash
		w.WriteHeader(http.StatusOK)
	}))
	b.HandleFunc("GET "+me+"/calls", b.allowed(func(w http.ResponseWriter, _ *http.Request) {
		if b.line == "" {
			answerXML(w, http.StatusOK, `<Calls xmlns="`+xsi+`"/>`)
			return
		}
		answerXML(w, http.StatusOK, `<Calls xmlns="`+xsi+`"><call inConference="false"><callId>callhalf-722:0</callId><uri>/v2.0/user/ada@example.com/calls/callhalf-722:0</uri></call></Calls>`)
	}))
	b.HandleFunc("GET "+me+"/calls/HookStatus", b.allowed(func(w http.ResponseWriter, _ *http.Request) {
		hook := "On-Hook"
		if b.line == "Active" {
			hook = "Off-Hook"
		}
		answerXML(w, http.StatusOK, `<HookStatus xmlns="`+xsi+`"><hookStatus>`+hook+`</hookStatus></HookStatus>`)
	}))
	return b
}

func (b *broadWorks) allowed(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if user, password, _ := r.BasicAuth(); user != "ada@example.com" || password != "s3cret" {
			b.refuse(w, http.StatusUnauthorized, "Authentication failed")
			return
		}
		do(w, r)
	}
}

func (b *broadWorks) refuse(w http.ResponseWriter, status int, why string) {
	answerXML(w, status, `<ErrorInfo xmlns="`+xsi+`"><summary>`+why+`</summary><errorCode>`+strconv.Itoa(status)+`</errorCode></ErrorInfo>`)
}

func (b *broadWorks) choose(status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dnd = status == "Do not disturb"
}

func (b *broadWorks) happen(status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line = map[string]string{"Ringing": "Alerting", "On a call": "Active"}[status]
}

func (b *broadWorks) shown() presence.Reading {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := presence.Reading{Chosen: "Available", Happening: map[string]string{"Alerting": "Ringing", "Active": "On a call"}[b.line]}
	if b.dnd {
		r.Chosen = "Do not disturb"
	}
	if !b.splash {
		r.Chosen = "the short ring was taken away"
	}
	return r
}

// answerXML writes XML as older phone systems do: in Latin-1.
func answerXML(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/xml; charset=ISO-8859-1")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="ISO-8859-1"?>`+body)
}
