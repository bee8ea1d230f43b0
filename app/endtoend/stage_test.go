package endtoend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testlog"
)

// newWorld starts simulated worlds until the end of the test.
func newWorld(t *testing.T) *simulate.World {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w, err := simulate.Start(ctx, simulate.Options{})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := w.Wait(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// desk is the simulated phone in the settings.
func desk(w *simulate.World) map[string]any {
	return map[string]any{"id": "desk", "system": "simulated",
		"fields": map[string]string{"server": w.PhoneURL(), "user": simulate.DefaultUser}}
}

// write writes settings for a world's tenant and one phone, and answers their folder.
func write(t *testing.T, w *simulate.World, phone map[string]any) (folder string) {
	t.Helper()
	folder = t.TempDir()
	root := filepath.Join(folder, "root.pem")
	text, err := yaml.Marshal(map[string]any{
		"account": map[string]string{"client_id": w.ClientID(), "authority": w.AuthorityURL(), "graph": w.GraphURL(), "root_certificate": root},
		"phones":  []any{phone},
	})
	if err != nil {
		t.Fatal(err)
	}
	put(t, root, string(w.RootPEM()))
	put(t, filepath.Join(folder, settings.File), string(text))
	return folder
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// offhook is a resident in this process, with its door open.
type offhook struct {
	t *testing.T
	*resident.Resident
	folder  string
	windows int // how often the window was asked for; read it after stop
	stop    func()
}

// begin starts a resident until the end of the test, or until stop. Who browses for the person may be replaced.
func begin(t *testing.T, folder, password string, openURL ...func(string) error) *offhook {
	t.Helper()
	store, err := secrets.Open(t.Context(), folder, secrets.InMemory())
	if store == nil {
		t.Fatal(err)
	}
	_ = store.Set(resident.SecretName("desk", "password"), []byte(password)) // it says that this is kept in memory only
	ctx, cancel := context.WithCancel(context.Background())
	o := &offhook{t: t, folder: folder}
	log := testlog.New(t, password).Logger()
	openURL = append(openURL, func(url string) error {
		go simulate.Browse(ctx, http.DefaultClient, url) //nolint:errcheck // what fails, the sign-in tells
		return nil
	})
	o.Resident = resident.New(resident.Options{Folder: folder, Version: "test", Secrets: store, Log: log,
		OpenURL: openURL[0], OpenWindow: func() error { o.windows++; return nil }})
	door, err := local.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		if err := local.Serve(ctx, door, o.Resident, log); err != nil {
			t.Error(err)
		}
	})
	running.Go(func() { o.Run(ctx) })
	o.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(o.stop)
	return o
}

// inStep is a world and a resident between it, signed in and with all sides read.
func inStep(t *testing.T) (*simulate.World, *offhook) {
	t.Helper()
	w := newWorld(t)
	o := begin(t, write(t, w, desk(w)), simulate.DefaultPassword)
	o.signIn()
	return w, o
}

// beginSignIn begins a sign-in, whatever comes of it.
func (o *offhook) beginSignIn(how local.SignIn) {
	o.t.Helper()
	if r := o.SignIn(o.t.Context(), how); !r.OK {
		o.t.Fatalf("the sign-in does not begin: %s", r.Problem.What)
	}
}

// signIn signs the person in, in the browser, and waits until all sides are read.
func (o *offhook) signIn() {
	o.t.Helper()
	o.beginSignIn(local.SignIn{})
	o.until("both sides are read", func(s local.Status) bool { return s.Synced })
}

// until waits for a status.
func (o *offhook) until(what string, ok func(local.Status) bool) local.Status {
	o.t.Helper()
	return await(o.t, o.Follow, what, ok)
}

// troubled waits until a problem of a kind is told.
func (o *offhook) troubled(kind string) local.Status {
	o.t.Helper()
	return o.until("a problem of the kind "+kind, func(s local.Status) bool { return s.Problem != nil && s.Problem.Kind == kind })
}

// happening waits until Offhook has seen the phone do something; empty: nothing.
func (o *offhook) happening(what string) local.Status {
	o.t.Helper()
	return o.until("the phone: "+what, func(s local.Status) bool { return s.Phones[0].Known && s.Phones[0].Happening == what })
}

// sees waits until Offhook has read that Teams shows something.
func (o *offhook) sees(p presence.Pair) {
	o.t.Helper()
	o.until("Teams: "+p.String(), func(s local.Status) bool {
		return s.Teams.Known && s.Teams.Availability == p.Availability && s.Teams.Activity == p.Activity
	})
}

// shows waits until Teams shows a state and the phone has a status.
func shows(t *testing.T, w *simulate.World, teams presence.Pair, phone string) {
	t.Helper()
	await(t, w.Follow, fmt.Sprintf("Teams: %s, phone: %s", teams, phone), func(s simulate.State) bool {
		return s.Teams.Shows == teams && s.Phone.Status == phone
	})
}

// teamsShows waits until Teams shows a state.
func teamsShows(t *testing.T, w *simulate.World, teams presence.Pair) {
	t.Helper()
	await(t, w.Follow, "Teams: "+teams.String(), func(s simulate.State) bool { return s.Teams.Shows == teams })
}

// await waits until something that is followed is as it should be, and answers it.
func await[S any](t *testing.T, follow func(context.Context) <-chan S, what string, ok func(S) bool) S {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	states := follow(ctx)
	defer func() {
		cancel()
		for range states {
		}
	}()
	var last S
	late := time.After(patience)
	for {
		select {
		case s, open := <-states:
			if !open {
				t.Fatalf("waited for %s; it ended with %s", what, asJSON(last))
			}
			if last = s; ok(s) {
				return s
			}
		case <-late:
			t.Fatalf("waited %s for %s; it is %s", patience, what, asJSON(last))
		}
	}
}

// poll looks again and again until something is as it should be that nobody tells of.
func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); !ok(); {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// act lets the person do something.
func act(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// writes lists everything that was asked to be changed, on either side, as "teams setPresence 204".
func writes(w *simulate.World) []string {
	var list []string
	for _, r := range w.Requests() {
		if r.Side == "sign-in" || r.Method == http.MethodGet || strings.HasSuffix(r.Path, "/login") {
			continue
		}
		list = append(list, fmt.Sprintf("%s %s %d", r.Side, r.Path[strings.LastIndex(r.Path, "/")+1:], r.Status))
	}
	return list
}

// wrote checks what was asked to be changed since the world began, on each side in this order.
func wrote(t *testing.T, w *simulate.World, want ...string) {
	t.Helper()
	// A request is listed once it has been answered, a moment after what it changed can be seen.
	for late := time.Now().Add(patience); len(writes(w)) < len(want) && time.Now().Before(late); {
		<-time.After(10 * time.Millisecond)
	}
	bySide := func(a, b string) int { return strings.Compare(a[:5], b[:5]) }
	got := writes(w)
	slices.SortStableFunc(got, bySide)
	slices.SortStableFunc(want, bySide)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
