package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// wirePresence is the part of Graph's presence resource that matters here.
type wirePresence struct {
	Availability   string `json:"availability"`
	Activity       string `json:"activity"`
	SequenceNumber string `json:"sequenceNumber"`
	OutOfOffice    *struct {
		IsOutOfOffice bool `json:"isOutOfOffice"`
	} `json:"outOfOfficeSettings"`
	StatusMessage *struct {
		Message *struct {
			Content string `json:"content"`
		} `json:"message"`
	} `json:"statusMessage"`
}

// read reads the presence of the person signed in.
func (g *graph) read(ctx context.Context) (presence.Presence, time.Time, error) {
	body, asked, err := g.do(ctx, call{method: http.MethodGet, doing: problem.Say("read your presence")})
	if err != nil {
		return presence.Presence{}, asked, err
	}
	var w wirePresence
	if len(body) > bodySize {
		err = errors.New("the answer is too long")
	} else if err = json.Unmarshal(body, &w); err == nil && (w.Availability == "" || w.Activity == "") {
		err = errors.New("the answer names no availability or no activity")
	}
	if err != nil {
		return presence.Presence{}, asked, notGraph(err)
	}
	p := presence.Presence{Pair: presence.NewPair(w.Availability, w.Activity), Sequence: w.SequenceNumber}
	if w.OutOfOffice != nil {
		p.OutOfOffice = w.OutOfOffice.IsOutOfOffice
	}
	if w.StatusMessage != nil && w.StatusMessage.Message != nil {
		p.Message = w.StatusMessage.Message.Content
	}
	return p, asked, nil
}

// sessionPairs are the pairs that setPresence takes.
var sessionPairs = []presence.Pair{
	presence.Available, presence.InACall, presence.InAConferenceCall, presence.Away, presence.Presenting,
}

// The bounds Graph sets to a session's duration.
const (
	shortestSession = 5 * time.Minute
	longestSession  = 4 * time.Hour
)

type setPresence struct {
	SessionID          string `json:"sessionId"`
	Availability       string `json:"availability"`
	Activity           string `json:"activity"`
	ExpirationDuration string `json:"expirationDuration"`
}

func (g *graph) setSession(ctx context.Context, p presence.Pair, d time.Duration) error {
	if !slices.Contains(sessionPairs, p) {
		return illegal(p, sessionPairs)
	}
	if d < shortestSession || d > longestSession {
		return &problem.Problem{
			Kind: problem.Refused,
			What: problem.Say("Microsoft Graph shows a presence for {least} to {most}, not for {time}", "least", shortestSession, "most", longestSession, "time", d),
		}
	}
	return g.act(ctx, "setPresence", problem.Say("set your presence"), setPresence{g.sessionID, p.Availability, p.Activity, iso8601(d)})
}

type clearPresence struct {
	SessionID string `json:"sessionId"`
}

func (g *graph) clearSession(ctx context.Context) error {
	err := g.act(ctx, "clearPresence", problem.Say("give your presence back"), clearPresence{g.sessionID})
	var failure *graphError
	if errors.As(err, &failure) && failure.Status == http.StatusNotFound {
		return nil // there is no session: that is what was wanted
	}
	return err
}

type setUserPreferredPresence struct {
	Availability       string `json:"availability"`
	Activity           string `json:"activity"`
	ExpirationDuration string `json:"expirationDuration"`
}

func (g *graph) setPreferred(ctx context.Context, p presence.Pair, d time.Duration) error {
	if presence.HowToWrite(p) != presence.Preferred {
		return illegal(p, slices.DeleteFunc(presence.LegalTargets(), func(p presence.Pair) bool {
			return presence.HowToWrite(p) != presence.Preferred
		}))
	}
	if d < time.Second {
		return &problem.Problem{
			Kind: problem.Refused,
			What: problem.Say("A status set in Teams must end by itself, after more than {time}", "time", d),
		}
	}
	return g.act(ctx, "setUserPreferredPresence", problem.Say("set your status"),
		setUserPreferredPresence{p.Availability, p.Activity, iso8601(d)})
}

func (g *graph) clearPreferred(ctx context.Context) error {
	return g.act(ctx, "clearUserPreferredPresence", problem.Say("give your status back"), struct{}{})
}

type setStatusMessage struct {
	StatusMessage statusMessage `json:"statusMessage"`
}

type statusMessage struct {
	Message statusText    `json:"message"`
	Expiry  *dateTimeZone `json:"expiryDateTime,omitempty"`
}

type statusText struct {
	Content     string `json:"content"`
	ContentType string `json:"contentType"` // text is the only one there is
}

type dateTimeZone struct {
	DateTime string `json:"dateTime"` // without a zone
	TimeZone string `json:"timeZone"`
}

// setMessage sets the status message until a time; an empty text removes it.
func (g *graph) setMessage(ctx context.Context, text string, until time.Time) error {
	message := statusMessage{Message: statusText{Content: text, ContentType: "text"}}
	if text != "" {
		message.Expiry = &dateTimeZone{DateTime: until.UTC().Format("2006-01-02T15:04:05"), TimeZone: "UTC"}
	}
	return g.act(ctx, "setStatusMessage", problem.Say("set your status message"), setStatusMessage{message})
}

// act carries out an action. Its answer's body is not read: documents and servers differ on it.
func (g *graph) act(ctx context.Context, op string, doing problem.Text, body any) error {
	_, _, err := g.do(ctx, call{method: http.MethodPost, op: op, body: body, doing: doing})
	return err
}

func illegal(p presence.Pair, legal []presence.Pair) error {
	names := make([]string, len(legal))
	for i, l := range legal {
		names[i] = l.String()
	}
	return &problem.Problem{
		Kind: problem.Refused,
		What: problem.Say("Microsoft Graph does not let {state} be set", "state", p),
		Do:   problem.Say("Map to one of {states}", "states", strings.Join(names, ", ")),
	}
}

// iso8601 writes a duration, in whole seconds, as Graph wants it: PT1H30M.
func iso8601(d time.Duration) string {
	d = d.Round(time.Second)
	var b strings.Builder
	b.WriteString("PT")
	for _, part := range []struct {
		unit time.Duration
		name byte
	}{{time.Hour, 'H'}, {time.Minute, 'M'}, {time.Second, 'S'}} {
		if n := d / part.unit; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, part.name)
			d -= n * part.unit
		}
	}
	if b.Len() == len("PT") {
		return "PT0S"
	}
	return b.String()
}
