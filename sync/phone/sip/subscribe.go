package sip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// The events of SIP that are used.
const (
	dialogEvent   = "dialog"
	presenceEvent = "presence"
)

// errGone: the phone system no longer knows a subscription.
var errGone = errors.New("the subscription is gone")

// subscription is one (RFC 6665): it is asked for, told of, renewed and ended.
type subscription struct {
	event, accept string
	of            sip.Uri      // whose state
	task          problem.Text // what it asks for, in words: "news of 100"
	tell          func(document []byte) error
	forget        func() // what was told: a new subscription begins anew
	wake          func()

	mu         sync.Mutex
	callID     string
	tag        string
	expires    time.Duration // what is asked for
	cseq       uint32
	theirTag   string
	theirCSeq  uint32
	target     sip.Uri // where their Contact is
	routes     []string
	contact    string // ours, as told last
	renewAt    time.Time
	first      chan struct{} // closed when the whole state has been told
	told       bool
	failed     error
	askAgain   bool // a change was missed: ask for the whole state
	ended      bool
	endedWhy   string
	retryAfter time.Duration
}

// usualExpires is how long a subscription is asked for: so long a phone system goes on telling a PC that is gone.
const usualExpires = 10 * time.Minute

func newSubscription(event string, of sip.Uri, task problem.Text, take func([]byte) error, wake func()) *subscription {
	accept := "application/dialog-info+xml"
	if event == presenceEvent {
		accept = "application/pidf+xml"
	}
	s := &subscription{event: event, accept: accept, of: of, task: task, tell: take, wake: wake, expires: usualExpires}
	s.renew()
	return s
}

// renew makes it a new subscription, which nobody has been asked for yet.
func (s *subscription) renew() {
	s.callID, s.tag = sip.GenerateTagN(24)+"@offhook", sip.GenerateTagN(12)
	s.cseq, s.theirTag, s.theirCSeq, s.target, s.routes = 0, "", 0, s.of, nil
	s.first, s.told, s.failed, s.askAgain, s.ended = make(chan struct{}), false, nil, false, false
}

// request is the next one of the subscription. s.mu is held.
func (s *subscription) request(l *line, c *conn, expires time.Duration) *sip.Request {
	r := sip.NewRequest(sip.SUBSCRIBE, s.target)
	for _, route := range s.routes {
		r.AppendHeader(sip.NewHeader("Route", route))
	}
	s.cseq++
	l.head(r, s.of, s.callID, s.tag, s.cseq)
	if s.theirTag != "" {
		r.To().Params.Add("tag", s.theirTag)
	}
	contact := c.contact(l.extension)
	s.contact = contact.String()
	r.AppendHeader(&sip.ContactHeader{Address: contact})
	r.AppendHeader(sip.NewHeader("Event", s.event))
	r.AppendHeader(sip.NewHeader("Accept", s.accept))
	r.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
	r.SetBody(nil)
	return r
}

// head gives a request what every one needs.
func (l *line) head(r *sip.Request, to sip.Uri, callID, tag string, cseq uint32) {
	from := sip.FromHeader{Address: l.address(l.extension)}
	from.Params.Add("tag", tag)
	r.AppendHeader(&from)
	r.AppendHeader(&sip.ToHeader{Address: to})
	id, hops := sip.CallIDHeader(callID), sip.MaxForwardsHeader(70)
	r.AppendHeader(&id)
	r.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: r.Method})
	r.AppendHeader(&hops)
	r.AppendHeader(sip.NewHeader("User-Agent", "Offhook"))
}

// subscribe asks for a subscription, or for more of one; errGone says that a new one is needed.
func (l *line) subscribe(ctx context.Context, c *conn, s *subscription) error {
	c.follow(s)
	for range 3 {
		s.mu.Lock()
		r := s.request(l, c, s.expires)
		fresh := s.theirTag == ""
		s.askAgain = false
		s.mu.Unlock()
		a, err := l.ask(ctx, c, r, s.task, false)
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.cseq = r.CSeq().SeqNo
		s.mu.Unlock()
		switch least := seconds(a, "Min-Expires"); {
		case a.StatusCode == 423 && least > s.expires && least <= 24*time.Hour:
			s.expires = least
		case a.StatusCode == 481 && !fresh:
			return errGone
		case a.StatusCode == 489:
			return l.noEvents(s.event, a)
		case a.StatusCode/100 != 2:
			return l.refusal(a, s.task, false)
		default:
			s.accepted(a, r)
			if now := c.contact(l.extension); s.contact != now.String() {
				continue // the phone system sees this PC elsewhere: say so
			}
			return nil
		}
	}
	return nil
}

// accepted takes what an answer says of the subscription.
func (s *subscription) accepted(a *sip.Response, r *sip.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	granted := seconds(a, "Expires")
	if granted <= 0 || granted > s.expires {
		granted = s.expires
	}
	s.renewAt = time.Now().Add(granted * 3 / 4)
	if to := a.To(); to != nil && s.theirTag == "" {
		s.theirTag, _ = to.Params.Get("tag")
	}
	if contact := a.Contact(); contact != nil {
		s.target = *contact.Address.Clone()
	}
	if r.To().Params.Has("tag") {
		return // the way is set by the first answer
	}
	s.routes = nil
	for _, h := range a.GetHeaders("Record-Route") {
		s.routes = append(s.routes, h.Value())
	}
	slices.Reverse(s.routes)
}

// take takes a NOTIFY and says how to answer it.
func (s *subscription) take(r *sip.Request) (code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine, theirs := "", ""
	if to, from := r.To(), r.From(); to != nil && from != nil {
		mine, _ = to.Params.Get("tag")
		theirs, _ = from.Params.Get("tag")
	}
	cseq, state := r.CSeq(), r.GetHeader("Subscription-State")
	if mine != s.tag || theirs == "" || s.theirTag != "" && theirs != s.theirTag {
		return 481, "Subscription Does Not Exist"
	}
	if event := r.GetHeader("Event"); event == nil || !strings.EqualFold(word(event.Value()), s.event) {
		return 489, "Bad Event"
	}
	if cseq == nil || state == nil {
		return 400, "Bad Request"
	}
	if s.theirCSeq > 0 && cseq.SeqNo <= s.theirCSeq {
		return 200, "OK" // said already
	}
	s.theirTag, s.theirCSeq = theirs, cseq.SeqNo
	if contact := r.Contact(); contact != nil {
		s.target = *contact.Address.Clone()
	}
	defer s.wake()
	now, params := parameters(state.Value())
	if now == "terminated" {
		s.ended, s.endedWhy = true, params["reason"]
		n, _ := strconv.Atoi(params["retry-after"])
		s.retryAfter = min(time.Duration(n)*time.Second, time.Hour)
		return 200, "OK"
	}
	if n, err := strconv.Atoi(params["expires"]); err == nil && n > 0 {
		if at := time.Now().Add(time.Duration(n) * time.Second * 3 / 4); at.Before(s.renewAt) {
			s.renewAt = at
		}
	}
	if len(r.Body()) == 0 && now == "pending" {
		return 200, "OK" // whoever must allow it has not yet
	}
	if kind := r.ContentType(); len(r.Body()) > 0 && (kind == nil || !strings.EqualFold(word(kind.Value()), s.accept)) {
		s.failed = fmt.Errorf("the document is no %s", s.accept)
		return 415, "Unsupported Media Type"
	}
	switch err := s.tell(r.Body()); {
	case errors.Is(err, errGap):
		s.askAgain = true
	case err != nil:
		s.failed = err
		return 400, "Bad Request"
	case !s.told:
		s.told = true
		close(s.first)
	}
	return 200, "OK"
}

// word is what stands before the parameters.
func word(v string) string {
	v, _, _ = strings.Cut(v, ";")
	return strings.TrimSpace(v)
}

func parameters(v string) (first string, params map[string]string) {
	params = map[string]string{}
	parts := strings.Split(v, ";")
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(p, "=")
		params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return strings.ToLower(strings.TrimSpace(parts[0])), params
}

// look tells what the subscription needs: whether to be renewed, and whether it ended for good.
func (s *subscription) look(l *line, now time.Time) (renew, anew bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failed != nil:
		return false, false, remote.NotKnown(l.who(), s.failed)
	case s.ended && (s.endedWhy == "rejected" || s.endedWhy == "noresource"):
		return false, false, &problem.Problem{Kind: problem.Forbidden,
			What: problem.Say("{phone} answered “{answer}” (asked for: {task})", "phone", l.who(), "answer", s.endedWhy, "task", s.task),
			Do:   problem.Say("Ask whoever runs the phone system to allow this for your extension"), RetryAfter: s.retryAfter}
	case s.ended && s.retryAfter > 0:
		return false, false, remote.Throttled(l.who(), s.retryAfter, nil)
	case s.ended:
		return false, true, nil
	}
	return s.askAgain || !now.Before(s.renewAt), false, nil
}

// lost notes that the phone system no longer knows it.
func (s *subscription) lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.wake()
}

// unsubscribe ends it; that it could not be told is no matter: it expires.
func (l *line) unsubscribe(ctx context.Context, c *conn, s *subscription) {
	s.mu.Lock()
	open := s.theirTag != "" && !s.ended
	var r *sip.Request
	if open {
		r = s.request(l, c, 0)
	}
	s.mu.Unlock()
	if !open {
		return
	}
	if _, err := l.ask(ctx, c, r, s.task, false); err != nil {
		l.log.Debug("a subscription is left to expire", "event", s.event, "err", err)
	}
}
