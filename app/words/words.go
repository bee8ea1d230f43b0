// Package words is what a person reads, in their language: texts, dates and times, the names of states, the
// sentence of each decision. The window, the tray and the notifications speak with it. It must not know a
// screen, nor how Offhook comes to what it says.
//
// A text is known by its English wording, with what is put into it named in braces: T("Signed in as {name}",
// "name", n). A text without a translation is shown as it is. The translations lie in assets/translations, a file a
// language, and those of what the shipped phone systems' files say in its folder phones; a test holds that each is
// whole. What a person's own file says stays as they wrote it, but for words that are translated already.
package words

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/jeandeaual/go-locale"

	"github.com/offhook/offhook/assets"
)

// Language is one of the languages that Offhook speaks.
type Language struct {
	Tag  string // such as "de"
	Name string // in the language itself
}

// Languages are all of them, English first.
func Languages() []Language {
	return []Language{{"en", "English"}, {"de", "Deutsch"}, {"es", "Español"}, {"fi", "Suomi"}, {"fr", "Français"}}
}

// Words speaks one language. It never changes, so any goroutine may use it.
type Words struct {
	tag   string
	time  calendar
	texts map[string]string // by the English wording
}

// Person is the locale that the person set in their system, such as "de-AT"; empty when none is.
func Person() string {
	tag, err := locale.GetLocale()
	if err != nil {
		return ""
	}
	return tag
}

// Follow answers the words of a language that may change, such as the settings': language is asked each time, and
// where it is empty the person's locale counts. It is for one goroutine.
func Follow(language func() string) func() *Words {
	var last string
	var w *Words
	return func() *Words {
		tag := language()
		if tag == "" {
			tag = Person()
		}
		if w == nil || tag != last {
			w, last = In(tag), tag
		}
		return w
	}
}

// In speaks the language of a locale, such as "de", "de-AT" or "de_AT.UTF-8"; English for one it does not know.
func In(tag string) *Words {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	tag, _, _ = strings.Cut(tag, ".")
	language, region, _ := strings.Cut(tag, "-")
	if !slices.ContainsFunc(Languages(), func(l Language) bool { return l.Tag == language }) {
		language, region = "en", ""
	}
	w, err := read(language)
	if err != nil {
		panic(err) // embedded, and read by the tests
	}
	if language == "en" && slices.Contains([]string{"us", "ca", "au", "nz", "in", "ph"}, region) {
		w.time = w.time.twelve(region == "us")
	}
	return w
}

func read(language string) (*Words, error) {
	data, err := assets.Translation(language)
	if err != nil {
		return nil, err
	}
	var file struct {
		Time  calendar          `yaml:"time"`
		Texts map[string]string `yaml:"texts"`
	}
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("the translation %s: %w", language, err)
	}
	phones, err := readPhones(language)
	if err != nil {
		return nil, err
	}
	maps.Copy(file.Texts, phones)
	return &Words{tag: language, time: file.Time, texts: file.Texts}, nil
}

// readPhones reads what the shipped phone systems' files say. They say it in English.
func readPhones(language string) (texts map[string]string, err error) {
	if language == "en" {
		return nil, nil
	}
	data, err := assets.PhoneTexts(language)
	if err != nil {
		return nil, err
	}
	if err := yaml.UnmarshalWithOptions(data, &texts, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("the translation of the phone systems' texts, %s: %w", language, err)
	}
	return texts, nil
}

// Tag is the language spoken.
func (w *Words) Tag() string { return w.tag }

// T says a text. with names what is put into it, name and value by turns.
func (w *Words) T(text string, with ...string) string {
	return fill(w.translate(text), with)
}

// N says a text of a number, which is put in as {n}. It is of two wordings, for one and for others, with a bar
// between: "{n} change | {n} changes".
func (w *Words) N(text string, n int, with ...string) string {
	one, other, ok := strings.Cut(w.translate(text), " | ")
	if !ok || n == 1 || n == 0 && w.tag == "fr" {
		other = one
	}
	return fill(other, append(with, "n", strconv.Itoa(n)))
}

func (w *Words) translate(text string) string {
	if t, ok := w.texts[text]; ok && t != "" {
		return t
	}
	return text
}

func fill(text string, with []string) string {
	if len(with) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, len(with))
	for i := 0; i+1 < len(with); i += 2 {
		pairs = append(pairs, "{"+with[i]+"}", with[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Sentence makes a sentence of a phrase: it begins with a capital and ends with a full stop. No phrase, no
// sentence.
func Sentence(s string) string {
	s = drawable.Replace(strings.TrimSpace(s))
	if s == "" {
		return ""
	}
	first := []rune(s)
	first[0] = unicode.ToUpper(first[0])
	s = string(first)
	if strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// drawable puts signs that Fyne (2.8.1) draws in place of signs that it does not: an arrow before a space comes
// out as an arrow and a broken box.
var drawable = strings.NewReplacer("→ ", "⇒ ", "← ", "⇐ ")

// Sentences puts phrases together as sentences.
func Sentences(phrases ...string) string {
	var all []string
	for _, p := range phrases {
		if s := Sentence(p); s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " ")
}
