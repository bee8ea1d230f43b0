package profile

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:embed testdata/reference.yaml
var reference string

// The reference is a file that is taken.
func TestReference(t *testing.T) {
	if _, err := Parse("reference.yaml", []byte(reference)); err != nil {
		t.Fatal(err)
	}
}

// What the reference shows can also be wrong, and is told at its place.
func TestBrokenReference(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"unknown type":           {"type: host,", "type: hots,", `14:53: there is no type "hots"; write one of: text secret url host choice number flag`},
		"choice without options": {"    options: [{value: eu, label: Europe}, {value: us, label: United States}]\n", "", `15:5: the type choice and options go together; add or remove the one or the other`},
		"default of no option":   {"default: eu", "default: asia", `19:14: the default "asia" does not fit: it must be one of: eu, us; correct it`},
		"default no number":      {`default: "60"`, `default: "many"`, `22:75: the default "many" does not fit: it must be a number; correct it`},
		"bad pattern":            {`"[0-9]{2,6}"`, `"[0-9"`, `20:62: "[0-9" is no regular expression; correct it`},
		"secret in the open":     {"token: .auth_token", "token: $secret.password", `35:12: the jq expression "$secret.password" cannot be read: variable not defined: $secret; correct it`},
		"secret in a reading":    {"chosen: .presence.state", "chosen: $secrets.password", `56:11: the jq expression "$secrets.password" cannot be read: variable not defined: $secrets; correct it`},
		"refresh without token":  {"    refresh_token: .refresh_token\n", "", `34:5: refresh and refresh_token go together; add or remove the one or the other`},
		"kept too late":          {"path: \"/accounts/${account}/me\"", "path: \"/accounts/${me}/me\"", `43:21: ${me} has no value here; there are: ${server}, ${login_host}, ${cloud}, ${user}, ${password}, ${minutes}, ${vip}, ${device}, ${credentials}, ${token}, ${account}`},
		"kept twice":             {"keep: {me: .id}", "keep: {account: .id}", `43:5: the name "account" is taken already; choose another`},
		"two contents":           {"    xml: <dnd", "    text: x\n    xml: <dnd", `62:5: body, json, form, xml and text exclude each other; keep one`},
		"item without each":      {"    each: $fields.devices    # once for each item of a list, as ${item}\n", "", `64:11: ${item} has no value here; there are: `},
		"path and url":           {"presence: {path: \"/users/${me}/presence\"}", "presence: {path: /a, url: \"https://x\"}", `53:15: path and url exclude each other; remove one`},
		"no whole address":       {"presence: {path: \"/users/${me}/presence\"}", "presence: {url: x.example.com}", `53:21: "x.example.com" is no whole address; begin it with https:// or with a placeholder that holds one`},
		"request and requests":   {"  requests:  ", "  request: {path: /x}\n  requests:  ", `52:3: the read needs either request or requests; write one of the two`},
		"each in a reading":      {"presence: {path:", "presence: {each: .x, path:", `53:15: when and each are for the steps of a write, and when for one of several requests of a reading; remove them`},
		"unknown answer":         {"answer: xml", "answer: yaml", `54:49: "yaml" is no answer; write one of: json, xml, text`},
		"pages without a way":    {"token: .next_token, ", "", `48:14: the pages need either next, or token and query; write one of the two`},
		"no rate":                {"reads: 5s", "reads: 5", `73:36: "5" is no rate; write the least time between two, such as 10s, or so many in a time, such as 50 per 1m`},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Count(reference, c.from) != 1 {
				t.Fatalf("%q does not stand in the reference exactly once", c.from)
			}
			_, err := Parse("reference.yaml", []byte(strings.Replace(reference, c.from, c.to, 1)))
			got, _, _ := strings.Cut(errorText(err), "\n")
			if !strings.HasPrefix(got, "reference.yaml:"+c.want) {
				t.Error(cmp.Diff("reference.yaml:"+c.want, got))
			}
		})
	}
}

// OAuth needs what its grant needs.
func TestOAuthIsChecked(t *testing.T) {
	from := reference[strings.Index(reference, "  login:\n"):strings.Index(reference, "once:  ")]
	for in, want := range map[string]string{
		`{token: "https://x/t", client_id: x, authorize: "https://x/a"}`:                        "",
		`{token: "https://x/t", client_id: x}`:                                                  "the grant code needs authorize",
		`{token: "/t", client_id: x, authorize: "https://x/a"}`:                                 `"/t" is no whole address`,
		`{token: "https://x/t", client_id: x, grant: password}`:                                 "the grant password needs user and password",
		`{token: "https://x/t", client_id: x, grant: password, user: "${user}", password: "x"}`: "",
		`{token: "https://x/t", client_id: x, grant: client}`:                                   `"client" is no grant; write one of: code, password`,
		`{token: "https://x/t", client_id: "${id}", authorize: "https://x/a"}`:                  "${id} has no value here",
	} {
		file := strings.Replace(reference, from, "  oauth: "+in+"\n", 1)
		file = strings.Replace(file, "${account}", "${user}", 1)
		_, err := Parse("reference.yaml", []byte(file))
		if want == "" && err != nil || want != "" && !strings.Contains(errorText(err), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}
