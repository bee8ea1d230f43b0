package systems

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // the checks wait much more than they compute
	goleak.VerifyTestMain(m)
}

// system is what a system's test says of it.
type system struct {
	preset string                // the file's name without .yaml
	start  func(*testing.T) fake // a server of its own for each check
	fields map[string]string     // what the person enters
	wrong  map[string]string     // what differs with a wrong password
	other  string                // a status that can be chosen and is not the one at rest
	plays  []string              // the statuses that choose and happen know

	contract *contract // what requests and answers are held against, where there is something
}

// fake is a simulated phone system with one person's phone. Statuses go by their names in the preset.
type fake interface {
	http.Handler
	choose(status string) // by the person's hand
	happen(status string) // on the line; "" ends it
	shown() presence.Reading
}

// keeper is a fake where the person has signed in by their browser: it answers what is kept of that, or
// something that the phone system does not accept any more.
type keeper interface {
	kept(refused bool) map[string]string
}

const phoneID = "mine"

// quickened are the lines of a preset that would make a test wait.
var quickened = regexp.MustCompile(`(?m)^events: \{poll: [^,}]+|^  poll: .*$|^rate: .*$|^timeout: .*$`)

// patience is how long an answer may take here.
const patience = 2 * time.Second

func parse(t *testing.T, preset string) *profile.Profile {
	t.Helper()
	data, err := assets.Presets.ReadFile("presets/" + preset + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	data = quickened.ReplaceAllFunc(data, func(line []byte) []byte {
		switch line[0] {
		case 'e':
			return []byte("events: {poll: 150ms")
		case 'r', 't':
			return nil
		}
		return []byte("  poll: 150ms")
	})
	data = append(data, fmt.Sprintf("\ntimeout: %s\n", patience)...)
	p, err := profile.Parse(preset+".yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// conforms runs the conformance suite over a system. One runs at a time: the suite counts goroutines.
func conforms(t *testing.T, s system) {
	p := parse(t, s.preset)
	conformance.Run(t, conformance.Harness{Alone: true, Patience: patience, Start: func(t *testing.T) conformance.World {
		f := s.start(t)
		server := httptest.NewServer(s.contract.hold(t, f))
		t.Cleanup(server.Close)
		var refusals func() int
		if r, ok := f.(interface{ refusals() int }); ok { // where the HTTP status does not tell
			refusals = r.refusals
		}
		return conformance.World{
			Refusals: refusals,
			Server:   server.URL, Statuses: p.System.Mapping.Statuses, Capabilities: p.System.Capabilities, Other: s.other, Plays: s.plays,
			Open: func(t *testing.T, address string, wrongPassword bool) phone.Phone {
				return s.open(t, p, f, address, wrongPassword)
			},
			Choose: func(_ *testing.T, status string) { f.choose(status) },
			Happen: func(_ *testing.T, status string) { f.happen(status) },
			Shown:  func(*testing.T) presence.Reading { return f.shown() },
		}
	}})
	s.signsInAgain(t, p)
}

// open makes a phone of the system, which is reached at an address.
func (s system) open(t *testing.T, p *profile.Profile, f fake, address string, wrongPassword bool) phone.Phone {
	t.Helper()
	o := profile.Options{ID: phoneID, Fields: maps.Clone(s.fields), HTTP: leadTo(t, address), Secrets: &store{}}
	if wrongPassword {
		maps.Copy(o.Fields, s.wrong)
	}
	if k, ok := f.(keeper); ok {
		for name, value := range k.kept(wrongPassword) {
			_ = o.Secrets.Set(name, []byte(value))
		}
	}
	d, err := profile.Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// leadTo is a client for which every server is the one at an address.
func leadTo(t *testing.T, address string) *http.Client {
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: leading(func(r *http.Request) (*http.Response, error) {
		out := r.Clone(r.Context())
		out.Host = cmp.Or(r.Host, r.URL.Host)
		out.URL.Scheme, out.URL.Host = to.Scheme, to.Host
		resp, err := transport.RoundTrip(out)
		if resp != nil {
			resp.Request = r
		}
		return resp, err
	})}
}

type leading func(*http.Request) (*http.Response, error)

func (l leading) RoundTrip(r *http.Request) (*http.Response, error) { return l(r) }

// store is a sealed store in memory.
type store struct {
	mu     sync.Mutex
	values map[string][]byte
}

func (s *store) Get(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[name]
	return v, ok
}

func (s *store) Set(name string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string][]byte{}
	}
	s.values[name] = value
	return nil
}

func (s *store) Delete(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		delete(s.values, name)
	}
	return nil
}
