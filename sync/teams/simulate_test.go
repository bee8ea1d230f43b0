package teams

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/simulate"
)

// worlds is the simulated Entra and Graph, a sealed store, and a side between them.
type worlds struct {
	*simulate.World
	t      *testing.T
	dir    string
	keys   secrets.Keyring
	client *http.Client // the side's, and the browser's
}

func newWorlds(t *testing.T, o simulate.Options) *worlds {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	world, err := simulate.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	client, err := NewHTTPClient(world.RootPEM())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		stop()
		if err := world.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &worlds{World: world, t: t, dir: t.TempDir(), keys: secrets.InMemory(), client: client}
}

// start is a start of the program.
func (w *worlds) start() *Side {
	w.t.Helper()
	store, _ := secrets.Open(w.t.Context(), w.dir, w.keys) // that nothing outlives the process is no surprise here
	side, err := New(Config{
		ClientID:  w.ClientID(),
		Authority: w.AuthorityURL(),
		Graph:     w.GraphURL(),
		HTTP:      w.client,
		Secrets:   store,
		Log:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	side.account.deviceWait = time.Millisecond
	return side
}

func (w *worlds) browser() SignIn {
	return SignIn{OpenURL: func(url string) error { return simulate.Browse(w.t.Context(), w.client, url) }}
}

func (w *worlds) signIn(side *Side) {
	w.t.Helper()
	if _, err := side.SignIn(w.t.Context(), w.browser()); err != nil {
		w.t.Fatalf("sign-in: %v", err)
	}
}

// reads reads until Graph shows what is wanted: right after a write it answers old values.
func (w *worlds) reads(side *Side, want presence.Pair) {
	w.t.Helper()
	var got presence.Presence
	for range 5 {
		p, _, err := side.graph.read(w.t.Context())
		if err != nil {
			w.t.Fatalf("read: %v", err)
		}
		if got = p; p.Pair == want {
			return
		}
	}
	w.t.Errorf("Graph shows %s, want %s", got.Pair, want)
}

func TestWithTheSimulatedWorlds(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	side := w.start()
	w.signIn(side)
	who, ok := side.Account()
	if !ok || who.ID != simulate.UserID || who.Name != simulate.UserName {
		t.Errorf("%+v is signed in", who)
	}
	w.reads(side, presence.Available)

	ctx := t.Context()
	for _, step := range []struct {
		name string
		do   func() error
		want presence.Pair
	}{
		{"a call begins", func() error { return side.SetSession(ctx, presence.InACall, 5*time.Minute) }, presence.InACall},
		{"it is renewed", func() error { return side.SetSession(ctx, presence.InACall, 5*time.Minute) }, presence.InACall},
		{"it ends", func() error { return side.ClearSession(ctx) }, presence.Available},
		{"it ends once more", func() error { return side.ClearSession(ctx) }, presence.Available},
		{"do not disturb", func() error { return side.SetPreferred(ctx, presence.DoNotDisturb, time.Hour) }, presence.DoNotDisturb},
		{"given back", func() error { return side.ClearPreferred(ctx) }, presence.Available},
		{"given back once more", func() error { return side.ClearPreferred(ctx) }, presence.Available},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		w.reads(side, step.want)
	}

	// The sign-in survives a restart, sealed.
	again := w.start()
	w.reads(again, presence.Available)
	sealed, err := os.ReadFile(filepath.Join(w.dir, "secrets.sealed"))
	if err != nil {
		t.Fatal(err)
	}
	if len(sealed) < 1000 || bytes.Contains(sealed, []byte("AccessToken")) || bytes.Contains(sealed, []byte(simulate.UserName)) {
		t.Error("the tokens do not lie sealed on the disk")
	}
	if err := again.SignOut(ctx); err != nil {
		t.Error(err)
	}
	if _, ok := w.start().Account(); ok {
		t.Error("signed out, and still there after a restart")
	}
}

func TestSimulatedDeviceCode(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	side := w.start()
	typed := make(chan error, 1)
	who, err := side.SignIn(t.Context(), SignIn{DeviceCode: true, ShowCode: func(c DeviceCode) {
		go func() { typed <- simulate.BrowseDevice(t.Context(), w.client, c.URL, c.Code) }()
	}})
	if err := <-typed; err != nil {
		t.Fatal(err)
	}
	if err != nil || who.ID != simulate.UserID {
		t.Fatalf("%+v, %v", who, err)
	}
	w.reads(side, presence.Available)
}

func TestSimulatedCancel(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	_, err := w.start().SignIn(t.Context(), SignIn{OpenURL: func(url string) error {
		return simulate.BrowseAndCancel(t.Context(), w.client, url)
	}})
	if p := problem.Of(err); p == nil || p.Do.IsZero() || !strings.Contains(p.What.String(), "declined") {
		t.Errorf("%+v", p)
	}
}

// Each fault that the simulated servers know becomes a problem of the right kind, and passes without trace.
func TestSimulatedFaults(t *testing.T) {
	tests := []struct {
		fault  simulate.Faults
		kind   problem.Kind
		lapses bool
	}{
		{simulate.Faults{Graph: "401"}, problem.SignedOut, false},
		{simulate.Faults{Graph: "403"}, problem.Forbidden, false},
		{simulate.Faults{Graph: "429", After: time.Second}, problem.Throttled, false},
		{simulate.Faults{Graph: "500"}, problem.Server, false},
		{simulate.Faults{Graph: "503"}, problem.Server, false},
		{simulate.Faults{Graph: "down"}, problem.Unreachable, false},
		{simulate.Faults{Entra: "429"}, problem.Throttled, false},
		{simulate.Faults{Entra: "503"}, problem.Server, false},
		{simulate.Faults{Entra: "down"}, problem.Unreachable, false},
		{simulate.Faults{Entra: "invalid_grant"}, problem.SignedOut, true},
	}
	for _, test := range tests {
		t.Run(test.fault.Graph+test.fault.Entra, func(t *testing.T) {
			w := newWorlds(t, simulate.Options{})
			side := w.start()
			w.signIn(side)
			if test.fault.Entra != "" { // the token at hand is spent, in the cache as well
				side = w.start()
				w.expireTokens(side)
			}
			if err := w.Fail(test.fault); err != nil {
				t.Fatal(err)
			}
			_, _, err := side.graph.read(t.Context())
			p := problem.Of(err)
			if p == nil || p.Kind != test.kind {
				t.Fatalf("%+v, want %s", p, test.kind)
			}
			if who, ok := side.Account(); !ok || (who.Lapsed != nil) != test.lapses {
				t.Errorf("account: %+v, %v", who, ok)
			}
			if err := w.Fail(simulate.Faults{Graph: "none", Entra: "none"}); err != nil {
				t.Fatal(err)
			}
			side = w.start() // without a wait that was told
			if test.lapses {
				w.signIn(side)
			}
			w.reads(side, presence.Available)
		})
	}
}

var expiresOn = regexp.MustCompile(`"expires_on":"\d+"`)

// expireTokens makes the kept access token one that has expired.
func (w *worlds) expireTokens(side *Side) {
	w.t.Helper()
	kept, ok := side.account.secrets.Get(secretTokens)
	if !ok {
		w.t.Fatal("no tokens are kept")
	}
	spent := expiresOn.ReplaceAll(kept, []byte(`"expires_on":"1000000000"`))
	if bytes.Equal(spent, kept) {
		w.t.Fatal("the tokens' expiry was not found")
	}
	if err := side.account.secrets.Set(secretTokens, spent); err != nil {
		w.t.Fatal(err)
	}
}

func TestSimulatedClaimsChallenge(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	side := w.start()
	w.signIn(side)
	if err := w.Fail(simulate.Faults{Graph: "cae"}); err != nil {
		t.Fatal(err)
	}
	w.reads(side, presence.Available)
}

func TestSimulatedPermissionMissing(t *testing.T) {
	w := newWorlds(t, simulate.Options{})
	if err := w.Fail(simulate.Faults{Lack: []string{"Presence.ReadWrite"}}); err != nil {
		t.Fatal(err)
	}
	_, err := w.start().SignIn(t.Context(), w.browser())
	if p := problem.Of(err); p == nil || p.Kind != problem.Forbidden || !strings.Contains(strings.ToLower(p.What.String()), "presence.readwrite") {
		t.Errorf("%+v", p)
	}
}
