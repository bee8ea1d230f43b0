package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offhook/offhook/app/local"
)

func TestGoodFor(t *testing.T) {
	for left, want := range map[time.Duration]string{
		15 * time.Minute:       "Good for another 15:00.",
		65*time.Second + 1:     "Good for another 1:05.",
		time.Second:            "Good for another 0:01.",
		999 * time.Millisecond: "The code is no longer good.",
		-time.Minute:           "The code is no longer good.",
	} {
		if got := goodFor(left); got != want {
			t.Errorf("%s: %q, want %q", left, got, want)
		}
	}
}

// On a terminal a code is counted down; elsewhere it is told once.
func TestCodeIsCountedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, live := range []bool{true, false} {
			var said bytes.Buffer
			told := &codeTold{p: &program{err: &said}, live: live}
			a := local.Account{Code: "ABC", CodeURL: "https://e.example", CodeUntil: time.Now().Add(2 * time.Minute)}
			told.show(t.Context(), a)
			time.Sleep(3500 * time.Millisecond)
			told.show(t.Context(), a) // again the same status
			told.show(t.Context(), local.Account{})
			told.end()
			text := said.String()
			if strings.Count(text, "ABC") != 1 || strings.Contains(text, "1:57") != live {
				t.Errorf("live %v: %q", live, text)
			}
		}
	})
}
