package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A text is said with its parts, in English and by a translation, whose phrase may put them elsewhere. What
// stands in a place is not looked through for places.
func TestTexts(t *testing.T) {
	german := func(phrase string) string {
		return map[string]string{
			"{phone} cannot be set: {problem}": "{problem}; daher lässt sich {phone} nicht setzen",
			"{server} does not answer":         "{server} antwortet nicht",
			"Desk":                             "Tisch",
		}[phrase]
	}
	told := Say("{phone} cannot be set: {problem}", "phone", "Desk", "problem", Say("{server} does not answer", "server", "{phone}:8088"))
	if got, want := told.String(), "Desk cannot be set: {phone}:8088 does not answer"; got != want {
		t.Errorf("in English %q, want %q", got, want)
	}
	if got, want := told.In(german), "{phone}:8088 antwortet nicht; daher lässt sich Desk nicht setzen"; got != want {
		t.Errorf("in German %q, want %q", got, want)
	}
	if got := Plain("Desk").In(german); got != "Desk" {
		t.Errorf("the words of others are translated: %q", got)
	}
}

// What the door carries is said as what was put into it.
func TestTextsSurviveTheDoor(t *testing.T) {
	told := Say("{a} after {b}", "a", 5, "b", Say("{c}", "c", errors.New("no")))
	data, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	var back Text
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(told, back); diff != "" || back.String() != "5 after no" {
		t.Errorf("%s: %q\n%s", data, back, diff)
	}
}

func TestLengthsOfTime(t *testing.T) {
	for d, want := range map[time.Duration]string{30 * time.Second: "30 s", 5 * time.Minute: "5 min", 90*time.Minute + 300*time.Millisecond: "1 h 30 min",
		24*time.Hour + time.Second: "24 h 1 s", 300 * time.Millisecond: "300ms"} {
		if got := Say("{time}", "time", d).String(); got != want {
			t.Errorf("%s is told as %q, want %q", d, got, want)
		}
	}
}

// A problem is found in an error that wraps it, and so is a text; anything else is told as it is.
func TestOf(t *testing.T) {
	p := &Problem{Kind: Refused, What: Say("No"), Do: Say("Ask")}
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("around: %w", p), "No. Ask"},
		{fmt.Errorf("around: %w", Say("{n} is too much", "n", 7)), "7 is too much"},
		{errors.New("else"), "else"},
	} {
		if got := Of(c.err); got.Error() != c.want {
			t.Errorf("of %q: %q, want %q", c.err, got, c.want)
		}
	}
	if Of(nil) != nil || !strings.HasPrefix(p.Error(), "No") {
		t.Error("no error is no problem")
	}
}
