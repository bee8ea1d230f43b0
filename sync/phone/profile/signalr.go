package profile

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"
)

// The protocol is described in ASP.NET Core's own documents: TransportProtocols.md and HubProtocol.md.

const (
	recordEnd     = 0x1e
	hubPing       = 15 * time.Second // a hub that hears nothing for twice as long hangs up
	hubSilence    = 45 * time.Second // and it says something as often itself
	mostRedirects = 3
)

// The types of a hub's messages that matter here.
const (
	hubInvocation = 1
	hubCompletion = 3
	hubPings      = 6
	hubCloses     = 7
)

type hubMessage struct {
	Type         int    `json:"type"`
	Target       string `json:"target"`
	Arguments    []any  `json:"arguments"`
	InvocationID string `json:"invocationId"`
	Error        string `json:"error"`
}

func (h *signalR) silence() time.Duration { return h.Silence.or(hubSilence) }

// listen hears what the hub invokes.
func (h *signalR) listen(l *listener) error {
	var rest []byte // what came with the last answer of the opening
	s, err := l.connected(func(x *exchange, session session) (s *socket, err error) {
		s, rest, err = h.connect(x, l, session)
		return s, err
	})
	if err != nil {
		return err
	}
	l.open()
	heard := func(data []byte) error {
		rest = append(rest, data...)
		for {
			record, after, whole := bytes.Cut(rest, []byte{recordEnd})
			if !whole {
				if len(rest) > mostBytes {
					return l.odd("sent an event without an end", "")
				}
				return nil
			}
			rest = after
			if err := h.heard(l, record); err != nil {
				return err
			}
		}
	}
	if err := heard(nil); err != nil {
		_ = s.conn.CloseNow()
		return err
	}
	ping := func() error { return s.sendRecord(hubMessageOf(map[string]any{"type": hubPings})) }
	return s.hearing(hubPing, ping, heard, nil)
}

func (h *signalR) heard(l *listener, record []byte) error {
	var m hubMessage
	if err := json.Unmarshal(record, &m); err != nil {
		return l.odd("sent an event that is not JSON", "")
	}
	switch m.Type {
	case hubInvocation:
		input, err := decodeJSON(record)
		if err != nil {
			return l.odd("sent an event that is not JSON", "")
		}
		return l.hear(input)
	case hubCloses:
		l.log.Debug("the hub closed", "phone", l.p.System.ID, "said", l.blanked(m.Error))
		return io.EOF
	}
	return nil
}

// connect negotiates, connects, shakes hands and makes the first calls, in time. It answers what was read
// beyond that, too.
func (h *signalR) connect(x *exchange, l *listener, session session) (*socket, []byte, error) {
	values := l.values(session, l.more())
	hub, err := l.address(&h.URL, values)
	if err != nil {
		return nil, nil, err
	}
	header := l.headers(hub, session, h.Headers, values, true)
	if !h.Direct {
		if hub, err = x.negotiate(l, hub, header); err != nil {
			return nil, nil, err
		}
	}
	s, err := x.dial(l, hub, header, nil)
	if err != nil {
		return nil, nil, err
	}
	rest, err := h.shakeHands(x, s, values)
	if err != nil {
		_ = s.conn.CloseNow()
		return nil, nil, err
	}
	return s, rest, nil
}

// negotiation is the answer to POST …/negotiate: a connection, or where else to ask.
type negotiation struct {
	ConnectionID    string `json:"connectionId"`
	ConnectionToken string `json:"connectionToken"`
	URL             string `json:"url"`
	AccessToken     string `json:"accessToken"`
	Error           string `json:"error"`
	Transports      []struct {
		Transport string `json:"transport"`
	} `json:"availableTransports"`
}

// negotiate answers the address to connect to. Where the hub sends on to another server it gives a token for
// that, which replaces the sign-in.
func (x *exchange) negotiate(l *listener, hub *url.URL, header http.Header) (*url.URL, error) {
	for range mostRedirects {
		n, err := x.negotiateAt(hub, header)
		if err != nil {
			return nil, err
		}
		if n.URL != "" {
			next, err := url.Parse(n.URL)
			if err != nil || next.Host == "" || (next.Scheme != "https" && next.Scheme != hub.Scheme) || (next.Scheme != "https" && next.Scheme != "http") {
				return nil, x.odd("sends on to an address for its events that cannot be used", "")
			}
			if next.Host != hub.Host {
				header.Del("Authorization")
			}
			if n.AccessToken != "" {
				l.hide(n.AccessToken)
				header.Set("Authorization", "Bearer "+n.AccessToken)
			}
			hub = next
			continue
		}
		websockets := len(n.Transports) == 0
		for _, t := range n.Transports {
			websockets = websockets || t.Transport == "WebSockets"
		}
		id := n.ConnectionToken
		if id == "" {
			id = n.ConnectionID
		}
		if n.Error != "" || id == "" || !websockets {
			return nil, x.odd("offers no WebSocket for its events", x.blanked(n.Error))
		}
		l.hide(id)
		connect := *hub
		query := connect.Query()
		query.Set("id", id)
		connect.RawQuery = query.Encode()
		return &connect, nil
	}
	return nil, x.odd("sends on from server to server for its events", "")
}

func (x *exchange) negotiateAt(hub *url.URL, header http.Header) (n negotiation, err error) {
	if err := x.mayTry(); err != nil {
		return n, err
	}
	at := *hub.JoinPath("negotiate")
	at.Scheme = map[string]string{"ws": "http", "wss": "https"}[at.Scheme]
	if at.Scheme == "" {
		at.Scheme = hub.Scheme
	}
	query := at.Query()
	query.Set("negotiateVersion", "1")
	at.RawQuery = query.Encode()
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.sent = true }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(x.ctx, trace), http.MethodPost, at.String(), nil)
	if err != nil {
		return n, x.odd("names no address for its events that can be used", "")
	}
	req.Header = header.Clone()
	resp, err := x.do(req, "negotiate")
	if err != nil {
		return n, err
	}
	defer resp.Body.Close()
	data, err := x.all(resp.Body)
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return n, x.odd("answered the request for events with something else", "")
	}
	return n, nil
}

// shakeHands agrees on the protocol and makes the first calls.
func (h *signalR) shakeHands(x *exchange, s *socket, values map[string]string) (rest []byte, err error) {
	record := func() ([]byte, error) {
		for {
			if one, after, whole := bytes.Cut(rest, []byte{recordEnd}); whole {
				rest = after
				return one, nil
			}
			data, err := s.next(x.ctx)
			if err != nil {
				return nil, x.broken(s, err)
			}
			rest = append(rest, data...)
		}
	}
	if err := s.sendRecord([]byte(`{"protocol":"json","version":1}`)); err != nil {
		return nil, x.broken(s, err)
	}
	answer, err := record()
	if err != nil {
		return nil, err
	}
	var hands struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(answer, &hands); err != nil || hands.Error != "" {
		return nil, x.odd("does not agree on how to tell of events", x.blanked(hands.Error))
	}
	for i, call := range h.Invoke {
		id := strconv.Itoa(i + 1)
		arguments := []any{}
		for _, a := range call.Arguments {
			arguments = append(arguments, a.fill(values))
		}
		if err := s.sendRecord(hubMessageOf(map[string]any{"type": hubInvocation, "invocationId": id,
			"target": call.Target.plain(values), "arguments": arguments})); err != nil {
			return nil, x.broken(s, err)
		}
		for done := false; !done; {
			one, err := record()
			if err != nil {
				return nil, err
			}
			var m hubMessage
			if err := json.Unmarshal(one, &m); err != nil {
				return nil, x.odd("sent an event that is not JSON", "")
			}
			switch {
			case m.Type == hubCompletion && m.InvocationID == id && m.Error != "":
				return nil, x.odd("turned down a call for events", x.blanked(m.Error))
			case m.Type == hubCloses:
				return nil, io.EOF
			}
			done = m.Type == hubCompletion && m.InvocationID == id
		}
	}
	return rest, nil
}

func hubMessageOf(m map[string]any) []byte {
	data, _ := json.Marshal(m) // texts, numbers and lists of those
	return data
}

func (s *socket) sendRecord(record []byte) error {
	return s.sendText(s.ctx, append(record, recordEnd))
}
