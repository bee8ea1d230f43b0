package endtoend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
)

// What is wrong in the settings or a profile is told, and then nobody is asked anything.
func TestSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, w *simulate.World, folder string)
		where string
		look  local.Look
		says  string // what the sentence must name
	}{
		{"a misspelt key", func(t *testing.T, w *simulate.World, folder string) {
			put(t, filepath.Join(folder, settings.File), "acount:\n  client_id: "+w.ClientID()+"\n")
		}, "settings", local.LookSignedOut, "line 1"},
		{"no YAML at all", func(t *testing.T, _ *simulate.World, folder string) {
			put(t, filepath.Join(folder, settings.File), "account: [\n")
		}, "settings", local.LookSignedOut, settings.File},
		{"no app registration", func(t *testing.T, _ *simulate.World, folder string) {
			put(t, filepath.Join(folder, settings.File), "phones: []\n")
		}, "settings", local.LookSignedOut, "app registration"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			folder := write(t, w, desk(w))
			test.spoil(t, w, folder)
			o := begin(t, folder, simulate.DefaultPassword)
			plainly(t, o, told{"settings", test.where, test.look, 6, false})
			if what := o.Status().Problem.What; !strings.Contains(what, test.says) {
				t.Errorf("%q does not name %q", what, test.says)
			}
			if r := o.SignIn(t.Context(), local.SignIn{}); r.OK {
				t.Error("a sign-in begins although the settings are wrong")
			}
			o.stop()
			if n := len(w.Requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// A phone whose profile, mapping or fields are wrong is told and left alone; the rest of Offhook works.
func TestPhoneSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	fields := func(phone map[string]any) map[string]string { return phone["fields"].(map[string]string) }
	for _, test := range []struct {
		name  string
		spoil func(phone map[string]any)
		says  string // what the sentence must name
	}{
		{"a system nobody knows", func(phone map[string]any) { phone["system"] = "simulatd" }, "simulatd"},
		{"a mapping to a status nobody knows", func(phone map[string]any) {
			phone["mapping"] = map[string]any{"teams_to_phone": map[string]string{"Busy/InAMeeting": "Meeting"}}
		}, "Meeting"},
		{"a password in the open", func(phone map[string]any) { fields(phone)["password"] = "hunter-2-hunter" }, "password"},
		{"an address that is none", func(phone map[string]any) { fields(phone)["server"] = "pbx" }, "address"},
		{"a profile that names an unknown status", func(phone map[string]any) { phone["system"] = "mine" }, "Bussy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			phone := desk(w)
			test.spoil(phone)
			folder := write(t, w, phone)
			if phone["system"] == "mine" {
				ownProfile(t, folder)
			}
			o := begin(t, folder, simulate.DefaultPassword)
			o.beginSignIn(local.SignIn{})
			o.sees(presence.Available)
			plainly(t, o, told{"settings", "desk", local.LookUnreachable, 6, false})
			if what := o.Status().Problem.What; !strings.Contains(what, test.says) || strings.Contains(what, "hunter") {
				t.Errorf("%q does not name %q", what, test.says)
			}
			o.stop()
			wrote(t, w)
			if n := w.State().Requests["phone"]; n != (simulate.Count{}) {
				t.Errorf("the phone was asked %+v", n)
			}
		})
	}
}

// ownProfile puts a profile of the person's own into a folder, with a status misspelt in its mapping.
func ownProfile(t *testing.T, folder string) {
	t.Helper()
	text, err := assets.Presets.ReadFile("presets/simulated.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mine := strings.NewReplacer("id: simulated", "id: mine", "{teams: Busy/Busy, phone: Busy}", "{teams: Busy/Busy, phone: Bussy}").Replace(string(text))
	if err := os.Mkdir(filepath.Join(folder, "phones"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, "phones", "mine.yaml"), mine)
}
