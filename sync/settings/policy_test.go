package settings

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What the administrator locks stands whatever the person says; what they preset stands until the person says otherwise.
func TestPolicy(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "etc", "policy.yaml")
	write(t, policy, `
locked:
  account: {client_id: theirs}
  phones:
    - {id: desk, system: asterisk, fields: {server: "http://pbx"}, mapping: {teams_to_phone: {Busy/Busy: ""}}}
    - {id: soft, system: sip, mapping: {}}
preset:
  account: {tenant: contoso.com}
  hours: {days: {monday: "8:00-16:00"}}
`)
	write(t, filepath.Join(dir, File), `
account: {client_id: mine}
hours: {days: {tuesday: "9:00-17:00"}}
phones:
  - {id: own, system: simulated}
  - id: desk
    title: My desk
    fields: {server: "http://mine", user: sam}
    mapping: {teams_to_phone: {Busy/Busy: Busy, Away/Away: ""}}
  - {id: soft, mapping: {phone_to_teams: {Busy: ""}}}
`)
	got, err := LoadAll(dir, policy)
	if err != nil {
		t.Fatal(err)
	}
	want := Loaded{File: filepath.Join(dir, File), Policy: policy,
		Settings: Settings{
			Account: Account{ClientID: "theirs", Tenant: "contoso.com"},
			Hours:   Hours{Days: map[string]string{"tuesday": "9:00-17:00"}},
			Phones: []Phone{
				{ID: "own", System: "simulated"},
				{ID: "desk", System: "asterisk", Title: "My desk", Fields: map[string]string{"server": "http://pbx", "user": "sam"},
					Mapping: Mapping{TeamsToPhone: map[string]string{"Busy/Busy": "", "Away/Away": ""}}},
				{ID: "soft", System: "sip"},
			}},
		Locked: []string{"account.client_id", "phones.desk.fields.server", "phones.desk.id",
			"phones.desk.mapping.teams_to_phone.Busy/Busy", "phones.desk.system", "phones.soft.id", "phones.soft.mapping", "phones.soft.system"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	write(t, policy, "only_these_phones: true\nlocked: {phones: [{id: desk, system: asterisk}]}\n")
	got, err = LoadAll(dir, policy)
	if err != nil || len(got.Phones) != 1 || got.Phones[0].Title != "My desk" || !got.Only {
		t.Errorf("only these phones: %v, %+v", err, got)
	}
	for text, says := range map[string]string{"lock: {}\n": `line 1, column 1: unknown field "lock"`,
		"locked: {phones: [{title: x}]}\n": "neither an id nor a system", "locked: {timing: {session: 1m}}\n": "timing.session"} {
		write(t, policy, text)
		if _, err := LoadAll(dir, policy); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "administrator") {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, File)
	elsewhere := filepath.Join(dir, "dotfiles", "mine.yaml")
	write(t, elsewhere, "# mine\naccount:\n  tenant: a # here\n")
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Skip(err)
	}
	if _, err := os.Readlink(path); err != nil {
		t.Skip("this system only says that it makes links: ", err)
	}
	if err := Save(dir, "", Change{[]string{"timing", "session"}, "1m"}); err == nil || !strings.Contains(err.Error(), "timing.session is 1 min") {
		t.Errorf("what is not right is not saved: %v", err)
	}
	if err := Save(dir, "", Change{[]string{"account", "tenant"}, "b"}); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(elsewhere); string(text) != "# mine\naccount:\n  tenant: b # here\n" {
		t.Errorf("saved: %s", text)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	write(t, elsewhere, "account: [\n")
	if err := Save(dir, "", Change{[]string{"account", "tenant"}, "b"}); err == nil || !strings.Contains(err.Error(), "by hand first") {
		t.Errorf("a broken file is left alone: %v", err)
	}
}

// Each way in which a file changes is noticed; what else lies there is not.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "etc", "offhook", "policy.yaml")
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 100), make(chan error)
	go func() {
		ended <- Watch(ctx, dir, policy, slog.New(slog.DiscardHandler), func() { changed <- struct{}{} })
	}()
	await := func(what string, do func()) {
		t.Helper()
		again := time.NewTicker(500 * time.Millisecond) // the first may come before the watcher is there
		defer again.Stop()
		for n := 0; n < 20; n++ {
			do()
			select {
			case <-changed:
				return
			case <-again.C:
			}
		}
		t.Fatalf("%s is not noticed", what)
	}
	file := filepath.Join(dir, File)
	await("a new file", func() { write(t, file, "account: {}\n") })
	await("a change", func() { write(t, file, "hours: {}\n") })
	await("a file put in its place", func() {
		write(t, file+".new", "timing: {}\n")
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	})
	await("a phone system of one's own", func() { write(t, filepath.Join(dir, "phones", "mine.yaml"), "id: mine\n") })
	await("a policy where there was not even a folder", func() { write(t, policy, "locked: {}\n") })
	await("a change of the policy", func() { write(t, policy, "preset: {}\n") })
	for len(changed) > 0 {
		<-changed
	}
	write(t, filepath.Join(dir, "journal.json"), "{}")
	select {
	case <-changed:
		t.Error("another file is taken for the settings")
	case <-time.After(3 * quiet):
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
