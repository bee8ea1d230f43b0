package sip

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/problem"
)

// call is one to a code, from the answer on.
type call struct {
	ack  *sip.Request
	once sync.Once
	over chan struct{} // closed when the phone system has hung up
}

func (c *call) hungUp() {
	c.once.Do(func() { close(c.over) })
}

// dialCode calls a code and stays until the phone system has hung up, or done tells that it has acted.
func (l *line) dialCode(ctx context.Context, c *conn, code string, done func() bool) error {
	task := problem.Say("a call to {number}", "number", code)
	l.codeBegins()
	defer l.codeEnds()
	host, _, err := net.SplitHostPort(c.LocalAddr().String())
	if err != nil {
		return l.noAnswer(err, task, false)
	}
	media, err := net.ListenPacket("udp", net.JoinHostPort(host, "0")) // it may play something there
	if err != nil {
		return l.noAnswer(err, task, false)
	}
	defer func() { _ = media.Close() }()

	to, callID, tag := l.address(code), sip.GenerateTagN(24)+"@offhook", sip.GenerateTagN(12)
	invite := sip.NewRequest(sip.INVITE, to)
	l.head(invite, to, callID, tag, 1)
	contact := c.contact(l.extension)
	invite.AppendHeader(&sip.ContactHeader{Address: contact})
	invite.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, NOTIFY, OPTIONS"))
	invite.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	invite.SetBody(offer(contact.Host, media.LocalAddr().(*net.UDPAddr).Port))
	answer, err := l.ask(ctx, c, invite, task, true)
	if err != nil {
		l.cancel(c, invite)
		return err
	}
	if p := l.refusal(answer, task, true); p != nil {
		return p
	}

	next := func(method sip.RequestMethod, cseq uint32) *sip.Request {
		target := to
		if h := answer.Contact(); h != nil {
			target = *h.Address.Clone()
		}
		r := sip.NewRequest(method, target)
		routes := answer.GetHeaders("Record-Route")
		slices.Reverse(routes)
		for _, h := range routes {
			r.AppendHeader(sip.NewHeader("Route", h.Value()))
		}
		l.head(r, to, callID, tag, cseq)
		if theirs, ok := answer.To().Params.Get("tag"); ok {
			r.To().Params.Add("tag", theirs)
		}
		r.SetBody(nil)
		return r
	}
	seq := invite.CSeq().SeqNo
	up := &call{ack: next(sip.ACK, seq), over: make(chan struct{})}
	up.ack.PrependHeader(c.via())
	c.begin(callID, up)
	defer c.finish(callID)
	if err := c.WriteMsg(up.ack); err != nil {
		return l.noAnswer(err, task, true)
	}
	if l.staysOn(ctx, c, up, done) {
		return nil
	}
	// Whoever is told to hang up gets it done also when the caller has lost interest.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if _, err := l.ask(ctx, c, next(sip.BYE, seq+1), problem.Say("the end of the call"), false); err != nil {
		l.log.Warn("the call to a code may not have ended", "code", code, "err", err)
	}
	return nil
}

// staysOn waits, and tells whether the phone system has hung up.
func (l *line) staysOn(ctx context.Context, c *conn, up *call, done func() bool) bool {
	limit := time.NewTimer(l.stay)
	defer limit.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-up.over:
			return true
		case <-look.C:
			if done() {
				return false
			}
		case <-limit.C:
			return false
		case <-c.lost.Done():
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// cancel ends a call that was not answered.
func (l *line) cancel(c *conn, invite *sip.Request) {
	via := invite.Via()
	if via == nil || c.lost.Err() != nil {
		return
	}
	r := sip.NewRequest(sip.CANCEL, invite.Recipient)
	r.AppendHeader(via.Clone())
	for _, name := range []string{"From", "To", "Call-ID", "Route"} {
		sip.CopyHeaders(name, invite, r)
	}
	hops := sip.MaxForwardsHeader(70)
	r.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	r.AppendHeader(&hops)
	r.SetBody(nil)
	if err := c.WriteMsg(r); err != nil {
		l.log.Debug("a call could not be cancelled", "err", err)
	}
}

func offer(host string, port int) []byte {
	family := "IP4"
	if host[0] == '[' {
		family, host = "IP6", host[1:len(host)-1]
	}
	return fmt.Appendf(nil, "v=0\r\no=offhook 1 1 IN %[1]s %[2]s\r\ns=-\r\nc=IN %[1]s %[2]s\r\nt=0 0\r\n"+
		"m=audio %[3]d RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n", family, host, port)
}

func (c *conn) begin(callID string, up *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[callID] = up
}

func (c *conn) finish(callID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.calls, callID)
}

// callOf finds the call that a message belongs to.
func (c *conn) callOf(m sip.Message) *call {
	id := m.CallID()
	if id == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[id.Value()]
}

// While a code is dialled, and a little longer, the line shows this call, which is not the person's.
func (l *line) codeBegins() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes++
}

func (l *line) codeEnds() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes--
	l.quietUntil = time.Now().Add(l.settle)
	l.changed()
}

// disturb dials do not disturb on or off, and waits where it can be seen until it is.
func (l *line) disturb(ctx context.Context, c *conn, on bool) error {
	code, becomes := l.dndOff, available
	if on {
		code, becomes = l.dndOn, dnd
	}
	shows := func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		shows, known := l.isDND()
		return l.dndLamp != "" && known && shows == on
	}
	if err := l.dialCode(ctx, c, code, shows); err != nil {
		return err
	}
	l.mu.Lock()
	l.dialled = becomes
	watched := l.dndLamp != "" && l.conn == c
	l.changed()
	l.mu.Unlock()
	if watched && !l.until(ctx, shows) {
		return &problem.Problem{Kind: problem.Refused, Unsure: true,
			What: problem.Say("{phone}: {number} was called, and {lamp} does not show it", "phone", l.who(), "number", code, "lamp", l.dndLamp),
			Do:   problem.Say("Check the codes and the lamp of do not disturb against the phone system")}
	}
	return nil
}

func (l *line) until(ctx context.Context, holds func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, min(l.patience, 3*time.Second))
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}
