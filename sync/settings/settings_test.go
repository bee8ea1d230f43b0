package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
)

func TestParse(t *testing.T) {
	got, err := Parse([]byte(`
account:
  client_id: 11111111-2222-3333-4444-555555555555
phones:
  - system: asterisk
    fields: {server: http://pbx:8088, user: sam}
    mapping:
      teams_to_phone: {Busy/Busy: Do not disturb, Available/Available: ""}
timing: {session: 10m}
pace: {desktops: 800}
hints: {microphone: false, lock: true}
`))
	on, off := true, false
	want := Settings{
		Account: Account{ClientID: "11111111-2222-3333-4444-555555555555"},
		Phones: []Phone{{ID: "asterisk", System: "asterisk", Fields: map[string]string{"server": "http://pbx:8088", "user": "sam"},
			Mapping: Mapping{TeamsToPhone: map[string]string{"Busy/Busy": "Do not disturb", "Available/Available": ""}}}},
		Timing: Timing{Session: 10 * time.Minute},
		Pace:   Pace{Desktops: 800},
		Hints:  Hints{Lock: &on, Microphone: &off},
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("Parse: %v\n%s", err, cmp.Diff(want, got))
	}
	if got, err := Parse(nil); err != nil || !cmp.Equal(got, Settings{}) {
		t.Errorf("an empty file is no error: %v, %v", got, err)
	}
}

// TestErrors holds that a typo is told with its place.
func TestErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"acount: {}\n", `line 1, column 1: unknown field "acount"`},
		{"account:\n  client: x\n", `line 2, column 3: unknown field "client"`},
		{"phones:\n  - fields: {}\n", "phone 1 names no system"},
		{"phones:\n  - system: a\n  - system: a\n", `phone 2: the id "a" stands twice`},
		{"phones:\n  - {system: a, id: teams}\n", `phone 1: the id "teams" must be`},
		{"timing: {session: 1m}\n", "timing.session is 1 min, which is not between 5 min and 4 h"},
		{"timing: {session: soon}\n", `invalid duration "soon"`},
		{"hours: {days: {moonday: 8:00-17:00}}\n", `hours: "moonday" is no weekday`},
		{"hours: {days: {monday: late}}\n", "“late” is no time of the day"},
		{"status_message: " + strings.Repeat("x", 281) + "\n", "status_message has 281 characters"},
		{"pace: {desktops: -1}\n", "pace.desktops is -1"},
		{"hints: {camera: true}\n", `unknown field "camera"`},
		{"account: [\n", "line 1, column "},
	}
	for _, tt := range tests {
		if _, err := Parse([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); err != nil {
		t.Errorf("no file is no error: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, File), []byte("x: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(dir)
	p := problem.Of(err)
	if err == nil || p.Kind != problem.Settings || !strings.Contains(p.What.String(), filepath.Join(dir, File)) || p.Do.IsZero() {
		t.Errorf("a broken file names itself and what to do: %v", err)
	}
}
