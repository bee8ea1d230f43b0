package conformance

import (
	"context"
	"net"
	"sync"
	"testing"
)

// Serve has a phone system of the test's own answer each connection over TCP, on this computer. When the test ends
// the connections are cut, and Serve waits until nobody answers any more.
func Serve(t testing.TB, answer func(net.Conn)) (address string) {
	t.Helper()
	l := listen(t)
	serve(t, l, answer)
	return l.Addr().String()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func serve(t testing.TB, l net.Listener, answer func(net.Conn)) {
	over, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				hangUp := func() { _ = conn.Close() }
				defer hangUp()
				defer context.AfterFunc(over, hangUp)()
				answer(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		end()
		running.Wait()
	})
}
