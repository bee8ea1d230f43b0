package sip

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// simulated is a phone system of a few lines that speaks SIP, for what a real one cannot be made to do. It knows the
// extension 100, its presence and a lamp for its do not disturb, *76100; *78 and *79 set that.
type simulated struct {
	t          testing.TB
	user       string
	password   string
	algorithms []string // of its challenges
	code       int      // with which it challenges: 401 or 407
	lampIsLine bool     // do not disturb lights the line's lamp, too
	running    sync.WaitGroup
	packets    net.PacketConn
	listener   net.Listener

	mu       sync.Mutex
	does     string            // the line: "", ringing, call or hold
	dnd      bool              // by code
	phone    []byte            // what the phone itself publishes
	pubs     map[string][]byte // what is published besides, by entity tag
	etags    int
	nonces   map[string]bool
	subs     map[string]*watcher // by Call-ID
	conns    map[net.Conn]bool
	requests []*sip.Request
	fault    func(*sip.Request) *sip.Response // answers in its place; an answer without a code: silence
	partial  bool                             // changes are told as such
	least    int                              // Min-Expires
	grant    int                              // how many seconds a subscription gets; 0: what it asks for
	answers  []*sip.Response                  // to what it has sent
	ended    []string                         // events of subscriptions that were ended by the phone
}

// watcher is one subscription.
type watcher struct {
	event, of string
	request   *sip.Request
	tag       string
	cseq      uint32
	version   int
	before    string
	send      func(string)
	expires   int
}

const secret = "correct horse"

func newSimulated(t testing.TB, network string) *simulated {
	s := &simulated{t: t, user: "100", password: secret, algorithms: []string{"MD5"}, code: 401,
		pubs: map[string][]byte{}, nonces: map[string]bool{}, subs: map[string]*watcher{}, conns: map[net.Conn]bool{}}
	s.phone = writePIDF("sip:100@pbx", "phone", available, time.Now().Add(-time.Hour))
	var err error
	if network == "udp" {
		s.packets, err = net.ListenPacket("udp", "127.0.0.1:0")
	} else {
		s.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.start()
}

func (s *simulated) start() *simulated {
	if s.packets != nil {
		s.running.Go(s.servePackets)
	} else {
		s.running.Go(s.serveConnections)
	}
	s.t.Cleanup(func() {
		if s.packets != nil {
			_ = s.packets.Close()
		} else {
			_ = s.listener.Close()
		}
		s.mu.Lock()
		for c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		s.running.Wait()
	})
	return s
}

func (s *simulated) address() string {
	if s.packets != nil {
		return s.packets.LocalAddr().String() + ";transport=udp"
	}
	return s.listener.Addr().String() + ";transport=tcp"
}

func (s *simulated) servePackets() {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := s.packets.ReadFrom(buf)
		if err != nil {
			return
		}
		if m, err := sip.ParseMessage(slices.Clone(buf[:n])); err == nil {
			m.SetSource(from.String())
			s.take(m, func(text string) { _, _ = s.packets.WriteTo([]byte(text), from) })
		}
	}
}

func (s *simulated) serveConnections() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.running.Go(func() {
			defer func() { _ = conn.Close() }()
			parser := sip.NewParser().NewSIPStream()
			buf := make([]byte, 64<<10)
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				if strings.Trim(string(buf[:n]), "\r\n") == "" {
					continue
				}
				err = parser.ParseSIPStream(buf[:n], func(m sip.Message) {
					m.SetSource(conn.RemoteAddr().String())
					s.take(m, func(text string) { _, _ = conn.Write([]byte(text)) })
				})
				if err != nil && !errors.Is(err, sip.ErrParseSipPartial) {
					return
				}
			}
		})
	}
}

func (s *simulated) take(m sip.Message, send func(string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := m.(*sip.Request)
	if !ok {
		s.answers = append(s.answers, m.(*sip.Response))
		return
	}
	s.requests = append(s.requests, r)
	a := s.answer(r, send)
	if a != nil && a.StatusCode > 0 {
		send(a.String())
	}
	if a != nil && a.StatusCode == 200 {
		switch {
		case r.Method == sip.SUBSCRIBE:
			s.told(r.CallID().Value())
		case r.Method == sip.PUBLISH, r.Method == sip.INVITE, r.Method == sip.BYE:
			s.tellAll()
		}
	}
}

func (s *simulated) answer(r *sip.Request, send func(string)) *sip.Response {
	if s.fault != nil {
		if a := s.fault(r); a != nil {
			return a
		}
	}
	switch {
	case r.Method == sip.ACK:
		return nil
	case r.Method == sip.OPTIONS:
		return reply(r, 200)
	case !s.allowed(r):
		return s.challenge(r)
	}
	expires := 0
	if h := r.GetHeader("Expires"); h != nil {
		expires, _ = strconv.Atoi(h.Value())
	}
	if expires > 0 && expires < s.least {
		return reply(r, 423, sip.NewHeader("Min-Expires", strconv.Itoa(s.least)))
	}
	switch r.Method {
	case sip.SUBSCRIBE:
		return s.subscribe(r, expires, send)
	case sip.PUBLISH:
		return s.publish(r, expires)
	case sip.INVITE:
		switch r.Recipient.User {
		case "*78", "*79":
			s.dnd, s.does = r.Recipient.User == "*78", inCall
		default:
			return reply(r, 404)
		}
		return reply(r, 200, sip.NewHeader("Contact", "<sip:pbx@127.0.0.1>"))
	case sip.BYE:
		s.does = ""
		return reply(r, 200)
	}
	return reply(r, 405)
}

func reply(r *sip.Request, code int, headers ...sip.Header) *sip.Response {
	a := sip.NewResponseFromRequest(r, code, "Simulated", nil)
	for _, h := range headers {
		a.AppendHeader(h)
	}
	return a
}

func (s *simulated) challenge(r *sip.Request) *sip.Response {
	nonce := sip.GenerateTagN(20)
	s.nonces[nonce] = true
	var headers []sip.Header
	stale := ""
	if c := s.credentials(r); c != nil && !s.nonces[c.Nonce] {
		stale = ", stale=true"
	}
	for _, algorithm := range s.algorithms {
		headers = append(headers, sip.NewHeader(challenges[s.code].asks,
			fmt.Sprintf(`Digest realm="pbx", nonce="%s", algorithm=%s, qop="auth"%s`, nonce, algorithm, stale)))
	}
	return reply(r, s.code, headers...)
}

func (s *simulated) credentials(r *sip.Request) *digest.Credentials {
	h := r.GetHeader(challenges[s.code].answers)
	if h == nil {
		return nil
	}
	c, err := digest.ParseCredentials(h.Value())
	if err != nil {
		s.t.Errorf("credentials that cannot be read: %v", err)
	}
	return c
}

func (s *simulated) allowed(r *sip.Request) bool {
	c := s.credentials(r)
	if c == nil || !s.nonces[c.Nonce] || !slices.Contains(s.algorithms, c.Algorithm) {
		return false
	}
	want, err := digest.Digest(&digest.Challenge{Realm: "pbx", Nonce: c.Nonce, Algorithm: c.Algorithm, QOP: []string{"auth"}},
		digest.Options{Method: r.Method.String(), URI: c.URI, Username: s.user, Password: s.password, Count: c.Nc, Cnonce: c.Cnonce})
	return err == nil && want.Response == c.Response && c.Username == s.user
}

func (s *simulated) subscribe(r *sip.Request, expires int, send func(string)) *sip.Response {
	id := r.CallID().Value()
	w := s.subs[id]
	tag, inDialog := r.To().Params.Get("tag")
	switch {
	case inDialog && (w == nil || w.tag != tag):
		return reply(r, 481)
	case w == nil:
		w = &watcher{event: r.GetHeader("Event").Value(), of: r.Recipient.User, tag: sip.GenerateTagN(8)}
		s.subs[id] = w
	}
	if s.grant > 0 {
		expires = min(expires, s.grant)
	}
	w.request, w.send, w.expires, w.before = r, send, expires, "?"
	if !inDialog {
		r.To().Params.Add("tag", w.tag)
	}
	return reply(r, 200, sip.NewHeader("Expires", strconv.Itoa(expires)), sip.NewHeader("Contact", "<sip:pbx@127.0.0.1>"))
}

func (s *simulated) publish(r *sip.Request, expires int) *sip.Response {
	etag := ""
	if h := r.GetHeader("SIP-If-Match"); h != nil {
		etag = h.Value()
	}
	body, there := s.pubs[etag]
	if etag != "" && !there {
		return reply(r, 412)
	}
	delete(s.pubs, etag)
	if expires == 0 {
		return reply(r, 200, sip.NewHeader("Expires", "0"), sip.NewHeader("SIP-ETag", "gone"))
	}
	if len(r.Body()) > 0 {
		body = r.Body()
	}
	s.etags++
	etag = fmt.Sprintf("tag%d", s.etags)
	s.pubs[etag] = body
	return reply(r, 200, sip.NewHeader("Expires", strconv.Itoa(expires)), sip.NewHeader("SIP-ETag", etag))
}

// told tells one watcher the whole state.
func (s *simulated) told(id string) {
	w := s.subs[id]
	if w == nil {
		return
	}
	s.notify(w, true)
	if w.expires == 0 {
		s.ended = append(s.ended, w.event)
		delete(s.subs, id)
	}
}

func (s *simulated) tellAll() {
	for _, w := range s.subs {
		if now := s.document(w, false); now != w.before {
			s.notify(w, false)
		}
	}
}

func (s *simulated) notify(w *watcher, whole bool) {
	w.before = s.document(w, false)
	state := fmt.Sprintf("active;expires=%d", w.expires)
	if w.expires == 0 {
		state = "terminated;reason=timeout"
	}
	kind := "application/dialog-info+xml"
	if w.event == presenceEvent {
		kind = "application/pidf+xml"
	}
	s.send(w, state, kind, s.numbered(w, whole))
}

func (s *simulated) send(w *watcher, state, kind, document string) {
	w.cseq++
	target := w.request.Contact().Address
	r := sip.NewRequest(sip.NOTIFY, target)
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "UDP", Host: "127.0.0.1", Port: 5060}
	via.Params.Add("branch", sip.GenerateBranch())
	r.AppendHeader(via)
	from, to := w.request.To().AsFrom(), w.request.From().AsTo()
	if !from.Params.Has("tag") {
		from.Params.Add("tag", w.tag)
	}
	r.AppendHeader(&from)
	r.AppendHeader(&to)
	r.AppendHeader(w.request.CallID())
	r.AppendHeader(&sip.CSeqHeader{SeqNo: w.cseq, MethodName: sip.NOTIFY})
	r.AppendHeader(sip.NewHeader("Contact", "<sip:pbx@127.0.0.1>"))
	r.AppendHeader(sip.NewHeader("Event", w.event))
	r.AppendHeader(sip.NewHeader("Subscription-State", state))
	if document != "" {
		r.AppendHeader(sip.NewHeader("Content-Type", kind))
	}
	r.SetBody([]byte(document))
	w.send(r.String())
}

// document is what a watcher would be told now; numbered puts its version in.
func (s *simulated) document(w *watcher, whole bool) string {
	if w.event == presenceEvent {
		return string(s.presence())
	}
	does, named := s.does, `call-id="call1" direction="recipient"`
	if w.of == "*76100" {
		does, named = "", ""
		if s.dnd {
			does = inCall
		}
	} else if s.dnd && s.lampIsLine && does == "" {
		does, named = inCall, ""
	}
	state, rendering := "terminated", ""
	switch does {
	case ringing:
		state = "early"
	case inCall:
		state = "confirmed"
	case held:
		state, rendering = "confirmed", `<local><target uri="sip:100@pbx"><param pname="+sip.rendering" pval="no"/></target></local>`
	}
	form := "full"
	if s.partial && !whole {
		form = "partial"
	}
	one := fmt.Sprintf(`<dialog id="1" %s><state>%s</state>%s</dialog>`, named, state, rendering)
	if does == "" && form == "full" {
		one = ""
	}
	return fmt.Sprintf(`<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="VERSION" state="%s" entity="sip:%s@pbx">%s</dialog-info>`,
		form, w.of, one)
}

func (s *simulated) numbered(w *watcher, whole bool) string {
	text := strings.Replace(s.document(w, whole), `version="VERSION"`, fmt.Sprintf(`version="%d"`, w.version), 1)
	w.version++
	return text
}

// presence is what the phone and all others publish, in one document.
func (s *simulated) presence() []byte {
	inner := ""
	for _, doc := range append([][]byte{s.phone}, slices.Collect(maps.Values(s.pubs))...) {
		text := string(doc)
		from := strings.Index(text, "<tuple")
		to := strings.Index(text, "</presence>")
		if from >= 0 {
			inner += text[from:to]
		}
	}
	return []byte(`<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
		`xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:100@pbx">` + inner + `</presence>`)
}

// happen and choose play the line and the person at the phone.
func (s *simulated) happen(does string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.does = does
	s.tellAll()
}

func (s *simulated) choose(word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phone = writePIDF("sip:100@pbx", "phone", word, time.Now())
	s.tellAll()
}

// expire makes all nonces old.
func (s *simulated) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.nonces)
}

func (s *simulated) breakWith(fault func(*sip.Request) *sip.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// with does something to all of it at once.
func (s *simulated) with(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// count tells how many requests there were of a method.
func (s *simulated) count(method sip.RequestMethod, fits func(*sip.Request) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if r.Method == method && (fits == nil || fits(r)) {
			n++
		}
	}
	return n
}
