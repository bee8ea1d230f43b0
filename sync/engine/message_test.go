package engine

import (
	"testing"
	"time"
)

// TestStatusMessage holds that a call may be told in the status message, that the person's own message is
// never overwritten, and that only Offhook's own is removed.
func TestStatusMessage(t *testing.T) {
	for name, lines := range map[string][]string{
		"while it lasts": {"phone does On a call", "expect message On the phone", "time passes 3h",
			"expect message On the phone", "phone does nothing", "expect message ", "expect held false"},
		"typed before":      {"teams types Back at ten", "phone does On a call", "expect message Back at ten", "phone does nothing", "expect message Back at ten"},
		"typed meanwhile":   {"phone does On a call", "teams types Back at ten", "time passes 1h", "expect message Back at ten", "phone does nothing", "expect message Back at ten"},
		"removed meanwhile": {"phone does On a call", "teams types ", "time passes 1h", "expect message ", "phone does nothing", "phone does On a call", "expect message On the phone"},
		"killed in between": {"phone does On a call", "offhook killed", "phone does nothing", "offhook starts", "expect message ", "expect held false"},
		"paused":            {"phone does On a call", "offhook pauses", "expect message ", "offhook resumes", "expect message On the phone"},
		"not for a choice":  {"phone chooses Do not disturb", "expect message "},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, desk("desk"))
			w.cfg.Message = "On the phone"
			w.settle()
			for _, line := range lines {
				w.do(line)
			}
		})
	}
}

// TestHours holds that outside its hours Offhook gives back what it holds and is silent, and mirrors what is
// going on when they begin.
func TestHours(t *testing.T) {
	w := newWorld(t, desk("desk"))
	w.cfg.Hours = func(now time.Time) (bool, time.Time) {
		day := now.Truncate(24 * time.Hour)
		switch {
		case now.Hour() < 8:
			return false, day.Add(8 * time.Hour)
		case now.Hour() < 18:
			return true, day.Add(18 * time.Hour)
		}
		return false, day.Add(32 * time.Hour)
	}
	w.settle()
	for _, line := range []string{"phone does On a call", "expect teams Busy/InACall",
		"time passes 10h", "expect teams Available/Available", "expect held false", "expect told closed",
		"phone chooses Do not disturb", "time passes 4h", "expect teams Available/Available",
		"time passes 9h", "expect teams Busy/InACall", "expect told opened",
		"phone does nothing", "expect teams Available/Available", "expect held false"} {
		w.do(line)
	}
}
