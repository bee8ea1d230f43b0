package profile

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file is the form of the events in a profile's file, and its checks.

const eventKinds = "stream, websocket, signalr and long_poll"

// events says how the phone system tells of changes: in one way at most. Where there is none, or it fails, the
// phone is read at intervals.
type events struct {
	place
	Poll      *span      `yaml:"poll" doc:"how often to read where there are no events, or they fail; 10s when left out"`
	Stream    *stream    `yaml:"stream" doc:"server-sent events"`
	WebSocket *webSocket `yaml:"websocket" doc:"frames over a WebSocket"`
	SignalR   *signalR   `yaml:"signalr" doc:"ASP.NET Core SignalR, JSON protocol"`
	LongPoll  *longPoll  `yaml:"long_poll" doc:"a request that is answered when there is something to tell"`
}

// telling is what all ways of telling of changes have in common. The expressions see one event.
type telling struct {
	Subscribe   *request        `yaml:"subscribe" doc:"a request sent before, each time"`
	Keep        map[string]expr `yaml:"keep" doc:"what is kept of its answer, by the name of the placeholder that stands for it"`
	Renew       *renewal        `yaml:"renew" doc:"what keeps a subscription from running out"`
	Unsubscribe *request        `yaml:"unsubscribe" doc:"a request sent when nobody listens any more"`

	When            *expr        `yaml:"when" doc:"jq: true for the events that matter; all do when left out"`
	State           *expr        `yaml:"state" doc:"jq: what the read request would answer, out of the event; without it an event means: read again"`
	BeginsWithState bool         `yaml:"begins_with_state" doc:"the first event that matters says how things are"`
	Silence         *span        `yaml:"silence" doc:"for how long a living connection may say nothing at all"`
	SignInAgain     *signInAgain `yaml:"sign_in_again" doc:"how one is told that the sign-in has lapsed"`
}

type renewal struct {
	place
	Every   span     `yaml:"every" required:"how often, such as 20m"`
	Request *request `yaml:"request" doc:"a request that renews"`
	Send    *body    `yaml:"send" doc:"a frame that renews, where there are frames"`
}

type signInAgain struct {
	place
	Codes values `yaml:"codes" doc:"the codes with which a WebSocket is closed then"`
	When  *expr  `yaml:"when" doc:"jq: true for an event that says so"`
}

// stream is server-sent events. Its expressions see {event, id, data}; data is JSON where it is.
type stream struct {
	place
	telling `yaml:",inline"`
	Request request `yaml:"request" required:"the request that opens the stream"`
}

// webSocket is events as frames. Its expressions see a frame: as JSON where it is, else as text.
type webSocket struct {
	place
	telling   `yaml:",inline"`
	URL       template            `yaml:"url" required:"where to connect: wss://… or, on the base address, a path that begins with a slash"`
	Headers   map[string]template `yaml:"headers" doc:"sent when connecting; the sign-in's own go to the base address's server only"`
	Protocols []text              `yaml:"protocols" doc:"the subprotocols that are offered"`
	Open      []opening           `yaml:"open" doc:"the frames that are exchanged first, in order"`
	Reply     []reply             `yaml:"reply" doc:"frames to answer with a frame"`
	Ping      *ping               `yaml:"ping" doc:"how often to make sure that the other side is there; 30s when left out"`
}

// opening is a step of a conversation: a frame that is sent, one that is awaited, or both, in this order.
type opening struct {
	place
	Send  *body           `yaml:"send" doc:"the frame: JSON, or a text as it is"`
	Await *expr           `yaml:"await" doc:"jq: true for the frame to wait for"`
	Keep  map[string]expr `yaml:"keep" doc:"what is kept of the awaited frame, by the placeholder's name"`
}

type reply struct {
	place
	When expr `yaml:"when" required:"a jq expression that is true for the frames to answer"`
	Send body `yaml:"send" required:"the frame to answer with"`
}

type ping struct {
	place
	Every span  `yaml:"every" required:"how often, such as 30s"`
	Send  *body `yaml:"send" doc:"a frame that is sent besides the WebSocket's own ping"`
}

// signalR is a hub of ASP.NET Core SignalR. Its expressions see an invocation: {target, arguments}.
type signalR struct {
	place
	telling `yaml:",inline"`
	URL     template            `yaml:"url" required:"the hub's address: https://… or, on the base address, a path that begins with a slash"`
	Headers map[string]template `yaml:"headers" doc:"sent when negotiating and connecting, besides the sign-in's own"`
	Direct  bool                `yaml:"direct" doc:"true where the hub is connected to without negotiating"`
	Invoke  []invocation        `yaml:"invoke" doc:"hub methods that are called first, in order"`
}

type invocation struct {
	place
	Target    template `yaml:"target" required:"the hub method's name"`
	Arguments []body   `yaml:"arguments"`
}

// longPoll is a request that is sent again and again. Its expressions see the answer, or each of the events in
// it.
type longPoll struct {
	place
	telling `yaml:",inline"`
	Request request  `yaml:"request" required:"the request that is answered when there is something to tell"`
	First   template `yaml:"first" doc:"what ${cursor} stands for in the first request"`
	Cursor  *expr    `yaml:"cursor" doc:"jq: what ${cursor} stands for in the next request, out of the answer"`
	Each    *expr    `yaml:"each" doc:"jq: the list of events in the answer; without it the answer is one event"`
	Hold    *span    `yaml:"hold" doc:"for how long the answer may take; 60s when left out"`
}

// source is the way in which events come, nil where there is none.
func (e *events) source() source {
	switch {
	case e == nil:
	case e.Stream != nil:
		return e.Stream
	case e.WebSocket != nil:
		return e.WebSocket
	case e.SignalR != nil:
		return e.SignalR
	case e.LongPoll != nil:
		return e.LongPoll
	}
	return nil
}

// waits tells whether a request for events is answered only when there is something to tell.
func (e *events) waits() bool { return e != nil && (e.LongPoll != nil || e.Stream != nil) }

func (f *file) checkEvents(bad *mistakes) {
	e := f.Events
	if e == nil {
		return
	}
	kinds := 0
	for _, there := range []bool{e.Stream != nil, e.WebSocket != nil, e.SignalR != nil, e.LongPoll != nil} {
		if there {
			kinds++
		}
	}
	if kinds > 1 {
		bad.add(e.wrong("events come in one way; leave one of %s", eventKinds))
	}
	src := e.source()
	if src == nil {
		return
	}
	t := src.common()
	if t.BeginsWithState && t.State == nil {
		bad.add(e.wrong("begins_with_state says that events hold the state, but state is missing; add it or remove begins_with_state"))
	}
	if len(t.Keep) > 0 && t.Subscribe == nil {
		bad.add(e.wrong("keep keeps what subscribe is answered, but subscribe is missing; add it or remove keep"))
	}
	if e.WebSocket != nil {
		bad.add(wholeAddress(&e.WebSocket.URL))
	}
	if e.SignalR != nil {
		bad.add(wholeAddress(&e.SignalR.URL))
	}
	socket := e.WebSocket != nil
	if r := t.Renew; r != nil {
		if (r.Request == nil) == (r.Send == nil) {
			bad.add(r.wrong("renew needs either request or send; write one of the two"))
		}
		if r.Send != nil && !socket {
			bad.add(r.Send.wrong("only a websocket has frames to send; write request"))
		}
	}
	if s := t.SignInAgain; s != nil {
		if len(s.Codes) == 0 && s.When == nil {
			bad.add(s.wrong("sign_in_again says nothing; write codes or when"))
		}
		for _, c := range s.Codes {
			if n, err := strconv.Atoi(c.s); err != nil || n < 1000 || n > 4999 {
				bad.add(c.wrong("%q is no code with which a WebSocket is closed; they are 1000 to 4999", c.s))
			}
		}
		if len(s.Codes) > 0 && !socket && e.SignalR == nil {
			bad.add(s.wrong("only a websocket and signalr are closed with a code; write when"))
		}
	}
	if socket {
		for _, o := range e.WebSocket.Open {
			if o.Send == nil && o.Await == nil {
				bad.add(o.wrong("a step needs send, await or both; write one"))
			}
			if len(o.Keep) > 0 && o.Await == nil {
				bad.add(o.wrong("keep keeps what the awaited frame holds, but await is missing; add it or remove keep"))
			}
		}
	}
	if l := e.LongPoll; l != nil && l.First.source != "" && l.Cursor == nil {
		bad.add(l.First.wrong("first is where cursor begins, but cursor is missing; add it or remove first"))
	}
}

// wholeAddress demands that an address is one, or a path on the base address.
func wholeAddress(t *template) error {
	for _, begin := range []string{"/", "${", "wss://", "ws://", "https://", "http://"} {
		if strings.HasPrefix(t.source, begin) {
			return nil
		}
	}
	return t.wrong("the address %q is not whole; begin it with wss:// or https://, or with a slash for a path on the base address", t.source)
}

// placeholders checks every template in the events.
func (e *events) placeholders(s scope) {
	src := e.source()
	if src == nil {
		return
	}
	t := src.common()
	if t.Subscribe != nil {
		s.request(t.Subscribe, false)
	}
	s.introduce(e.place, slices.Collect(maps.Keys(t.Keep))...)
	frames := s.with("unique")
	body := func(b *body) {
		if b != nil {
			frames.templates(templatesIn(b.tree)...)
		}
	}
	switch src := src.(type) {
	case *stream:
		s.request(&src.Request, false)
	case *webSocket:
		s.templates(&src.URL)
		s.templates(inOrder(src.Headers)...)
		for _, o := range src.Open {
			body(o.Send)
			frames.introduce(o.place, slices.Collect(maps.Keys(o.Keep))...)
		}
		for _, r := range src.Reply {
			body(&r.Send)
		}
		if src.Ping != nil {
			body(src.Ping.Send)
		}
	case *signalR:
		s.templates(&src.URL)
		s.templates(inOrder(src.Headers)...)
		for _, i := range src.Invoke {
			frames.templates(&i.Target)
			for _, a := range i.Arguments {
				body(&a)
			}
		}
	case *longPoll:
		s.templates(&src.First)
		s.with("cursor").request(&src.Request, false)
	}
	if t.Renew != nil {
		if t.Renew.Request != nil {
			frames.request(t.Renew.Request, false)
		}
		body(t.Renew.Send)
	}
	if t.Unsubscribe != nil {
		s.request(t.Unsubscribe, false)
	}
}
