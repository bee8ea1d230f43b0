package sip

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/offhook/offhook/sync/problem"
)

// errNonsense: what came in is no SIP.
var errNonsense = errors.New("what came in is no SIP")

// conn is one connection to the phone system, and everything that goes over it. For UDP it is a socket that talks
// to this one address: so an answer that nobody is there comes through, as do the requests of a phone system
// behind a firewall.
type conn struct {
	net.Conn
	transport string
	log       *slog.Logger
	lost      context.Context // ends with the connection; its cause is why
	end       context.CancelCauseFunc
	read      chan struct{} // closed when nothing is read any more

	mu      sync.Mutex
	host    string // where this connection comes from, as the phone system sees it
	port    int
	asked   map[string]*sip.ClientTx // by key: what is not answered yet
	inquiry map[string]*subscription // by Call-ID
	calls   map[string]*call
}

// dialer makes what connects to the phone system.
func (l *line) dialer(trust *tls.Config) func(context.Context) (*conn, error) {
	if trust == nil {
		trust = &tls.Config{}
	}
	trust = trust.Clone()
	trust.ServerName, trust.NextProtos = l.host, nil
	return func(ctx context.Context) (*conn, error) {
		ctx, cancel := context.WithTimeout(ctx, l.patience)
		defer cancel()
		network := "tcp"
		if l.transport == "UDP" {
			network = "udp"
		}
		plain, err := (&net.Dialer{}).DialContext(ctx, network, l.server)
		if err != nil {
			return nil, l.noAnswer(err, problem.Say("a connection"), false)
		}
		if l.transport == "TLS" {
			secure := tls.Client(plain, trust)
			if err := secure.HandshakeContext(ctx); err != nil {
				_ = plain.Close()
				return nil, l.noAnswer(err, problem.Say("a connection"), false)
			}
			plain = secure
		}
		return newConn(plain, l.transport, l.log), nil
	}
}

func newConn(wire net.Conn, transport string, log *slog.Logger) *conn {
	c := &conn{Conn: wire, transport: transport, log: log, read: make(chan struct{}),
		asked: map[string]*sip.ClientTx{}, inquiry: map[string]*subscription{}, calls: map[string]*call{}}
	c.lost, c.end = context.WithCancelCause(context.Background())
	if host, port, err := net.SplitHostPort(wire.LocalAddr().String()); err == nil {
		c.host = host
		c.port, _ = strconv.Atoi(port)
	}
	go c.listen()
	return c
}

// hangUp ends the connection and what it has started.
func (c *conn) hangUp() {
	c.fail(net.ErrClosed)
	<-c.read
}

// fail ends the connection because of something.
func (c *conn) fail(why error) {
	c.end(why)
	_ = c.Close()
}

func (c *conn) listen() {
	defer close(c.read)
	defer func() { _ = c.Close() }()
	buf := make([]byte, 64<<10)
	parser := sip.NewParser()
	stream := parser.NewSIPStream()
	defer stream.Close()
	for {
		n, err := c.Read(buf)
		if err != nil {
			c.end(err)
			return
		}
		if len(bytes.Trim(buf[:n], "\r\n\x00")) == 0 && (c.transport == "UDP" || stream.Buffer().Len() == 0) {
			continue // what keeps the connection open
		}
		if c.transport == "UDP" {
			var m sip.Message
			if m, err = parser.ParseSIP(bytes.Clone(buf[:n])); err == nil {
				c.take(m)
			} else if !c.waiting() {
				c.log.Debug("a packet that is no SIP", "length", n)
				err = nil
			}
		} else if err = stream.ParseSIPStream(buf[:n], c.take); errors.Is(err, sip.ErrParseSipPartial) {
			err = nil
		}
		if err != nil {
			c.end(errors.Join(errNonsense, err))
			return
		}
	}
}

func (c *conn) waiting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked) > 0
}

// take passes on what came in.
func (c *conn) take(m sip.Message) {
	m.SetTransport(c.transport)
	switch m := m.(type) {
	case *sip.Response:
		key, err := sip.ClientTxKeyMake(m)
		if err != nil {
			return
		}
		c.mu.Lock()
		tx := c.asked[key]
		c.mu.Unlock()
		if tx != nil {
			tx.Receive(m)
		} else if up := c.callOf(m); up != nil && m.CSeq().MethodName == sip.INVITE && m.IsSuccess() {
			_ = c.WriteMsg(up.ack) // the first was lost
		}
	case *sip.Request:
		c.answer(m)
	}
}

// answer takes a request of the phone system.
func (c *conn) answer(r *sip.Request) {
	code, reason := 405, "Method Not Allowed"
	switch r.Method {
	case sip.ACK:
		return
	case sip.OPTIONS:
		code, reason = 200, "OK"
	case sip.NOTIFY:
		code, reason = 481, "Subscription Does Not Exist"
		if s := c.subscriptionOf(r); s != nil {
			code, reason = s.take(r)
		}
	case sip.BYE:
		code, reason = 481, "Call Does Not Exist"
		if up := c.callOf(r); up != nil {
			code, reason = 200, "OK"
			up.hungUp()
		}
	case sip.INVITE:
		code, reason = 480, "This Is No Phone"
	}
	a := sip.NewResponseFromRequest(r, code, reason, nil)
	a.AppendHeader(sip.NewHeader("Allow", "NOTIFY, OPTIONS"))
	if err := c.WriteMsg(a); err != nil {
		c.log.Debug("an answer could not be sent", "err", err)
	}
}

func (c *conn) subscriptionOf(r *sip.Request) *subscription {
	id := r.CallID()
	if id == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inquiry[id.Value()]
}

func (c *conn) follow(s *subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inquiry[s.callID] = s
}

func (c *conn) forget(s *subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.inquiry, s.callID)
}

// contact is the address under which this connection can be reached.
func (c *conn) contact(user string) sip.Uri {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := sip.Uri{Scheme: "sip", User: user, Host: bracketed(c.host), Port: c.port}
	if c.transport != "UDP" {
		u.UriParams.Add("transport", sip.NetworkToLower(c.transport))
	}
	return u
}

func bracketed(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return "[" + host + "]"
	}
	return host
}

// learn takes from an answer where the phone system saw the request come from (RFC 3581).
func (c *conn) learn(a *sip.Response) {
	via := a.Via()
	if via == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if host, ok := via.Params.Get("received"); ok && net.ParseIP(host) != nil {
		c.host = host
	}
	if v, ok := via.Params.Get("rport"); ok {
		if port, err := strconv.Atoi(v); err == nil && port > 0 {
			c.port = port
		}
	}
}

// via is the topmost header of a request that goes out.
func (c *conn) via() *sip.ViaHeader {
	host, port, _ := net.SplitHostPort(c.LocalAddr().String())
	v := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: c.transport, Host: bracketed(host)}
	v.Port, _ = strconv.Atoi(port)
	v.Params.Add("branch", sip.GenerateBranch())
	v.Params.Add("rport", "")
	return v
}

// send sends a request and waits for its final answer. The context ends the waiting, not the request.
func (c *conn) send(ctx context.Context, r *sip.Request) (*sip.Response, error) {
	r.RemoveHeader("Via")
	r.PrependHeader(c.via())
	r.SetTransport(c.transport)
	key, err := sip.ClientTxKeyMake(r)
	if err != nil {
		return nil, err
	}
	tx := sip.NewClientTx(key, r, c, slog.New(slog.DiscardHandler))
	c.mu.Lock()
	c.asked[key] = tx
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.asked, key)
		c.mu.Unlock()
		tx.Terminate()
	}()
	if err := tx.Init(); err != nil {
		return nil, c.why(err)
	}
	for {
		select {
		case a := <-tx.Responses():
			c.learn(a)
			if !a.IsProvisional() {
				return a, nil
			}
		case <-tx.Done():
			return nil, c.why(tx.Err())
		case <-c.lost.Done():
			return nil, context.Cause(c.lost)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// why prefers what ended the connection to what failed because of that.
func (c *conn) why(err error) error {
	if c.lost.Err() != nil {
		return context.Cause(c.lost)
	}
	return err
}

// keep sends what keeps a firewall's way back open.
func (c *conn) keep() {
	_ = c.SetWriteDeadline(time.Now().Add(writeLimit))
	if _, err := c.Write([]byte("\r\n\r\n")); err != nil {
		c.fail(err)
	}
}

// writeLimit is how long a packet may take to leave.
const writeLimit = 5 * time.Second

// WriteMsg, Ref, TryClose and Close are what sipgo's transactions need of a connection.
func (c *conn) WriteMsg(m sip.Message) error {
	_ = c.SetWriteDeadline(time.Now().Add(writeLimit))
	_, err := c.Write([]byte(m.String()))
	return err
}

// Ref and TryClose count no users: the connection ends when this package says so.
func (c *conn) Ref(int) int { return 1 }

func (c *conn) TryClose() (int, error) { return 1, nil }
