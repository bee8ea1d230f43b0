package remote

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/offhook/offhook/sync/problem"
)

// At names a phone system in a sentence.
func At(system, server string) problem.Text {
	return problem.Say("{system} at {server}", "system", Known(system), "server", server)
}

// Known is a word of a preset, such as a status: the translations may know it.
func Known(word string) problem.Text { return problem.Text{Phrase: word} }

// List is several of a preset's words.
func List(words ...string) (list problem.Text) {
	for i := len(words) - 1; i >= 0; i-- {
		if list.IsZero() {
			list = Known(words[i])
			continue
		}
		list = problem.Say("{first}, {rest}", "first", Known(words[i]), "rest", list)
	}
	return list
}

// longest is how much is repeated of what a phone system says, in characters.
const longest = 100

// Quote is what a phone system says, as one short line.
func Quote(words string) problem.Text {
	line := strings.Join(strings.FieldsFunc(words, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(line); len(r) > longest {
		line = string(r[:longest]) + "…"
	}
	return problem.Plain(line)
}

// Answer is an answer's code with what is said of it.
func Answer(code int, reason string) problem.Text {
	return Quote(strings.TrimSpace(fmt.Sprintf("%d %s", code, reason)))
}
