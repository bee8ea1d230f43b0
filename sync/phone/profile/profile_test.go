package profile

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
)

//go:embed testdata/good.yaml
var good string

// changed is the good file with one text replaced.
func changed(t testing.TB, from, to string) []byte {
	t.Helper()
	if strings.Count(good, from) != 1 {
		t.Fatalf("%q does not stand in the good file exactly once", from)
	}
	return []byte(strings.Replace(good, from, to, 1))
}

func TestGoodFile(t *testing.T) {
	p, err := Parse("phones/good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	want := phone.System{
		ID: "test-pbx", Title: "Test PBX", Proof: "simulated", Documents: []string{},
		Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true},
		Fields:       []phone.Field{{Name: "server", Label: "Server", Type: phone.Text}, {Name: "user", Label: "User", Type: phone.Text}, {Name: "password", Label: "Password", Type: phone.Secret, Secret: true}},
		Mapping: presence.Mapping{
			Statuses: []presence.Status{
				{Name: "Available", Means: presence.MeansAvailable, Writable: true},
				{Name: "Do not disturb", Means: presence.MeansDoNotDisturb, Writable: true},
				{Name: "On vacation", Means: presence.MeansAway},
				{Name: "Ringing", Means: presence.MeansAvailable, Activity: true},
				{Name: "On a call", Means: presence.MeansBusy, Activity: true},
			},
			ToPhone: []presence.Row[presence.Pair, string]{
				{From: presence.Available, To: "Available"},
				{From: presence.InACall, To: "Do not disturb"},
				{From: presence.Away, Why: "Away comes by itself"},
			},
			ToTeams: []presence.Row[string, presence.Pair]{
				{From: "On a call", To: presence.InACall},
				{From: "Ringing", Why: "ringing is not talking"},
			},
		},
	}
	if diff := cmp.Diff(want, p.System); diff != "" {
		t.Error(diff)
	}
}

// A vendor's table may have a status that nothing reads.
func TestStatusThatNothingReadsNeedsNoValue(t *testing.T) {
	lines := strings.NewReplacer("reads_status: true", "reads_status: false", "  chosen: .status\n", "", "value: vacation, ", "")
	if _, err := Parse("good.yaml", []byte(lines.Replace(good))); err != nil {
		t.Error(err)
	}
}

// Whatever is wrong with a file is said with its line, its column and what to do.
func TestBrokenFiles(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		want     string
	}{
		"unknown key": {"base: ${server}", "bse: ${server}",
			`good.yaml:9:1: unknown key "bse"; remove or correct it; the keys here are: id, title, connector, proof, documents, capabilities, fields, statuses, mapping, base, timeout, headers, answers, let, sign_in, once, read, events, write, give_back, error, failed, expired, request_id, rate, secrets_in_url`},
		"unknown key inside": {"path: /me}", "path: /me, verb: GET}",
			`good.yaml:16:24: unknown key "verb"; remove or correct it; the keys here are: when, each, method, path, url, query, headers, body, json, form, xml, text, answer, pages`},
		"missing key": {"title: Test PBX\n", "",
			`good.yaml:1:1: "title" is missing; add it: the phone system's own name`},
		"empty key": {"title: Test PBX", "title:",
			`good.yaml:2:1: "title" is empty; give it a value or remove it`},
		"missing part": {"base: ${server}\n", "",
			`good.yaml:1:1: "base" is missing; add it: the connector profile needs it`},
		"not YAML": {"id: test-pbx", "id: [test-pbx",
			`good.yaml:2:1: this cannot be read as YAML: ',' or ']' must be specified; correct it`},
		"key twice": {"proof: simulated", "proof: simulated\nproof: simulated",
			`good.yaml:4:1: this cannot be read as YAML: mapping key "proof" already defined at [3:1]; correct it`},
		"alias": {"title: Test PBX", "title: &x Test PBX",
			`good.yaml:2:8: a single value is expected here; write it out (anchors and aliases are not read)`},
		"text for a list": {"  - {name: server, label: Server}\n  - {name: user, label: User}\n  - {name: password, label: Password, type: secret}\n", "  server\n",
			`good.yaml:6:3: a list is expected here; write each entry on a line that begins with a dash`},
		"text for keys": {"request: {path: /me}", "request: /me",
			`good.yaml:16:12: keys and values are expected here; the keys are: when, each, method, path, url, query, headers, body, json, form, xml, text, answer, pages`},
		"neither true nor false": {"reads_line: true", "reads_line: maybe",
			`good.yaml:4:28: "maybe" is neither true nor false; write one of them`},
		"bad id": {"id: test-pbx", "id: Test PBX",
			`good.yaml:1:5: the id "Test PBX" may only be made of small letters, digits and single dashes; change it`},
		"unknown connector": {"id: test-pbx", "id: test-pbx\nconnector: astrisk",
			`good.yaml:2:12: there is no connector "astrisk"; write one of: profile, none, asterisk`},
		"parts of another connector": {"id: test-pbx", "id: test-pbx\nconnector: asterisk",
			`good.yaml:10:7: "base" does nothing with the connector asterisk; remove it, or the line connector:
good.yaml:12:3: "sign_in" does nothing with the connector asterisk; remove it, or the line connector:
good.yaml:17:3: "read" does nothing with the connector asterisk; remove it, or the line connector:
good.yaml:21:3: "events" does nothing with the connector asterisk; remove it, or the line connector:
good.yaml:28:8: "write" does nothing with the connector asterisk; remove it, or the line connector:
good.yaml:29:8: "error" does nothing with the connector asterisk; remove it, or the line connector:`},
		"unknown proof": {"proof: simulated", "proof: it works",
			`good.yaml:3:8: "it works" is no proof; write one of: run against the real system, built from documents, simulated, mapping only`},
		"no length of time": {"poll: 10s", "poll: 10",
			`good.yaml:20:9: "10" is no length of time; write it with its unit, such as 500ms, 10s or 2m`},
		"field twice": {"name: user,", "name: server,",
			`good.yaml:7:12: the field "server" stands twice; remove one
good.yaml:12:56: ${user} has no value here; there are: ${server}, ${server}, ${password}, ${device}`},
		"field's name taken": {"name: user,", "name: token,",
			`good.yaml:7:12: the field's name "token" is taken: the engine fills in token, refresh_token, device, value, status, item, cursor, unique itself; choose another
good.yaml:12:56: ${user} has no value here; there are: ${server}, ${token}, ${password}, ${device}`},
		"secret with default": {"type: secret", "type: secret, default: x",
			`good.yaml:8:62: a secret can have no default; remove it`},
		"jq that cannot be read": {"chosen: .status", "chosen: .status |",
			`good.yaml:18:11: the jq expression ".status |" cannot be read: unexpected EOF; correct it`},
		"jq that cannot be compiled": {"chosen: .status", "chosen: statsu(.)",
			`good.yaml:18:11: the jq expression "statsu(.)" cannot be read: function not defined: statsu/1; correct it`},
		"placeholder not closed": {`"${value}"`, `"${value"`,
			`good.yaml:27:55: a placeholder in "${value" is not closed or not named; write it as ${name}`},
		"placeholder without a value": {"path: /events", `path: "/events/${value}"`,
			`good.yaml:22:21: ${value} has no value here; there are: ${server}, ${user}, ${password}, ${device}, ${token}`},
		"path without a slash": {"path: /events", "path: events",
			`good.yaml:22:21: the path "events" does not begin with a slash; write what follows the base address`},
		"two sign-ins": {"sign_in:\n", "sign_in:\n  bearer: {token: \"${password}\"}\n",
			`good.yaml:11:3: the sign-in needs exactly one of basic, bearer, key, login and oauth; where there is none, remove sign_in`},
		"capability without its part": {"  chosen: .status\n", "",
			`good.yaml:4:15: reads_status is true, but read.chosen is missing; add it or say false`},
		"part without its capability": {"events: true}", "events: false}",
			`good.yaml:4:15: events is false, but one of stream, websocket, signalr and long_poll in events is there; say true or remove it`},
		"status twice": {"name: On vacation", "name: available",
			`good.yaml:32:12: the status "available" stands twice; correct or remove it`},
		"status without a value": {"value: vacation, ", "",
			`good.yaml:32:5: the status "On vacation" has no value; add the value it has in the API`},
		"value twice": {"value: vacation", "value: nobody",
			`good.yaml:32:32: the value "nobody" is that of "Do not disturb" already; remove one`},
		"unknown meaning": {"means: away", "means: gone",
			`good.yaml:32:49: "gone" is none of away, available, busy, dnd; write one of them`},
		"row with an unknown status": {"phone: Do not disturb}", "phone: Do not distrub}",
			`good.yaml:38:36: "Do not distrub" is no status of this phone; it has: Available, Do not disturb, On vacation, Ringing, On a call; correct or remove it`},
		"row with a status that cannot be set": {"phone: Do not disturb}", "phone: On vacation}",
			`good.yaml:38:36: Busy/InACall cannot become "On vacation": the phone system does not let it be set; correct or remove it`},
		"row with an unknown state of Teams": {"teams: Away/Away", "teams: Away/Gone",
			`good.yaml:39:15: Away/Gone is no state of Teams; it has: Available/Available, Busy/Busy, Busy/InACall, Busy/InAConferenceCall, Busy/InAMeeting, DoNotDisturb/DoNotDisturb, DoNotDisturb/Presenting, DoNotDisturb/Focusing, BeRightBack/BeRightBack, Away/Away, Available/OutOfOffice, Offline/OffWork, Offline/Offline; correct or remove it`},
		"row with no state of Teams": {"teams: Away/Away", "teams: Away",
			`good.yaml:39:15: "Away" is not availability/activity, such as Busy/InACall; correct it`},
		"row twice": {"teams: Away/Away", "teams: Busy/InACall",
			`good.yaml:39:15: the row for Busy/InACall stands twice; correct or remove it`},
		"row from an unknown status": {"phone: On a call", "phone: Calling",
			`good.yaml:41:15: "Calling" is no status of this phone; it has: Available, Do not disturb, On vacation, Ringing, On a call; correct or remove it`},
		"row to what Graph does not take": {"phone: On a call, teams: Busy/InACall", "phone: On a call, teams: Busy/InAMeeting",
			`good.yaml:41:33: "On a call" cannot become Busy/InAMeeting: Graph lets an application set only Available/Available, Busy/Busy, Busy/InACall, Busy/InAConferenceCall, DoNotDisturb/DoNotDisturb, DoNotDisturb/Presenting, BeRightBack/BeRightBack, Away/Away, Offline/OffWork; correct or remove it`},
		"row without a target": {", unchanged: ringing is not talking", "",
			`good.yaml:42:7: the row needs either teams: and a target, or unchanged: and why; write one of the two`},
		"row with both": {"phone: Do not disturb}", "phone: Do not disturb, unchanged: so}",
			`good.yaml:38:7: the row needs either phone: and a target, or unchanged: and why; write one of the two`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Parse("phones/good.yaml", changed(t, c.from, c.to), "asterisk")
			if err == nil {
				t.Fatal("was taken without a word")
			}
			if p != nil {
				t.Error("a broken file gave a profile")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilesThatAreNoProfile(t *testing.T) {
	const one = "x.yaml:1:1: the file must hold exactly one profile; begin it with id: and the system's short name"
	for name, c := range map[string]struct{ data, want string }{
		"empty":   {"", one},
		"comment": {"# nothing\n", one},
		"two":     {"id: a\n---\nid: b\n", one},
		"list":    {"- a\n", "x.yaml:1:1: keys and values are expected here; the keys are: id, "},
		"binary":  {"\x00\x01\xff", "x.yaml:1:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("x.yaml", []byte(c.data))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s…", err, c.want)
			}
		})
	}
}

// No file, however broken, may bring the program down.
func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("id: &a [*a]\n<<: {}\n? {a: b}\n: c\n!!x y: z")
	f.Fuzz(func(t *testing.T, data string) {
		p, err := Parse("x.yaml", []byte(data))
		if (p == nil) == (err == nil) {
			t.Errorf("profile %v, error %v", p, err)
		}
	})
}
