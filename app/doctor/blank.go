package doctor

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/presence"
)

// blank is what stands where something secret or personal stood.
const blank = "‹blank›"

// blanker takes out of texts and values whatever may be secret or say who the person is.
type blanker struct {
	vocabulary map[string]bool // Offhook's own words: they say nothing of anybody
	personal   *regexp.Regexp  // what is known to be the person's, longest first; nil: nothing is
}

// newBlanker knows the person's own words by heart; what it does not know it finds by its form.
func newBlanker(personal []string) *blanker {
	b := &blanker{vocabulary: map[string]bool{"": true}}
	shipped, _ := catalog.Load("") // without files of the person's own
	for _, s := range shipped.Systems() {
		b.know(s.ID)
		for _, status := range s.Mapping.Statuses {
			b.know(status.Name)
		}
	}
	for _, s := range presence.TeamsStates() {
		b.know(s.Pair.String(), s.Pair.Availability, s.Pair.Activity, s.Title)
	}
	b.know("away", "available", "busy", "dnd", "en", "de", "fi", "fr", "es", "organizations", "teams", "offhook", "account", "settings", "phone", "desk",
		"call", "busy", "back", "soon", "https", "http", "microsoft", "does", "with", "from", "that", "there", "nobody", "answer")
	var words []string
	for _, w := range personal {
		if w = strings.TrimSpace(w); len(w) >= 2 && !b.vocabulary[strings.ToLower(w)] {
			words = append(words, regexp.QuoteMeta(w))
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	if len(words) > 0 {
		b.personal = regexp.MustCompile("(?i)" + strings.Join(slices.Compact(words), "|"))
	}
	return b
}

func (b *blanker) know(words ...string) {
	for _, w := range words {
		b.vocabulary[strings.ToLower(w)] = true
	}
}

// forms are what personal and secret things look like, the longest forms first.
var forms = []*regexp.Regexp{
	regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`),                          // an address
	regexp.MustCompile(`[^\s"'<>@:;,()\[\]{}=]+@[^\s"'<>:;,()\[\]{}=]+`),                // an e-mail address, a SIP one
	regexp.MustCompile(`(?:[A-Za-z]:\\|~?/|\\\\)[^\s"'<>:;,]+`),                         // a path
	regexp.MustCompile(`[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*`),                     // IPv6
	regexp.MustCompile(`[\pL\pN_-]+(?:\.[\pL\pN_-]+)+(?::\d+)?`),                        // a host, IPv4, a file's name
	regexp.MustCompile(`[A-Za-z0-9+/_=-]*\d[A-Za-z0-9+/_=-]*[A-Za-z][A-Za-z0-9+/_=-]*`), // letters and digits in one: a token
	regexp.MustCompile(`[A-Za-z0-9+/_=-]*[A-Za-z][A-Za-z0-9+/_=-]*\d[A-Za-z0-9+/_=-]*`), //
	regexp.MustCompile(`[A-Za-z0-9+/_=-]{24,}`),                                         // a long one
	regexp.MustCompile(`\+?\d[\d ()/.-]*\d|\d{2,}`),                                     // a number to call
	regexp.MustCompile(`"[^"]*"|“[^”]*”`),                                               // what is quoted is somebody's own
}

// text takes what is personal out of a sentence.
func (b *blanker) text(s string) string {
	if b.personal != nil {
		s = b.personal.ReplaceAllString(s, blank)
	}
	for _, form := range forms {
		s = form.ReplaceAllStringFunc(s, func(found string) string {
			if b.vocabulary[strings.ToLower(found)] || strings.Contains(found, blank) && len(found) == len(blank) {
				return found
			}
			return blank
		})
	}
	return s
}

// times and lengths of time, and hours of the day, say nothing of anybody.
var harmless = regexp.MustCompile(`^(true|false|(\d+(h|m|s|ms))+|(\d{1,2}:\d\d-\d{1,2}:\d\d,? ?)+)$`)

// value takes out of a value every text that is none of Offhook's own words; keys are kept where they are.
func (b *blanker) value(v any, keys map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, under := range v {
			if !keys[key] && !b.vocabulary[strings.ToLower(key)] {
				key = blank
			}
			out[key] = b.value(under, keys)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = b.value(v[i], keys)
		}
		return out
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil || b.vocabulary[strings.ToLower(v)] || harmless.MatchString(v) {
			return v
		}
		return blank
	case bool, nil:
		return v
	}
	return blank // numbers: an extension may be one
}
