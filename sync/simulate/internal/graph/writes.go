package graph

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/presence"
)

const maxBody = 64 << 10

type presenceBody struct {
	SessionID          *string `json:"sessionId"`
	Availability       string  `json:"availability"`
	Activity           string  `json:"activity"`
	ExpirationDuration *string `json:"expirationDuration"`
}

// decode reads the JSON body that every write has, be it {}.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || json.Unmarshal(b, into) != nil {
		return &Refusal{http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."}
	}
	return nil
}

func (s *Server) mayWrite(w http.ResponseWriter, r *http.Request) (Grant, error) {
	grant, err := s.allow(w, r, "Presence.ReadWrite")
	if err != nil {
		return grant, err
	}
	return grant, s.own(r, &Refusal{http.StatusUnauthorized, "Unauthorized", "Cannot set the presence of another user"})
}

func (s *Server) finish(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.WriteHeader(s.WriteStatus)
}

// session reads the body of setPresence and clearPresence. As in Graph, a missing session id is refused
// before the permission is looked at.
func (s *Server) session(w http.ResponseWriter, r *http.Request) (b presenceBody, err error) {
	if err = decode(w, r, &b); err != nil {
		return b, err
	}
	if b.SessionID == nil || strings.TrimSpace(*b.SessionID) == "" {
		return b, invalid("[SessionId]: The SessionId field is required.")
	}
	grant, err := s.mayWrite(w, r)
	if err != nil {
		return b, err
	}
	if !strings.EqualFold(*b.SessionID, grant.ClientID) {
		return b, invalid("[SessionId]: The SessionId must be the id of the calling application.")
	}
	return b, nil
}

func (s *Server) setPresence(w http.ResponseWriter, r *http.Request) {
	b, err := s.session(w, r)
	if err == nil {
		var d time.Duration
		if d, err = b.duration(); err == nil {
			pair := presence.NewPair(b.Availability, b.Activity)
			err = s.write("Offhook set its session to "+pair.String(), func(p *Person, now time.Time) error {
				return p.SetPresence(now, *b.SessionID, pair, d)
			})
		}
	}
	s.finish(w, r, err)
}

func (s *Server) clearPresence(w http.ResponseWriter, r *http.Request) {
	b, err := s.session(w, r)
	if err == nil {
		err = s.write("Offhook ended its session", func(p *Person, now time.Time) error {
			return p.ClearPresence(now, *b.SessionID)
		})
	}
	s.finish(w, r, err)
}

func (s *Server) setPreferred(w http.ResponseWriter, r *http.Request) {
	var b presenceBody
	err := decode(w, r, &b)
	if err == nil {
		_, err = s.mayWrite(w, r)
	}
	if err == nil {
		var d time.Duration
		if d, err = b.duration(); err == nil {
			pair := presence.NewPair(b.Availability, b.Activity)
			err = s.write("Offhook set the preferred presence to "+pair.String(), func(p *Person, now time.Time) error {
				return p.Prefer(now, pair, d, true)
			})
		}
	}
	s.finish(w, r, err)
}

func (s *Server) clearPreferred(w http.ResponseWriter, r *http.Request) {
	var b struct{}
	err := decode(w, r, &b)
	if err == nil {
		_, err = s.mayWrite(w, r)
	}
	if err == nil {
		err = s.write("Offhook cleared the preferred presence", func(p *Person, _ time.Time) error {
			p.ClearPreferred()
			return nil
		})
	}
	s.finish(w, r, err)
}

var iso8601 = regexp.MustCompile(`^P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?$`)

// duration reads expirationDuration; 0 where it is absent. One that is given is never 0.
func (b presenceBody) duration() (time.Duration, error) {
	if b.ExpirationDuration == nil {
		return 0, nil
	}
	m := iso8601.FindStringSubmatch(*b.ExpirationDuration)
	if m == nil {
		return 0, invalid("The provided [ExpirationDuration] is not a valid ISO 8601 duration.")
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseFloat(m[i+1], 64)
		if err != nil || n > 1e6 {
			return 0, outOfRange
		}
		d += time.Duration(n * float64(unit))
	}
	if d <= 0 {
		return 0, outOfRange
	}
	return d, nil
}

type itemBody struct {
	Content     string `json:"content"`
	ContentType string `json:"contentType"`
}

type dateTimeTimeZone struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

type statusMessage struct {
	Message           *itemBody         `json:"message"`
	ExpiryDateTime    *dateTimeTimeZone `json:"expiryDateTime,omitempty"`
	PublishedDateTime string            `json:"publishedDateTime,omitempty"`
}

const graphTime = "2006-01-02T15:04:05.0000000"

func (n Note) body() *statusMessage {
	if n.Content == "" {
		return nil
	}
	m := &statusMessage{Message: &itemBody{n.Content, "text"}, PublishedDateTime: n.Published.UTC().Format(graphTime + "Z")}
	if !n.Expires.IsZero() {
		m.ExpiryDateTime = &dateTimeTimeZone{n.Expires.UTC().Format(graphTime), "UTC"}
	}
	return m
}

func (s *Server) setStatusMessage(w http.ResponseWriter, r *http.Request) {
	var b struct {
		StatusMessage *statusMessage `json:"statusMessage"`
	}
	err := decode(w, r, &b)
	if err == nil {
		_, err = s.mayWrite(w, r)
	}
	if err == nil {
		var n Note
		if n, err = b.StatusMessage.note(s.Now()); err == nil {
			err = s.write("Offhook set the status message", func(p *Person, _ time.Time) error {
				p.SetNote(n)
				return nil
			})
		}
	}
	s.finish(w, r, err)
}

// note reads a status message; one without content clears what stands.
func (m *statusMessage) note(now time.Time) (Note, error) {
	if m == nil || m.Message == nil {
		return Note{}, invalid("[StatusMessage]: The StatusMessage field is required.")
	}
	if t := m.Message.ContentType; t != "" && !strings.EqualFold(t, "text") {
		return Note{}, invalid("[StatusMessage]: The only supported content type is text.")
	}
	n := Note{Content: m.Message.Content, Published: now}
	if e := m.ExpiryDateTime; e != nil {
		zone, err := time.LoadLocation(e.TimeZone)
		if err != nil {
			return Note{}, invalid("[ExpiryDateTime]: The time zone %s is not known.", e.TimeZone)
		}
		if n.Expires, err = time.ParseInLocation("2006-01-02T15:04:05", e.DateTime, zone); err != nil {
			return Note{}, invalid("[ExpiryDateTime]: %q is not a date and time.", e.DateTime)
		}
	}
	return n, nil
}
