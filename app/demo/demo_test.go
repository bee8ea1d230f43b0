package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/app/demo"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func begin(t *testing.T) *demo.Demo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d, err := demo.New(ctx, resident.Options{Version: "test", Log: demo.Quiet()})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Resident.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := errors.Join(d.World.Wait(), d.Close()); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(d.Folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left behind", d.Folder)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return d
}

// Every expected effect is seen, within the time promised, and each has its line.
func TestScript(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	began := time.Now()
	all, err := begin(t).Script(t.Context(), &text, false)
	if err != nil || !all {
		t.Errorf("%v, %v:\n%s", all, err, &text)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if lines := strings.Count(text.String(), " → "); lines != 16 || strings.Contains(text.String(), "✗") {
		t.Errorf("%d lines:\n%s", lines, &text)
	}
}

// Where nobody can sign in, the reason is told, nothing is played, and it is over at once.
func TestScriptWithoutSignIn(t *testing.T) {
	t.Parallel()
	d := begin(t)
	if err := d.World.Fail(simulate.Faults{Entra: "consent_required"}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	all, err := d.Script(t.Context(), &out, true)
	if err != nil || all {
		t.Errorf("%v, %v", all, err)
	}
	lines := json.NewDecoder(&out)
	for n := 0; ; n++ {
		var l demo.Line
		if err := lines.Decode(&l); errors.Is(err, io.EOF) {
			if n != 16 {
				t.Errorf("%d lines", n)
			}
			return
		} else if err != nil {
			t.Fatal(err)
		}
		want := "not played: nobody is signed in"
		if n == 0 {
			want = "Your organisation lets only administrators"
		}
		if l.OK || !strings.HasPrefix(l.Effect, want) {
			t.Errorf("line %d: %+v", n+1, l)
		}
	}
}

// A day that is cut short was not seen.
func TestScriptThatIsCutShort(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if all, err := begin(t).Script(ctx, io.Discard, false); all && err == nil {
		t.Error("a day that was not played counts as seen")
	}
}

func TestWriteSettings(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	world, err := simulate.Start(ctx, simulate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Wait() //nolint:errcheck // it ended because it was to
	defer cancel()
	dir := t.TempDir()
	t.Chdir(dir)
	for range 2 { // also over what was written before
		if err := demo.WriteSettings(".", world); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, settings.File)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), simulate.DefaultPassword) {
		t.Error("the phone's password stands in the settings")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		t.Errorf("others may read the settings: %v, %v", info.Mode(), err)
	}
	s, err := settings.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile(s.Account.RootCertificate)
	if !filepath.IsAbs(s.Account.RootCertificate) || !bytes.Equal(root, world.RootPEM()) {
		t.Errorf("the root certificate is at %s: %v", s.Account.RootCertificate, err)
	}
	if diff := cmp.Diff(map[string]string{"server": world.PhoneURL(), "user": simulate.DefaultUser}, s.Phones[0].Fields); diff != "" {
		t.Errorf("the phone's fields (-want +got):\n%s", diff)
	}

	own := []byte("# mine\n")
	if err := os.WriteFile(file, own, 0o600); err != nil {
		t.Fatal(err)
	}
	err = demo.WriteSettings(dir, world)
	if text, _ = os.ReadFile(file); err == nil || !bytes.Equal(text, own) {
		t.Errorf("a person's own settings are now %q: %v", text, err)
	}
}
