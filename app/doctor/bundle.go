package doctor

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/activity"
	"github.com/offhook/offhook/sync/settings"
)

// File is one file of a bundle.
type File struct {
	Name string
	Text string
}

// Bundle is what helps somebody else to see what is wrong, with every secret and personal datum blanked: the
// report, the settings' form, and the latest decisions.
func Bundle(o Options, r Report) []File {
	own, policy := readYAML(filepath.Join(o.Folder, settings.File)), readYAML(o.Policy)
	entries := latest(o.Folder)
	b := newBlanker(personal(o, own, policy, entries))
	var report strings.Builder
	fmt.Fprintf(&report, "Offhook %s, %s/%s, %s\n\n", r.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	for _, c := range r.Checks {
		name := c.Name
		if strings.HasPrefix(name, "phone ") {
			name = "phone"
		}
		fmt.Fprintf(&report, "%-14s %-8s %s", name, c.State, b.text(c.What))
		if c.Do != "" {
			report.WriteString(". " + b.text(c.Do))
		}
		report.WriteString("\n")
	}
	var story strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&story, "%s  %-15s %5d ms  %s\n", e.At.UTC().Format(time.DateTime), b.one(e.Kind), e.TookMS, b.text(e.Sentence))
	}
	files := []File{{"report.txt", report.String()}, {"settings.yaml", b.yaml(own)}}
	if policy != nil {
		files = append(files, File{"policy.yaml", b.yaml(policy)})
	}
	return append(files, File{"activity.txt", story.String()})
}

// kinds are words with a dash or a letter only.
func (b *blanker) one(kind string) string {
	for _, r := range kind {
		if r != '-' && (r < 'a' || r > 'z') {
			return blank
		}
	}
	return kind
}

func readYAML(path string) map[string]any {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	m := map[string]any{}
	if yaml.Unmarshal(text, &m) != nil {
		return map[string]any{} // what cannot be read cannot be blanked
	}
	return m
}

// settingsKeys are the words of a settings file, and what a preset asks for.
var settingsKeys = func() map[string]bool {
	m := map[string]bool{}
	for _, key := range strings.Fields(`account client_id tenant authority graph root_certificate phones id system title fields
		mapping teams_to_phone phone_to_teams timing session preferred settle hours zone days monday tuesday wednesday thursday
		friday saturday sunday status_message general language notifications keep_days hints lock idle sleep network microphone locked preset only_these_phones
		server user extension domain port host`) {
		m[key] = true
	}
	return m
}()

func (b *blanker) yaml(m map[string]any) string {
	text, err := yaml.Marshal(b.value(m, settingsKeys))
	if err != nil {
		return blank + "\n"
	}
	return string(text)
}

// latest reads the newest decisions.
func latest(folder string) []local.Entry {
	items, _, _ := activity.In[local.Entry](filepath.Join(folder, "activity")).Page(activity.Query[local.Entry]{Limit: 200})
	entries := make([]local.Entry, len(items))
	for i := range items {
		entries[i] = items[i].Entry
	}
	return entries
}

// personal gathers the person's own words: whatever the settings hold that is not Offhook's, how the sides are
// called, and what this PC and its user are called.
func personal(o Options, own, policy map[string]any, entries []local.Entry) []string {
	words := []string{o.Folder, o.Policy}
	var gather func(v any)
	gather = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, under := range v {
				if !settingsKeys[key] {
					words = append(words, key)
				}
				gather(under)
			}
		case []any:
			for _, under := range v {
				gather(under)
			}
		case nil, bool:
		default:
			words = append(words, fmt.Sprint(v))
			words = append(words, parts(fmt.Sprint(v))...)
		}
	}
	gather(own)
	gather(policy)
	for _, e := range entries {
		for _, seen := range []*local.Seen{e.Cause, e.Effect} {
			if seen != nil {
				words = append(words, seen.WhereTitle)
				words = append(words, parts(seen.WhereTitle)...)
			}
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		words = append(words, home)
	}
	if host, err := os.Hostname(); err == nil {
		words = append(words, host)
	}
	if who, err := user.Current(); err == nil {
		words = append(words, who.Username, who.Name)
	}
	return words
}

// parts are the words of a name or a title: each may be a person's. Short ones are in any sentence.
func parts(text string) (words []string) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if utf8.RuneCountInString(w) > 3 {
			words = append(words, w)
		}
	}
	return words
}

// Write writes a bundle as a zip.
func Write(w io.Writer, files []File) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		part, err := z.Create(f.Name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, f.Text); err != nil {
			return err
		}
	}
	return z.Close()
}
