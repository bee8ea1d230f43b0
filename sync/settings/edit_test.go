package settings

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const commented = `# My settings
# in two lines

account:
  client_id: 00000000-0000-0000-0000-000000000000 # yours
  # before the tenant
  tenant: "contoso" # a name

# phones come here
phones:
  # the desk
  - system: asterisk # see the list
    id: desk
    fields: {server: "http://pbx:8088/ari", user: sam, extension: "100"}
    mapping:
      # mine
      teams_to_phone: {Busy/InAMeeting: Do not disturb, Available/Available: ""} # rows
      phone_to_teams:
        Ringing: Busy/InACall # ring
  # the second
  - system: simulated # spare

hours:
  zone: Europe/Helsinki # home
# the end
`

func comments(text string) (all []string) {
	for line := range strings.Lines(text) {
		if _, comment, ok := strings.Cut(line, "# "); ok {
			all = append(all, strings.TrimSpace(comment))
		}
	}
	return all
}

func TestEdit(t *testing.T) {
	tests := []struct {
		name   string
		text   string
		change Change
		want   [2]string // what is replaced by what; empty: the text is all of it
	}{
		{"a value keeps its comment", commented, Change{[]string{"account", "tenant"}, "fabrikam"}, [2]string{`"contoso" # a name`, `fabrikam # a name`}},
		{"a new key", commented, Change{[]string{"account", "graph"}, "https://x/v1.0"}, [2]string{`"contoso" # a name`, "\"contoso\" # a name\n  graph: https://x/v1.0"}},
		{"in a map in one line", commented, Change{[]string{"phones", "desk", "fields", "server"}, "http://b"}, [2]string{`"http://pbx:8088/ari"`, `http://b`}},
		{"a new row in one line", commented, Change{[]string{"phones", "desk", "mapping", "teams_to_phone", "Away/Away"}, ""}, [2]string{`Available: ""}`, `Available: "", Away/Away: ""}`}},
		{"a new row in lines", commented, Change{[]string{"phones", "desk", "mapping", "phone_to_teams", "Busy"}, ""}, [2]string{"# ring\n", "# ring\n        Busy: \"\"\n"}},
		{"a row goes", commented, Change{[]string{"phones", "desk", "mapping", "teams_to_phone", "Busy/InAMeeting"}, nil}, [2]string{"Busy/InAMeeting: Do not disturb, ", ""}},
		{"a phone without an id of its own", commented, Change{[]string{"phones", "simulated", "title"}, "Spare"}, [2]string{"# spare\n", "# spare\n    title: Spare\n"}},
		{"a phone goes, with its comment", commented, Change{[]string{"phones", "simulated"}, nil}, [2]string{"  # the second\n  - system: simulated # spare\n", ""}},
		{"a phone comes", commented, Change{[]string{"phones", "x"}, yaml.MapSlice{{Key: "system", Value: "sip"}, {Key: "id", Value: "x"}}}, [2]string{"# spare\n", "# spare\n  - system: sip\n    id: x\n"}},
		{"a map in place of one", commented, Change{[]string{"hours"}, map[string]any{"zone": "UTC"}}, [2]string{"Europe/Helsinki # home", "UTC"}},
		{"nothing yet", "", Change{[]string{"account", "client_id"}, "x"}, [2]string{"", "account:\n  client_id: x\n"}},
		{"comments alone", "# hello\n", Change{[]string{"account", "client_id"}, "x"}, [2]string{"", "# hello\naccount:\n  client_id: x\n"}},
		{"the first phone", "phones: []\n", Change{[]string{"phones", "a"}, map[string]any{"system": "a"}}, [2]string{"", "phones:\n- system: a\n"}},
		{"a key without a value", "account:\nhours:\n", Change{[]string{"account", "tenant"}, "x"}, [2]string{"", "account:\n  tenant: x\nhours:\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want[1]
			if tt.want[0] != "" {
				want = strings.Replace(tt.text, tt.want[0], tt.want[1], 1)
			}
			got, err := Edit([]byte(tt.text), tt.change)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever is changed in whatever order, the file says what was meant, and where nothing is taken away every
// comment is still there.
func TestEditKeepsComments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.SampledFrom([]string{commented, "", "# only this\n", "account: {}\n# end\n"}).Draw(t, "file"))
		before := comments(string(text))
		paths := [][]string{{"account", "tenant"}, {"account", "client_id"}, {"account", "root_certificate"}, {"status_message"},
			{"general", "language"}, {"timing", "session"}, {"phones", "desk", "title"}, {"phones", "desk", "fields", "user"},
			{"phones", "desk", "mapping", "teams_to_phone", "Busy/InAMeeting"}, {"phones", "desk", "mapping", "teams_to_phone", "Away/Away"},
			{"phones", "desk", "mapping", "phone_to_teams", "On call: 1"}, {"phones", "new", "mapping", "phone_to_teams", "Lunch # 1"}}
		gone := false
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			taken := false
			path := rapid.SampledFrom(paths).Draw(t, "path")
			if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				taken = true
				if rapid.Bool().Draw(t, "all of it") && len(path) > 2 {
					path = path[:2]
				}
			}
			value := rapid.SampledFrom([]any{"plain", "", "with: colon", "- dash", "true", "12", "# hash", " ends ", "ä “ü”", "{a}", "'q'", `"`}).Draw(t, "value")
			if taken {
				value = nil
			}
			next, err := Edit(text, Change{path, value})
			if err != nil {
				t.Fatalf("%v = %q: %v\n%s", path, value, err, text)
			}
			text = next
			gone = gone || taken // with the comments beside it
		}
		after := strings.Join(comments(string(text)), "\n")
		for _, c := range before {
			if !gone && !strings.Contains(after, c) {
				t.Fatalf("the comment %q is gone:\n%s", c, text)
			}
		}
	})
}

func ExampleEdit() {
	text, err := Edit([]byte("account: # mine\n  tenant: a # old\n"), Change{[]string{"account", "tenant"}, "b"})
	fmt.Print(string(text), err)
	// Output:
	// account: # mine
	//   tenant: b # old
	// <nil>
}
