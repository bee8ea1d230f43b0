package conformance

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// tcpLine is a line for systems that speak a protocol of their own over TCP. It counts connections.
type tcpLine struct {
	server   string // host:port
	refusal  string // what the system says to a wrong password
	scheme   string
	listener net.Listener

	orders
	open map[net.Conn]bool
}

func newTCPLine(t *testing.T, server, refusal string) *tcpLine {
	t.Helper()
	return startTCPLine(t, &tcpLine{server: server, refusal: refusal, listener: listen(t)})
}

func startTCPLine(t *testing.T, l *tcpLine) *tcpLine {
	l.open = map[net.Conn]bool{}
	serve(t, l.listener, l.serve)
	return l
}

func (l *tcpLine) address() string { return l.scheme + l.listener.Addr().String() }

func (l *tcpLine) secure(t *testing.T) line {
	return startTCPLine(t, &tcpLine{server: l.server, refusal: l.refusal, scheme: "tls://", listener: listenSecurely(t)})
}

func (l *tcpLine) serve(conn net.Conn) {
	defer l.forget(conn)
	l.mu.Lock()
	l.open[conn] = true
	l.mu.Unlock()
	if secured, ok := conn.(*tls.Conn); ok && secured.Handshake() != nil {
		return
	}
	l.mu.Lock()
	l.asked = append(l.asked, time.Now())
	fault, delay := l.fault, l.delay
	l.mu.Unlock()
	switch fault {
	case gone:
		return
	case hang:
		_, _ = io.Copy(io.Discard, conn)
		return
	case nonsense:
		_, _ = io.WriteString(conn, "220 mail.example.com ESMTP ready\r\n")
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	system, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	l.mu.Lock()
	l.open[system] = true
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(system, conn)
		_ = system.Close()
	})
	l.answer(conn, system, fault == half, delay)
	_ = conn.Close()
	l.forget(system)
	both.Wait()
}

// answer passes on what the system says; of what it says to the first question only a half where asked to.
func (l *tcpLine) answer(conn, system net.Conn, half bool, delay time.Duration) {
	buffer, last := make([]byte, 64<<10), []byte(nil)
	for {
		n, err := system.Read(buffer)
		if err != nil {
			return
		}
		time.Sleep(delay)
		if last = append(last, buffer[:n]...); l.refusal != "" && bytes.Contains(last, []byte(l.refusal)) {
			l.mu.Lock()
			l.refused++
			l.mu.Unlock()
			last = nil
		}
		if half {
			n /= 2
		}
		if _, err := conn.Write(buffer[:n]); err != nil || half {
			return
		}
	}
}

func (l *tcpLine) forget(conn net.Conn) {
	_ = conn.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conn)
}

func (l *tcpLine) set(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = f
	for conn := range l.open {
		_ = conn.Close()
	}
}
