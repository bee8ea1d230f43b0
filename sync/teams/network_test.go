package teams

import (
	"context"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// closedPort is a loopback address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Each way in which Graph cannot be reached is told as what it is, and whether a write may have been done.
func TestGraphCannotBeReached(t *testing.T) {
	slow := func(t *testing.T) string {
		end := make(chan struct{})
		srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
		t.Cleanup(func() { close(end); srv.Close() })
		return srv.URL
	}
	tests := map[string]struct {
		graph  func(t *testing.T) string
		kind   problem.Kind
		says   string
		unsure bool // of a write
	}{
		"nobody listens": {
			func(t *testing.T) string { return "http://" + closedPort(t) }, problem.Unreachable, "cannot be reached", false,
		},
		"no such name": {
			func(*testing.T) string { return "https://graph.invalid" }, problem.Unreachable, "cannot be found", false,
		},
		"no answer in time": {slow, problem.Unreachable, "did not answer in time", true},
		"a certificate that nobody trusts": {
			func(t *testing.T) string {
				srv := httptest.NewTLSServer(http.NotFoundHandler())
				t.Cleanup(srv.Close)
				return srv.URL
			},
			problem.Certificate, "certificate", false,
		},
		"no TLS": {
			func(t *testing.T) string {
				srv := httptest.NewServer(http.NotFoundHandler())
				t.Cleanup(srv.Close)
				return strings.Replace(srv.URL, "http:", "https:", 1)
			},
			problem.Unreachable, "does not speak TLS", false,
		},
		"hung up": {
			func(t *testing.T) string {
				srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
				t.Cleanup(srv.Close)
				return srv.URL
			},
			problem.Unreachable, "cannot be reached", true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			side := s.signedIn()
			side.graph.base = test.graph(t)
			// A client of its own: it trusts the system's certificates alone, and is quick.
			side.graph.http = &http.Client{Timeout: 200 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
			for what, call := range map[string]func() error{
				"read":  func() error { return read(t.Context(), side) },
				"write": func() error { return side.SetSession(t.Context(), presence.InACall, 5*time.Minute) },
			} {
				p := s.hear(call())
				if p == nil || p.Kind != test.kind || !strings.Contains(p.What.String(), test.says) || p.Do.IsZero() {
					t.Fatalf("%s: %+v, want %s saying %q", what, p, test.kind, test.says)
				}
				if p.Unsure != (test.unsure && what == "write") {
					t.Errorf("%s: unsure is %v", what, p.Unsure)
				}
			}
		})
	}
}

func TestGivenUpCallsSaySo(t *testing.T) {
	s := newStage(t)
	side := s.signedIn()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p := s.hear(side.ClearSession(ctx)); p == nil || !errors.Is(p, context.Canceled) {
		t.Errorf("%+v", p)
	}
}

// A redirect to another host is not followed: the token stays here.
func TestNoTokenFollowsARedirect(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s came to the other host", r.Method, r.URL)
	}))
	t.Cleanup(other.Close)
	s := newStage(t)
	side := s.signedIn()
	for _, status := range []int{301, 302, 307, 308} {
		s.answerGraph(func(seen) reply { return reply{status: status, header: map[string]string{"Location": other.URL}} })
		if p := s.hear(side.SetSession(t.Context(), presence.InACall, 5*time.Minute)); p == nil {
			t.Errorf("%d is success", status)
		}
		_ = read(t.Context(), side)
	}
}

func TestProxyThatAsksForAPassword(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	via := func(address string) *http.Client {
		u, _ := url.Parse(address)
		return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(u), DisableKeepAlives: true}}
	}
	for name, test := range map[string]struct{ proxy, says string }{
		"asks":    {proxy.URL, "asks for a user name and a password"},
		"is away": {"http://" + closedPort(t), "proxy on the way to graph.example.com cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			side := s.signedIn()
			side.graph.base, side.graph.http = "https://graph.example.com", via(test.proxy)
			p := s.hear(side.SetSession(t.Context(), presence.InACall, 5*time.Minute))
			if p == nil || p.Kind != problem.Unreachable || !strings.Contains(p.What.String(), test.says) || p.Unsure || p.Do.IsZero() {
				t.Errorf("%+v, want it saying %q", p, test.says)
			}
		})
	}
}

// The sign-in's own network trouble is told likewise.
func TestEntraCannotBeReached(t *testing.T) {
	s := newStage(t)
	side := s.side()
	s.entra.Close()
	_, err := side.SignIn(t.Context(), s.browser(nil))
	host := strings.TrimPrefix(s.entra.URL, "https://")
	if p := s.hear(err); p == nil || p.Kind != problem.Unreachable || !strings.Contains(p.What.String(), host) || p.Do.IsZero() {
		t.Errorf("%+v", p)
	}
}

func TestExtraRootCertificate(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	for name, test := range map[string]struct {
		root []byte
		good bool
	}{"with it": {root, true}, "without": {nil, false}} {
		client, err := NewHTTPClient(test.root)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Get(srv.URL)
		if err == nil {
			resp.Body.Close()
		}
		client.CloseIdleConnections()
		if (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewHTTPClient([]byte("no certificate")); problem.Of(err).Kind != problem.Settings {
		t.Errorf("garbage: %v", err)
	}
}

func TestChooseProxy(t *testing.T) {
	tests := []struct{ proxies, bypass, to, want string }{
		{"proxy:8080", "", "https://graph.microsoft.com", "http://proxy:8080"},
		{"http=a:80;https=b:443", "", "https://graph.microsoft.com", "http://b:443"},
		{"http=a:80", "", "https://graph.microsoft.com", ""},
		{"https=http://user@b:443", "", "https://graph.microsoft.com", "http://user@b:443"},
		{"proxy:8080", "*.microsoft.com;<local>", "https://graph.microsoft.com", ""},
		{"proxy:8080", "*.microsoft.com;<local>", "https://login.microsoftonline.com", "http://proxy:8080"},
		{"proxy:8080", "<local>", "https://pbx", ""},
		{"proxy:8080", "10.*.3", "https://10.1.2.3", ""},
		{"proxy:8080", "", "https://127.0.0.1:9", ""},
		{"proxy:8080", "", "https://localhost", ""},
		{"", "", "https://graph.microsoft.com", ""},
		{"://", "", "https://graph.microsoft.com", ""},
	}
	for _, test := range tests {
		to, err := url.Parse(test.to)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if u := chooseProxy(test.proxies, test.bypass, to); u != nil {
			got = u.String()
		}
		if got != test.want {
			t.Errorf("%q without %q to %s: %q, want %q", test.proxies, test.bypass, test.to, got, test.want)
		}
	}
}

func TestScutilProxies(t *testing.T) {
	const said = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 0
  HTTPProxy : old.example.com
  HTTPSEnable : 1
  HTTPSPort : 3128
  HTTPSProxy : proxy.example.com
}
`
	proxies, bypass := scutilProxies(said)
	if proxies != "https=proxy.example.com:3128" || bypass != "*.local;169.254/16;<local>" {
		t.Errorf("%q without %q", proxies, bypass)
	}
	if proxies, bypass := scutilProxies("<dictionary> {\n}\n"); proxies != "" || bypass != "" {
		t.Errorf("of nothing: %q without %q", proxies, bypass)
	}
}

// A proxy of the environment is used, for Microsoft's sign-in and for Graph, and not for this computer.
func TestProxyOfTheEnvironment(t *testing.T) {
	seen := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestThroughAProxy$", "-test.count=1") // the environment is read once
	cmd.Env = append(os.Environ(), "TEAMS_TEST_PROXY="+proxy.URL)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"CONNECT login.microsoftonline.com:443", "CONNECT graph.microsoft.com:443"} {
		select {
		case got := <-seen:
			if got != want {
				t.Errorf("the proxy was asked to %s, want %s", got, want)
			}
		default:
			t.Errorf("the proxy was not asked to %s", want)
		}
	}
}

// TestThroughAProxy is the part of TestProxyOfTheEnvironment that has it in its environment.
func TestThroughAProxy(t *testing.T) {
	address := os.Getenv("TEAMS_TEST_PROXY")
	if address == "" {
		t.Skip("a part of TestProxyOfTheEnvironment")
	}
	t.Setenv("HTTPS_PROXY", address)
	client, err := NewHTTPClient(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for _, host := range []string{"https://login.microsoftonline.com", "https://graph.microsoft.com", "https://localhost:1"} {
		if resp, err := client.Get(host); err == nil {
			resp.Body.Close()
			t.Errorf("%s answered", host)
		}
	}
}

func TestMain(m *testing.M) {
	// The environment's proxy is no part of these tests.
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		_ = os.Unsetenv(name)
	}
	goleak.VerifyTestMain(m)
}
