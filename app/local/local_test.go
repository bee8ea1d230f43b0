package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/local/standin"
)

func TestMain(m *testing.M) {
	inChild() // does not return where this is the child of a test
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

// desk is a resident that says whether it was left the time to quit.
type desk struct {
	*standin.Resident
	onQuit func()
}

func newDesk(sentence string) *desk {
	return &desk{Resident: standin.New(local.Status{Sentence: sentence}), onQuit: func() {}}
}

func (d *desk) Quit(ctx context.Context) local.Result {
	d.onQuit()
	if ctx.Err() != nil {
		return d.Note("quit, cut short")
	}
	return d.Resident.Quit(ctx)
}

// runtimeFolder gives the test a runtime folder of its own, with a path short enough to be taken, and a
// configuration folder.
func runtimeFolder(t *testing.T) (config string) {
	t.Helper()
	if runtime.GOOS != "windows" {
		dir, err := os.MkdirTemp("/tmp", "offhook")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		t.Setenv("XDG_RUNTIME_DIR", dir)
	}
	return t.TempDir()
}

// open has a desk answer at the door until the test ends, or close is called.
func open(t *testing.T, config string, d *desk) (close func()) {
	t.Helper()
	l, err := local.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.onQuit = cancel
	served := make(chan error, 1)
	go func() { served <- local.Serve(ctx, l, d, quiet) }()
	close = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(close)
	return close
}

func TestEveryMethodReachesTheResident(t *testing.T) {
	config, d := runtimeFolder(t), newDesk("In step")
	open(t, config, d)
	client, ctx := local.Dial(config), t.Context()

	status, err := client.Status(ctx)
	if err != nil || status.Sentence != "In step" {
		t.Fatalf("Status = %q, %v", status.Sentence, err)
	}
	until := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, test := range []struct {
		want string
		do   func() (local.Result, error)
	}{
		{"sign in", func() (local.Result, error) { return client.SignIn(ctx, local.SignIn{}) }},
		{"sign in with a code", func() (local.Result, error) { return client.SignIn(ctx, local.SignIn{DeviceCode: true}) }},
		{"sign in to desk", func() (local.Result, error) { return client.SignInPhone(ctx, "desk") }},
		{"cancel sign-in to desk", func() (local.Result, error) { return client.CancelSignInPhone(ctx, "desk") }},
		{"sign out of desk", func() (local.Result, error) { return client.SignOutPhone(ctx, "desk") }},
		{"sign out", func() (local.Result, error) { return client.SignOut(ctx) }},
		{"pause until 2026-03-04T05:06:07Z", func() (local.Result, error) { return client.Pause(ctx, until) }},
		{"pause until 0001-01-01T00:00:00Z", func() (local.Result, error) { return client.Pause(ctx, time.Time{}) }},
		{"resume", func() (local.Result, error) { return client.Resume(ctx) }},
		{"settings", func() (local.Result, error) { return client.Settings(ctx) }},
		{"quit", func() (local.Result, error) { return client.Quit(ctx) }},
	} {
		asked := len(d.Asked())
		result, err := test.do()
		if err != nil || !result.OK {
			t.Errorf("%s: %+v, %v", test.want, result, err)
		}
		if diff := cmp.Diff([]string{test.want}, d.Asked()[asked:]); diff != "" {
			t.Errorf("the resident was asked (-want +got):\n%s", diff)
		}
	}
}

// A Result that says no is an answer, not an error of the door.
func TestAProblemComesThrough(t *testing.T) {
	config, d := runtimeFolder(t), newDesk("")
	refusal := local.Result{Problem: &local.Problem{Kind: "settings", Where: "settings", What: "No window is installed", Do: "Install offhook-window"}}
	d.Says(refusal)
	open(t, config, d)
	result, err := local.Dial(config).Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(refusal, result); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNobodyAnswers(t *testing.T) {
	client := local.Dial(runtimeFolder(t))
	if _, err := client.Status(t.Context()); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("Status: %v", err)
	}
	if err := client.Follow(t.Context(), func(local.Status) {}); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("Follow: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Status(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("Status with an ended context: %v", err)
	}
}

func TestFollow(t *testing.T) {
	config, d := runtimeFolder(t), newDesk("first")
	closeDoor := open(t, config, d)
	client := local.Dial(config)

	t.Run("the newest only, until ctx ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var seen []string
		busy := func(s local.Status) {
			seen = append(seen, s.Sentence)
			switch s.Sentence {
			case "first":
				// While this is at work, many come, one by one: another who follows has seen each.
				for i := range 30 {
					passing := fmt.Sprint("passing ", i)
					d.Set(local.Status{Sentence: passing})
					waitFor(t, client, passing)
				}
				d.Set(local.Status{Sentence: "last"})
				waitFor(t, client, "last")
			case "last":
				cancel()
			}
		}
		if err := client.Follow(ctx, busy); err != nil {
			t.Fatal(err)
		}
		if len(seen) > 10 || seen[0] != "first" || seen[len(seen)-1] != "last" {
			t.Errorf("seen %d: %q; want the first, hardly any in passing, the last", len(seen), seen)
		}
	})

	t.Run("until the resident ends", func(t *testing.T) {
		err := client.Follow(t.Context(), func(local.Status) { go closeDoor() })
		if !errors.Is(err, local.ErrNotRunning) {
			t.Errorf("Follow = %v, want ErrNotRunning", err)
		}
		closeDoor()
	})
}

func waitFor(t *testing.T, client *local.Client, sentence string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	found := false
	err := client.Follow(ctx, func(s local.Status) {
		if s.Sentence == sentence {
			found = true
			cancel()
		}
	})
	if err != nil || !found {
		t.Fatalf("waiting for %q: %v", sentence, err)
	}
}

// over sends a request through the socket as any program could.
func over(t *testing.T, config, method, url, body string, header http.Header) (int, string) {
	t.Helper()
	path, err := local.SocketPath(config)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

func TestWhatTheDoorRefuses(t *testing.T) {
	config, d := runtimeFolder(t), newDesk("In step")
	open(t, config, d)
	for _, test := range []struct {
		name, method, url, body string
		header                  http.Header
		want                    int
	}{
		{"a script's request", "GET", "http://offhook/v1/status", "", nil, 200},
		{"a script's pause", "POST", "http://offhook/v1/pause", `{"until":"2026-03-04T05:06:07Z"}`, nil, 200},
		{"a page's request", "GET", "http://offhook/v1/status", "", http.Header{"Origin": {"https://example.com"}}, 403},
		{"a page without an origin", "POST", "http://offhook/v1/quit", "", http.Header{"Origin": {"null"}}, 403},
		{"a name bent to the door", "GET", "http://offhook.example.com/v1/status", "", nil, 403},
		{"localhost", "POST", "http://localhost/v1/quit", "", nil, 403},
		{"a misspelt field", "POST", "http://offhook/v1/pause", `{"untill":"2026-03-04T05:06:07Z"}`, nil, 400},
		{"no time", "POST", "http://offhook/v1/pause", `{"until":"tomorrow"}`, nil, 400},
		{"too long", "POST", "http://offhook/v1/pause", `{"until":"` + strings.Repeat("9", 1<<20) + `"}`, nil, 400},
		{"an action by GET", "GET", "http://offhook/v1/quit", "", nil, 404},
		{"another version", "GET", "http://offhook/v2/status", "", nil, 404},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, body := over(t, config, test.method, test.url, test.body, test.header)
			if code != test.want {
				t.Fatalf("answered %d %s, want %d", code, body, test.want)
			}
			var refusal struct{ Error string }
			if err := json.Unmarshal([]byte(body), &refusal); err != nil || (code != 200) != (refusal.Error != "") {
				t.Errorf("body %s: %v; want a JSON error where refused", body, err)
			}
		})
	}
	if diff := cmp.Diff([]string{"pause until 2026-03-04T05:06:07Z"}, d.Asked()); diff != "" {
		t.Errorf("the resident was asked (-want +got):\n%s", diff)
	}
}

func TestSocketPath(t *testing.T) {
	config := runtimeFolder(t)
	path := func(dir string) string {
		t.Helper()
		p, err := local.SocketPath(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(p) >= 104 {
			t.Errorf("%s has %d bytes", p, len(p))
		}
		return p
	}
	if a, b := path(config), path(config+"/../"+filepath.Base(config)+"/"); a != b {
		t.Errorf("one folder, two sockets: %s, %s", a, b)
	}
	if a, b := path(config), path(t.TempDir()); a == b {
		t.Errorf("two folders, one socket: %s", a)
	}
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(t.TempDir(), strings.Repeat("long/", 20)))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), strings.Repeat("long/", 20)))
	path(config)
}

// settled is a desk with settings and one window's place.
type settled struct {
	*desk
	shows chan local.Show
	taken bool
}

func (s *settled) EditSettings(_ context.Context, e local.Edit) local.Result {
	if e.Timing == nil || e.Timing.Session == nil || e.Timing.Settle != nil {
		return local.Result{Problem: &local.Problem{What: "not what was sent"}}
	}
	return local.Result{Problem: &local.Problem{Kind: "settings", Key: "timing.session", What: "too short"}}
}
func (s *settled) ReadSettings(context.Context) local.Settings {
	return local.Settings{Locked: []string{"account.tenant", "phones", "phones.desk.mapping"}}
}
func (s *settled) Targets(_ context.Context, phone string) local.Targets {
	return local.Targets{ToPhone: []local.Target{{To: phone}}}
}
func (s *settled) Attend(context.Context) (<-chan local.Show, bool) {
	if s.taken {
		return nil, false
	}
	s.taken = true
	return s.shows, true
}

// What the window asks goes both ways over the door as it was meant.
func TestTheWindowAtTheDoor(t *testing.T) {
	config := runtimeFolder(t)
	l, err := local.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	s := &settled{desk: newDesk("there"), shows: make(chan local.Show, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- local.Serve(ctx, l, s, quiet) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	client := local.Dial(config)

	session := "1m"
	r, err := client.EditSettings(ctx, local.Edit{Timing: &local.TimingEdit{Session: &session}})
	if err != nil || r.OK || r.Problem.Key != "timing.session" || r.Problem.What != "too short" {
		t.Errorf("an edit: %+v, %v", r.Problem, err)
	}
	set, err := client.ReadSettings(ctx)
	for key, want := range map[string]bool{"account.tenant": true, "account": false, "account.tenants": false, "phones": true,
		"phones.desk": false, "phones.desk.mapping": true, "phones.desk.mapping.to_phone.Busy/Busy": true} {
		if set.Locks(key) != want || err != nil {
			t.Errorf("%s is locked: %v, %v", key, !want, err)
		}
	}
	if targets, err := client.Targets(ctx, "desk \"1\""); err != nil || targets.ToPhone[0].To != "desk \"1\"" {
		t.Errorf("the targets: %+v, %v", targets, err)
	}

	s.shows <- local.Show{Page: "mapping"}
	looking, stop := context.WithCancel(ctx)
	var pages []string
	err = client.Attend(looking, func(show local.Show) { pages = append(pages, show.Page); stop() })
	if err != nil || len(pages) != 1 || pages[0] != "mapping" {
		t.Errorf("attending: %v, %v", pages, err)
	}
	if err := client.Attend(ctx, func(local.Show) {}); !errors.Is(err, local.ErrWindowOpen) {
		t.Errorf("a second window: %v", err)
	}
	close(s.shows)
}
