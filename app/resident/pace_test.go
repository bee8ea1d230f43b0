package resident

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/hints"
	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
)

// What a run has found of its share serves the next; what is wrong in the file does no harm.
func TestPaceIsKept(t *testing.T) {
	r := &Resident{o: Options{Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)}}
	file := filepath.Join(r.o.Folder, paceFile)
	if err := os.WriteFile(file, []byte(`{"share": 12.5, "met_limit": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := paceOptions(r.o.Folder, settings.Settings{}, nil).Found; got != (pace.Found{Share: 12.5, Met: true}) {
		t.Errorf("found earlier: %+v", got)
	}
	if err := os.WriteFile(file, []byte(`no json`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := paceOptions(r.o.Folder, settings.Settings{}, nil).Found; got != (pace.Found{}) {
		t.Errorf("found in a broken file: %+v", got)
	}
	for graph, want := range map[string]int{"": 0, "https://graph.microsoft.com/v1.0": 0, "http://127.0.0.1:8080/v1.0": 1, "https://localhost/v1.0": 1} {
		if got := paceOptions(r.o.Folder, settings.Settings{Account: settings.Account{Graph: graph}}, nil).Desktops; got != want {
			t.Errorf("%q: %d desktops, want %d", graph, got, want)
		}
	}
}

// The share is written at the end of a run and read at the beginning of the next; each hint has its switch.
func TestPaceAndHintsOfTheSettings(t *testing.T) {
	folder := t.TempDir()
	text := "account: {client_id: 11111111-2222-3333-4444-555555555555}\nhints: {microphone: false, idle: false, lock: true}\n"
	if err := os.WriteFile(filepath.Join(folder, settings.File), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	store, _ := secrets.Open(t.Context(), folder, secrets.InMemory())
	r := New(Options{Folder: folder, Secrets: store, Log: slog.New(slog.DiscardHandler)})
	var off []hints.Name
	for _, name := range hints.Names() {
		if r.hintOff(name) {
			off = append(off, name)
		}
	}
	if want := []hints.Name{hints.Idle, hints.Microphone}; !slices.Equal(off, want) {
		t.Errorf("switched off are %v, want %v", off, want)
	}
	before := r.now().teams.Pace().Budget.Found()
	r.keepPace()
	again := New(Options{Folder: folder, Secrets: store, Log: slog.New(slog.DiscardHandler)})
	if d := cmp.Diff(before, again.now().teams.Pace().Budget.Found()); d != "" || before.Share == 0 {
		t.Errorf("after a restart (-before +after):\n%s", d)
	}
	if s := again.Status(); s.Teams.Pace == nil || s.Teams.Pace.Share != before.Share || s.Teams.Pace.SizeKnown {
		t.Errorf("the status tells %+v", s.Teams.Pace)
	}
}
