package doctor

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/activity"
	"github.com/offhook/offhook/sync/settings"
)

// Whatever secret or personal thing stands anywhere that a bundle looks, none of it is in the bundle.
func TestNothingPersonalInABundle(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		folder := filepath.Join(dir, string(rune('a'+n%26))+time.Now().Format("150405.000000000"))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		word := rapid.StringMatching(`[a-z]{3,8}zq`)
		secret := rapid.StringMatching(`[A-Za-z0-9+/_-]{6,10}[0-9][A-Za-z0-9+/=_-]{6,30}q`).Draw(t, "secret")
		mail := word.Draw(t, "who") + "." + word.Draw(t, "name") + "@" + word.Draw(t, "company") + ".example"
		host := word.Draw(t, "host") + "." + word.Draw(t, "domain") + ".net"
		number := rapid.StringMatching(`[1-9][0-9]{4,10}`).Draw(t, "number")
		guid := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "id")
		title := word.Draw(t, "title") + " " + word.Draw(t, "of")
		ip := rapid.StringMatching(`1[0-9]{2}\.2[0-4][0-9]\.1[0-9]{2}\.[1-9]`).Draw(t, "ip")
		planted := []string{secret, mail, host, number, guid, ip, strings.Fields(title)[0], strings.Fields(title)[1]}

		text, err := yaml.Marshal(map[string]any{
			"account": map[string]any{"client_id": guid, "tenant": host, "authority": "https://" + host + "/x"},
			"phones": []any{map[string]any{"system": "asterisk", "id": "desk", "title": title,
				"fields": map[string]any{"server": "http://" + ip + ":8088", "user": mail, "extension": number, "password": secret}}},
			"status_message": "Call " + number + " or " + mail,
		})
		if err != nil {
			t.Fatal(err)
		}
		// The same, and things that stand in no settings, in sentences.
		stray := word.Draw(t, "stray") + "@" + word.Draw(t, "elsewhere") + ".org"
		foreign := rapid.StringMatching(`\+[1-9][0-9]{1,3} [0-9]{3,4} [0-9]{4,6}`).Draw(t, "foreign")
		path := "/home/" + word.Draw(t, "home") + "/settings.yaml"
		planted = append(planted, stray, foreign, path)
		sentence := rapid.SampledFrom([]string{"X does not answer", "dial tcp X: connection refused", "signed in as X", "(X)", "token=X;", "The user X is unknown at X.", `"X" refused`}).Draw(t, "sentence")
		say := func(what string) string { return strings.ReplaceAll(sentence, "X", what) }
		story := activity.In[local.Entry](filepath.Join(folder, "activity"))
		report := Report{Version: "test"}
		for _, p := range planted {
			if err := story.Add(time.Now(), local.Entry{Reason: local.Reason{At: time.Now(), Kind: "failed", Sentence: say(p)},
				Cause: &local.Seen{WhereTitle: title}}, 30); err != nil {
				t.Fatal(err)
			}
			report.Checks = append(report.Checks, Check{"phone " + p, Bad, say(p), say(p)})
		}
		if err := os.WriteFile(filepath.Join(folder, settings.File), text, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Write(&out, Bundle(Options{Folder: folder}, report)); err != nil {
			t.Fatal(err)
		}
		all := unzip(t, out.Bytes())
		for _, p := range planted {
			if strings.Contains(strings.ToLower(all), strings.ToLower(p)) {
				t.Fatalf("%q is in the bundle, of %q:\n%s", p, say(p), all)
			}
		}
		for _, part := range strings.FieldsFunc(mail+"@"+host+"@"+stray, func(r rune) bool { return r == '@' || r == '.' }) {
			if len(part) > 4 && strings.HasSuffix(part, "zq") && strings.Contains(all, part) {
				t.Fatalf("%q is in the bundle:\n%s", part, all)
			}
		}
	})
}

func unzip(t *rapid.T, data []byte) string {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// What helps stays: what is mapped, how long things take, what happened.
func TestABundleStillHelps(t *testing.T) {
	folder := t.TempDir()
	text := "account: {tenant: organizations}\nphones:\n  - {system: asterisk, id: x1, mapping: {teams_to_phone: {Busy/InAMeeting: Do not disturb}}}\ntiming: {session: 10m}\nhours: {days: {monday: \"8:00-12:00, 13:00-17:00\"}}\n"
	if err := os.WriteFile(filepath.Join(folder, settings.File), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var all string
	for _, f := range Bundle(Options{Folder: folder}, Report{Version: "1", Checks: []Check{{"network", Bad, "Neither a.b nor c.d can be reached", "Check the network, the proxy and the firewall"}}}) {
		all += f.Text
	}
	for _, want := range []string{"tenant: organizations", "system: asterisk", "Busy/InAMeeting: Do not disturb", "session: 10m",
		"8:00-12:00, 13:00-17:00", "Neither ‹blank› nor ‹blank› can be reached. Check the network, the proxy and the firewall"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in:\n%s", want, all)
		}
	}
}
