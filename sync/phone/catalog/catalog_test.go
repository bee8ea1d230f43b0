package catalog

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every shipped preset loads, is whole and is honest.
func TestShipped(t *testing.T) {
	c := load(t)
	files, err := assets.Presets.ReadDir("presets")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(c.Systems()) {
		t.Errorf("%d files, %d systems", len(files), len(c.Systems()))
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			s, err := c.System(strings.TrimSuffix(f.Name(), ".yaml"))
			if err != nil {
				t.Fatalf("the file is not named after the system's id: %v", err)
			}
			if len(s.Documents) == 0 {
				t.Error("it does not say where its facts come from")
			}
			if s.MappingOnly != (s.Proof == "mapping only") {
				t.Errorf("its proof is %q", s.Proof)
			}
			whole(t, s.Mapping)
			for _, f := range s.Fields {
				if secret := regexp.MustCompile(`(?i)\b(password|token|key|PIN|secret)$`).MatchString(f.Label); f.Secret != secret {
					t.Errorf("the field %q: secret %v", f.Label, f.Secret)
				}
			}
		})
	}
}

// whole demands a row for each state of Teams and for each status, and that an unchanged one says why.
func whole(t *testing.T, m presence.Mapping) {
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	for _, state := range presence.TeamsStates() {
		rows := slices.DeleteFunc(slices.Clone(m.ToPhone), func(r presence.Row[presence.Pair, string]) bool { return r.From != state.Pair })
		if len(rows) != 1 {
			t.Errorf("%d rows for Teams %s", len(rows), state.Pair)
		}
		if row := m.Phone(state.Pair); row.Unchanged() == (row.Why == "") {
			t.Errorf("Teams %s: to %q, why %q", state.Pair, row.To, row.Why)
		}
	}
	for _, s := range m.Statuses {
		rows := slices.DeleteFunc(slices.Clone(m.ToTeams), func(r presence.Row[string, presence.Pair]) bool { return r.From != s.Name })
		if len(rows) != 1 {
			t.Errorf("%d rows for %q", len(rows), s.Name)
		}
		if row := m.Teams(s.Name); row.Unchanged() == (row.Why == "") {
			t.Errorf("%q: to %s, why %q", s.Name, row.To, row.Why)
		}
	}
}

// tables is a mapping without its whys; a dash leaves the other side as it is.
func tables(m presence.Mapping) (toPhone, toTeams map[string]string) {
	toPhone, toTeams = map[string]string{}, map[string]string{}
	for _, r := range m.ToPhone {
		toPhone[r.From.String()] = r.To
		if r.Unchanged() {
			toPhone[r.From.String()] = "-"
		}
	}
	for _, r := range m.ToTeams {
		toTeams[r.From] = r.To.String()
		if r.Unchanged() {
			toTeams[r.From] = "-"
		}
	}
	return toPhone, toTeams
}

// The presets behave as the vendors' documents say.
func TestVendorsTables(t *testing.T) {
	c := load(t)
	allTeams := func(to map[string]string) map[string]string {
		whole := map[string]string{}
		for _, s := range presence.TeamsStates() {
			whole[s.Pair.String()] = "-"
		}
		for from, target := range to {
			whole[from] = target
		}
		return whole
	}
	const call = "Busy/InACall"
	for id, want := range map[string]struct{ toPhone, toTeams map[string]string }{
		"setera-onecloud": {
			map[string]string{call: "Line busy", "Busy/InAConferenceCall": "Line busy", "Busy/InAMeeting": "Line busy", "DoNotDisturb/Presenting": "Line busy"},
			map[string]string{"Line busy": "-"},
		},
		"nfon-cloudya": {
			map[string]string{call: "In use", "Busy/InAConferenceCall": "In use"},
			map[string]string{"In use": call, "Ringing": "-", "Available": "-", "Away": "-", "Busy": "-", "Do not disturb": "-", "Offline": "-"},
		},
		"univerge-blue": {
			map[string]string{
				"Available/Available": "Available", "Busy/Busy": "Busy", call: "On call", "Busy/InAConferenceCall": "In a meeting",
				"Busy/InAMeeting": "In a meeting", "DoNotDisturb/DoNotDisturb": "Busy", "DoNotDisturb/Presenting": "In a meeting",
				"DoNotDisturb/Focusing": "Busy", "BeRightBack/BeRightBack": "On break",
			},
			map[string]string{
				"Available": "Available/Available", "Agent available": "Available/Available", "On call": call, "In a meeting": call,
				"Screen sharing": call, "Agent on call": call, "Offline": "-", "Away": "-", "On break": "-", "Busy": "-", "Agent busy": "-",
				"Do not disturb": "-", "Out sick": "-", "On vacation": "-", "Off work": "-",
			},
		},
		"mitel-cloudlink": {nil, map[string]string{"In a call": call, "Do not disturb": "DoNotDisturb/Presenting"}},
		"openscape-uc": {
			map[string]string{call: "Busy (in a call)", "Busy/InAConferenceCall": "Busy (in a call)"},
			map[string]string{"Busy (in a call)": call},
		},
	} {
		t.Run(id, func(t *testing.T) {
			s, err := c.System(id)
			if err != nil {
				t.Fatal(err)
			}
			toPhone, toTeams := tables(s.Mapping)
			if diff := cmp.Diff(allTeams(want.toPhone), toPhone); diff != "" {
				t.Errorf("Teams to phone:\n%s", diff)
			}
			if diff := cmp.Diff(want.toTeams, toTeams); diff != "" {
				t.Errorf("phone to Teams:\n%s", diff)
			}
			_, err = c.Open(id, Options{})
			if !s.MappingOnly {
				if p := problem.Of(err); p == nil || p.Kind != problem.Settings || !strings.Contains(p.What.String(), s.Title+" needs “") {
					t.Errorf("opened without what a person must enter: %v", err)
				}
				return
			}
			if p := problem.Of(err); p == nil || p.Kind != problem.Settings || !strings.Contains(p.What.String(), s.Title+": Offhook knows only its mapping") {
				t.Errorf("opened: %v", err)
			}
		})
	}
}

func TestUnknownSystem(t *testing.T) {
	c := load(t)
	var ids []string
	for _, s := range c.Systems() {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	want := `There is no phone system “univerge”. Choose one of: ` + strings.Join(ids, ", ")
	if _, err := c.System("univerge"); err == nil || err.Error() != want {
		t.Error(cmp.Diff(want, errorText(err)))
	}
	if _, err := c.Open("univerge", Options{}); err == nil || err.Error() != want {
		t.Error(cmp.Diff(want, errorText(err)))
	}
}

func TestFieldsAreChecked(t *testing.T) {
	c := load(t)
	for id, known := range map[string]map[string]string{
		"simulated": {"server": "http://127.0.0.1:1/phone/v1", "user": "100", "password": "x"},
		"asterisk":  {"server": "http://127.0.0.1:1/ari", "user": "offhook", "password": "x", "extension": "100"},
		"sip":       {"server": "127.0.0.1:1", "password": "x", "extension": "100"},
	} {
		if _, err := c.Open(id, Options{Fields: known}); err != nil {
			t.Errorf("%s with all it needs: %v", id, err)
		}
		for change, want := range map[string]struct {
			name, value, says string
		}{
			"missing":     {"password", "", "needs"},
			"unknown":     {"extention", "100", "knows no setting “extention”"},
			"not address": {"server", "not an address", ""},
		} {
			fields := map[string]string{}
			for name, value := range known {
				fields[name] = value
			}
			fields[want.name] = want.value
			_, err := c.Open(id, Options{Fields: fields})
			p, ok := err.(*problem.Problem)
			if !ok || p.Kind != problem.Settings || p.Do.IsZero() || !strings.Contains(p.What.String(), want.says) {
				t.Errorf("%s, %s: %v", id, change, err)
			}
			if strings.Contains(errorText(err), "x ") {
				t.Errorf("%s, %s: the password stands in %v", id, change, err)
			}
		}
	}
}

// A person's own files are systems like the shipped ones; a broken one is told and harms no other.
func TestOwnFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a [strange] folder")
	if err := os.MkdirAll(filepath.Join(dir, "phones"), 0o700); err != nil {
		t.Fatal(err)
	}
	shipped, err := assets.Presets.ReadFile("presets/simulated.yaml")
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, from, to string) {
		text := strings.Replace(string(shipped), from, to, 1)
		if text == string(shipped) && from != "" {
			t.Fatalf("%q is not there", from)
		}
		if err := os.WriteFile(filepath.Join(dir, "phones", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("mine.yaml", "id: simulated", "id: mine")
	put("override.yml", "title: Simulated phone", "title: My own simulated phone")
	put("twice.yaml", "id: simulated", "id: mine")
	put("broken.yaml", "password: \"${password}\"", "password: \"${pasword}\"")
	put("not-a-profile.txt", "", "")

	c, err := Load(dir)
	var ids []string
	for _, s := range c.Systems() {
		ids = append(ids, s.ID+": "+s.Title)
	}
	want := []string{"mine: Simulated phone"}
	for _, s := range load(t).Systems() {
		if s.ID == "simulated" {
			s.Title = "My own simulated phone"
		}
		want = append(want, s.ID+": "+s.Title)
	}
	byTitle := func(a, b string) int {
		_, a, _ = strings.Cut(strings.ToLower(a), ": ")
		_, b, _ = strings.Cut(strings.ToLower(b), ": ")
		return strings.Compare(a, b)
	}
	slices.SortFunc(want, byTitle)
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Error(diff)
	}
	if err == nil {
		t.Fatal("the broken file was not told")
	}
	told := strings.ReplaceAll(err.Error(), dir, "DIR")
	wantTold := `The phone system's file DIR/phones/broken.yaml cannot be used: broken.yaml:23:41: ${pasword} has no value here; there are: ${server}, ${user}, ${password}, ${device}. Correct the file, or remove it
The files DIR/phones/mine.yaml and DIR/phones/twice.yaml both have the id mine, and only the first is used. Give the second another id`
	if diff := cmp.Diff(wantTold, filepath.ToSlash(told)); diff != "" {
		t.Error(diff)
	}
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.Settings {
		t.Errorf("no problem of the settings: %v", err)
	}
}

func TestNoFolderOfOnesOwn(t *testing.T) {
	c, err := Load(filepath.Join(t.TempDir(), "not there"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Systems()) != len(load(t).Systems()) {
		t.Error("the shipped ones are not all there")
	}
}

// The simulated phone can do what its preset says it can.
func TestCapabilities(t *testing.T) {
	s, err := load(t).System("simulated")
	if err != nil {
		t.Fatal(err)
	}
	if s.Capabilities != (phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true}) {
		t.Errorf("%+v", s.Capabilities)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A preset and its connector in Go know each other by the statuses' names only: they must be the same.
func TestNativePresetsFitTheirConnectors(t *testing.T) {
	c := load(t)
	for id, fields := range map[string]map[string]string{
		"asterisk": {"server": "http://127.0.0.1:1/ari", "user": "offhook", "password": "x", "extension": "100"},
		"freepbx":  {"server": "127.0.0.1:1", "user": "offhook", "password": "x", "extension": "100"},
		"baresip":  {"address": "127.0.0.1:1", "sets_status": "true"},
		"bria":     {"address": "ws://127.0.0.1:1/"},
	} {
		p, err := c.Open(id, Options{Fields: fields})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		s, err := c.System(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range s.Mapping.Statuses {
			want := problem.Refused
			if status.Writable {
				want = problem.Unreachable // nothing answers there
			}
			if got := problem.Of(p.Write(t.Context(), status.Name)); got == nil || got.Kind != want {
				t.Errorf("%s, writing %q: %v, want %s", id, status.Name, got, want)
			}
		}
	}
}
