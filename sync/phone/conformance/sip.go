package conformance

import (
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// sipLine is a line that speaks SIP, over UDP or TCP to the system's same port. It tells requests apart, so that it
// can answer them in the system's stead, and counts as refused sign-ins only those that came with credentials.
type sipLine struct {
	server   string // host:port;transport=…
	network  string
	scheme   string
	packets  net.PacketConn // for UDP
	listener net.Listener   // for TCP and TLS
	running  sync.WaitGroup

	orders
	signed  map[string]bool     // Call-ID and CSeq of what came with credentials
	open    map[string]net.Conn // by where it came from: the way to the system
	clients map[net.Conn]bool
}

func newSIPLine(t *testing.T, server string) *sipLine {
	t.Helper()
	target, network, _ := strings.Cut(server, ";transport=")
	l := &sipLine{server: target, network: strings.ToLower(network)}
	var err error
	if l.network == "udp" {
		l.packets, err = net.ListenPacket("udp", "127.0.0.1:0")
	} else {
		l.listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	return l.start(t)
}

func (l *sipLine) start(t *testing.T) *sipLine {
	l.signed, l.open, l.clients = map[string]bool{}, map[string]net.Conn{}, map[net.Conn]bool{}
	if l.packets != nil {
		l.running.Go(l.takePackets)
	} else {
		l.running.Go(l.takeConnections)
	}
	t.Cleanup(func() {
		if l.packets != nil {
			_ = l.packets.Close()
		} else {
			_ = l.listener.Close()
		}
		l.set(gone)
		l.running.Wait()
	})
	return l
}

func (l *sipLine) address() string {
	if l.packets != nil {
		return "sip:" + l.packets.LocalAddr().String() + ";transport=udp"
	}
	if l.scheme != "" {
		return l.scheme + l.listener.Addr().String()
	}
	return "sip:" + l.listener.Addr().String() + ";transport=tcp"
}

func (l *sipLine) secure(t *testing.T) line {
	return (&sipLine{server: l.server, network: "tcp", scheme: "sips:", listener: listenSecurely(t)}).start(t)
}

func (l *sipLine) takePackets() {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := l.packets.ReadFrom(buf)
		if err != nil {
			return
		}
		l.fromPhone(append([]byte(nil), buf[:n]...), from.String(), func(b []byte) { _, _ = l.packets.WriteTo(b, from) })
	}
}

func (l *sipLine) takeConnections() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.running.Go(func() {
			defer func() { _ = conn.Close() }()
			l.mu.Lock()
			if l.clients[conn] = true; l.fault == gone {
				_ = conn.Close()
			}
			l.mu.Unlock()
			if secured, ok := conn.(*tls.Conn); ok && secured.Handshake() != nil {
				return
			}
			from := conn.RemoteAddr().String()
			buf := make([]byte, 64<<10)
			for {
				n, err := conn.Read(buf)
				if err != nil {
					l.mu.Lock()
					delete(l.clients, conn)
					if there := l.open[from]; there != nil {
						_ = there.Close()
					}
					l.mu.Unlock()
					return
				}
				l.fromPhone(append([]byte(nil), buf[:n]...), from, func(b []byte) { _, _ = conn.Write(b) })
			}
		})
	}
}

// fromPhone takes what the connector sends; each message comes in one piece, as it is small.
func (l *sipLine) fromPhone(b []byte, from string, back func([]byte)) {
	m, err := sip.ParseMessage(b)
	r, isRequest := m.(*sip.Request)
	isRequest = isRequest && err == nil
	l.mu.Lock()
	if isRequest && r.Method != sip.ACK {
		l.asked = append(l.asked, time.Now())
		if r.GetHeader("Authorization") != nil || r.GetHeader("Proxy-Authorization") != nil {
			l.signed[exchange(r)] = true
		}
	}
	fault, delay := l.fault, l.delay
	l.mu.Unlock()
	if fault != none {
		if isRequest && r.Method != sip.ACK {
			l.instead(fault, r, back)
		}
		return
	}
	there := l.way(from, back)
	if there == nil {
		return
	}
	if l.packets == nil || delay == 0 {
		time.Sleep(delay)
		_, _ = there.Write(b)
		return
	}
	l.running.Go(func() { // one packet holds no other up
		time.Sleep(delay)
		_, _ = there.Write(b)
	})
}

// way is the connection to the system for one client.
func (l *sipLine) way(from string, back func([]byte)) net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if there := l.open[from]; there != nil {
		return there
	}
	there, err := net.Dial(l.network, l.server)
	if err != nil {
		return nil
	}
	l.open[from] = there
	l.running.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := there.Read(buf)
			if err != nil {
				l.mu.Lock()
				defer l.mu.Unlock()
				_ = there.Close()
				if l.open[from] == there {
					delete(l.open, from)
				}
				return
			}
			l.fromSystem(buf[:n], back)
		}
	})
	return there
}

func (l *sipLine) fromSystem(b []byte, back func([]byte)) {
	if m, err := sip.ParseMessage(b); err == nil {
		l.mu.Lock()
		if a, ok := m.(*sip.Response); ok && (a.StatusCode == 401 || a.StatusCode == 403 || a.StatusCode == 407) && l.signed[exchange(a)] {
			l.refused++
		}
		l.mu.Unlock()
	}
	back(b)
}

// exchange tells a request and its answers from others.
func exchange(m sip.Message) string { return m.CallID().Value() + " " + m.CSeq().Value() }

func (l *sipLine) instead(f fault, r *sip.Request, back func([]byte)) {
	answer := func(code int, reason string, headers ...sip.Header) []byte {
		a := sip.NewResponseFromRequest(r, code, reason, nil)
		for _, h := range headers {
			a.AppendHeader(h)
		}
		return []byte(a.String())
	}
	switch f {
	case nonsense:
		back([]byte("220 mail.example.com ESMTP ready\r\n\r\n"))
	case half:
		whole := answer(200, "OK")
		back(whole[:len(whole)/2])
	case throttled:
		back(answer(503, "Service Unavailable", sip.NewHeader("Retry-After", "2")))
	case failing:
		back(answer(500, "Server Internal Error"))
	}
}

func (l *sipLine) set(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = f
	for _, conn := range l.open {
		_ = conn.Close()
	}
	clear(l.open)
	for conn := range l.clients {
		_ = conn.Close()
	}
}
