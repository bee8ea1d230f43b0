package resident

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
)

// Of changed settings only the phone that they are about is opened anew.
func TestPhonesThatStayAreKept(t *testing.T) {
	const text = "account: {client_id: 11111111-2222-3333-4444-555555555555}\nphones:\n" +
		"  - {id: a, system: baresip, fields: {address: \"127.0.0.1:1\"}}\n  - {id: b, system: baresip, fields: {address: \"127.0.0.1:2\"}}\n"
	folder := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, settings.File), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	store, _ := secrets.Open(t.Context(), folder, secrets.InMemory())
	r := New(Options{Folder: folder, Secrets: store, Log: slog.New(slog.DiscardHandler)})
	first := r.now()
	if first.problem != nil || first.phones[0].open == nil || first.phones[1].open == nil {
		t.Fatalf("%+v, %+v", first.problem, first.phones)
	}
	for _, change := range []struct {
		name, from, to string
		a, b           bool // is the one that was open
		goesOn         bool // the engine need not start anew
	}{
		{"nothing", "x", "x", true, true, true},
		{"a title", "id: a", "title: A, id: a", true, true, true},
		{"a phone", "127.0.0.1:2", "127.0.0.1:3", true, false, false},
		{"a phone that cannot be", "127.0.0.1:2", "pbx:2", true, false, false},
		{"the account", "11111111-", "21111111-", true, true, false},
	} {
		write(strings.Replace(text, change.from, change.to, 1))
		next := r.prepare(first)
		a, b := next.phones[0].open == first.phones[0].open, next.phones[1].open == first.phones[1].open
		if a != change.a || b != change.b || (next.print == first.print) != change.goesOn {
			t.Errorf("%s: kept are %v and %v, and the engine goes on: %v", change.name, a, b, next.print == first.print)
		}
	}
}
