package problem

import (
	"fmt"
	"strings"
	"time"
)

// Text is what is told to the person: a phrase in English with places such as {phone}, by which the translations
// know it, and what stands in them.
type Text struct {
	Phrase string          `json:"phrase,omitempty"`
	With   map[string]Text `json:"with,omitempty"`
	// The words of others, the same in every language: a name, an address, a server's own message.
	Plain string `json:"plain,omitempty"`
}

// Say makes a text of a phrase. with names what stands in its places, name and value by turns: a Text is said in
// the person's language too, a length of time as 1 h 30 min, anything else as it prints.
func Say(phrase string, with ...any) Text {
	t := Text{Phrase: phrase}
	for i := 0; i+1 < len(with); i += 2 {
		if t.With == nil {
			t.With = map[string]Text{}
		}
		t.With[with[i].(string)] = part(with[i+1])
	}
	return t
}

func part(value any) Text {
	switch v := value.(type) {
	case Text:
		return v
	case time.Duration:
		return Plain(long(v))
	}
	return Plain(fmt.Sprint(value))
}

// long writes a length of time with the symbols that every language knows: 1 h 30 min.
func long(d time.Duration) string {
	if d < time.Second {
		return d.String()
	}
	d = d.Round(time.Second)
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		symbol string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.length; n > 0 {
			parts = append(parts, fmt.Sprint(int64(n), " ", unit.symbol))
			d -= n * unit.length
		}
	}
	return strings.Join(parts, " ")
}

// Plain makes a text of the words of others.
func Plain(words string) Text { return Text{Plain: words} }

// Error makes a text an error where nothing but its sentence is known.
func (t Text) Error() string { return t.String() }

// IsZero tells whether there is nothing to say.
func (t Text) IsZero() bool { return t.Phrase == "" && t.Plain == "" }

// String says it in English.
func (t Text) String() string { return t.In(func(phrase string) string { return phrase }) }

// In says it in the language of a translation.
func (t Text) In(translate func(phrase string) string) string {
	if t.Phrase == "" {
		return t.Plain
	}
	pairs := make([]string, 0, 2*len(t.With))
	for name, part := range t.With {
		pairs = append(pairs, "{"+name+"}", part.In(translate))
	}
	return strings.NewReplacer(pairs...).Replace(translate(t.Phrase))
}
