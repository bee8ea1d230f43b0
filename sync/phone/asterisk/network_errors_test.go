package asterisk

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/problem"
)

// Over real sockets: what a person meets first when they set a phone up.
func TestWrongAddresses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	secure := httptest.NewTLSServer(newSimulated())
	defer secure.Close()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()

	for name, c := range map[string]struct {
		server string
		kind   problem.Kind
	}{
		"nobody listens":          {"http://" + closed.Addr().String(), problem.Unreachable},
		"no such name":            {"http://pbx.invalid", problem.Unreachable},
		"certificate not trusted": {secure.URL, problem.Certificate},
		"not an Asterisk":         {elsewhere.URL, problem.Settings},
	} {
		t.Run(name, func(t *testing.T) {
			conformance.Expect(t, conformance.Follow(t, newReal(t, c.server)), string(c.kind))
			p := trouble(t, newReal(t, c.server).Write(t.Context(), DoNotDisturb))
			if p.Kind != c.kind || p.Do.IsZero() || !strings.Contains(p.What.String(), c.server) || strings.Contains(p.Error(), "\n") {
				t.Errorf("got %+v", p)
			}
		})
	}

	t.Run("certificate trusted", func(t *testing.T) {
		p, err := Open(Options{Fields: fields("server", secure.URL), HTTP: secure.Client()})
		if err != nil {
			t.Fatal(err)
		}
		conformance.Expect(t, conformance.Follow(t, p), "/Available")
	})
}
