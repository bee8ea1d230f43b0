package profile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const unmapped = "good.yaml:36:3: teams_to_phone has no row for: Busy/Busy, Busy/InAConferenceCall, Busy/InAMeeting, DoNotDisturb/DoNotDisturb, DoNotDisturb/Presenting, DoNotDisturb/Focusing, BeRightBack/BeRightBack, Available/OutOfOffice, Offline/OffWork, Offline/Offline; they leave the other side unchanged; add rows with unchanged: and why\n" +
	"good.yaml:36:3: phone_to_teams has no row for: Available, Do not disturb, On vacation; they leave the other side unchanged; add rows with unchanged: and why"

func TestLint(t *testing.T) {
	inURL := func(place, name string) string {
		return "good.yaml:" + place + ": ${" + name + "} is secret and stands in an address, which servers write into their logs; send it in a header or the body, or say that the phone system wants it so: secrets_in_url: [" + name + "]"
	}
	for name, c := range map[string]struct {
		from, to         string
		mistake, remarks string
	}{
		"nothing but rows that are missing": {"base: ${server}", "base: ${server}", "", unmapped},
		"a mistake":                         {"base: ${server}", "bse: ${server}", "unknown key", ""},
		"a password in a path":              {"path: /login,", `path: "/login/${password}",`, inURL("12:35", "password"), unmapped},
		"a password in a query":             {"path: /login,", `path: /login, query: {p: "${password}"},`, inURL("12:54", "password"), unmapped},
		"a token in a stream's address":     {"path: /events}", `path: "/events?t=${token}"}`, inURL("22:21", "token"), unmapped},
		"a token in a step of the write":    {"path: /me/status", `path: "/me/${token}"`, inURL("27:28", "token"), unmapped},
		"declared":                          {"write: {method: PUT, path: /me/status", "secrets_in_url: [token]\nwrite: {method: PUT, path: \"/me/${token}\"", "", "good.yaml:37:3: teams_to_phone"},
		"declared for nothing":              {"base: ${server}", "secrets_in_url: [token]\nbase: ${server}", "", `good.yaml:9:18: "token" stands in no address; remove it here`},
		"a field for nothing":               {"  - {name: user, label: User}\n", "  - {name: user, label: User}\n  - {name: extension, label: Extension}\n", "", `good.yaml:8:12: nothing uses the field "extension"; use it as ${extension} or remove it`},
		"documents unnamed":                 {"proof: simulated", "proof: built from documents", "", "good.yaml:3:8: it is built from documents, but none is named; name them under documents"},
	} {
		t.Run(name, func(t *testing.T) {
			mistaken, remarks := Lint("phones/good.yaml", changed(t, c.from, c.to))
			if got := joined(mistaken); (c.mistake == "") != (got == "") || !strings.Contains(got, c.mistake) {
				t.Errorf("mistakes:\n%s\nwant\n%s", got, c.mistake)
			}
			if got := joined(remarks); !strings.Contains(got, c.remarks) || c.remarks == "" && got != "" {
				t.Error(cmp.Diff(c.remarks, got))
			}
		})
	}
}

func TestLintFindsSecretsInTheAddressesOfEvents(t *testing.T) {
	for name, c := range map[string]struct{ part, secret string }{
		"WebSocket": {socketPart, "${token}"},
		"SignalR":   {strings.Replace(hubPart, "url: ${uri}", `url: "/hub?p=${password}"`, 1), "${password}"},
		"renewal":   {strings.Replace(hubPart, "/renew\"", "/renew?t=${token}\"", 1), "${token}"},
		"long poll": {strings.Replace(longPollPart, "path: /monitor}", `path: "/monitor?t=${token}"}`, 1), "${token}"},
	} {
		t.Run(name, func(t *testing.T) {
			mistaken, _ := Lint("good.yaml", withEvents(t, c.part))
			if len(mistaken) != 1 || !strings.Contains(mistaken[0].What, c.secret+" is secret") {
				t.Errorf("mistakes: %s", joined(mistaken))
			}
		})
	}
}

func joined(list []*Error) string {
	var lines []string
	for _, e := range list {
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}
