package schedule

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func week(t *testing.T, zone string, days map[string]string) Week {
	t.Helper()
	w, err := Parse(zone, days)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAt(t *testing.T) {
	office := map[string]string{"monday": "8:00-12:00, 13:00-17:00", "tue": "8:00-17:00", "friday": "22:00-24:00", "saturday": "0:00-2:00", "wednesday": ""}
	tests := []struct {
		now   string // UTC
		open  bool
		until string
	}{
		{"2026-03-02T05:00:00Z", false, "2026-03-02T06:00:00Z"}, // Monday 7:00 in Helsinki
		{"2026-03-02T06:00:00Z", true, "2026-03-02T10:00:00Z"},
		{"2026-03-02T09:59:59Z", true, "2026-03-02T10:00:00Z"},
		{"2026-03-02T10:00:00Z", false, "2026-03-02T11:00:00Z"},
		{"2026-03-02T20:00:00Z", false, "2026-03-03T06:00:00Z"},
		{"2026-03-03T16:00:00Z", false, "2026-03-06T20:00:00Z"}, // over Wednesday and Thursday
		{"2026-03-06T21:00:00Z", true, "2026-03-07T00:00:00Z"},  // over midnight
		{"2026-03-06T23:00:00Z", true, "2026-03-07T00:00:00Z"},
		{"2026-03-07T12:00:00Z", false, "2026-03-09T06:00:00Z"},
	}
	w := week(t, "Europe/Helsinki", office)
	for _, tt := range tests {
		now, _ := time.Parse(time.RFC3339, tt.now)
		open, until := w.At(now)
		if open != tt.open || until.UTC().Format(time.RFC3339) != tt.until {
			t.Errorf("%s: %v until %s, want %v until %s", tt.now, open, until.UTC().Format(time.RFC3339), tt.open, tt.until)
		}
	}
}

// TestClockChanges holds that the wall clock decides where it is put forward and back.
func TestClockChanges(t *testing.T) {
	w := week(t, "Europe/Berlin", map[string]string{"sunday": "1:00-10:00"})
	for day, hours := range map[string]float64{"2026-03-22": 9, "2026-03-29": 8, "2026-10-25": 10} {
		at, err := time.ParseInLocation("2006-01-02 15:04", day+" 01:00", w.zone)
		if err != nil {
			t.Fatal(err)
		}
		open, until := w.At(at)
		if got := until.Sub(at).Hours(); !open || got != hours {
			t.Errorf("%s: %v for %v hours, want %v", day, open, got, hours)
		}
	}
}

func TestAlways(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if open, until := (Week{}).At(now); !open || !until.IsZero() {
		t.Errorf("no hours at all: %v until %v", open, until)
	}
	whole := map[string]string{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		whole[strings.ToLower(d.String())] = "0:00-24:00"
	}
	if open, until := week(t, "UTC", whole).At(now); !open || !until.After(now) {
		t.Errorf("round the clock: %v until %v", open, until)
	}
	if open, until := week(t, "UTC", map[string]string{"monday": ""}).At(now); open || !until.After(now) {
		t.Errorf("never: %v until %v", open, until)
	}
}

// TestUntil holds that what At says stays so until then, and changes then.
func TestUntil(t *testing.T) {
	w := week(t, "America/New_York", map[string]string{"monday": "0:00-24:00", "tuesday": "0:00-9:15", "thursday": "9:00-9:01, 23:30-24:00", "sunday": "1:30-3:30"})
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		now := base.Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(t, "minute")) * time.Minute)
		open, until := w.At(now)
		if !until.After(now) {
			t.Fatalf("%s: until %s", now, until)
		}
		if o, u := w.At(until.Add(-time.Second)); until.Add(-time.Second).After(now) && (o != open || !u.Equal(until)) {
			t.Fatalf("%s: %v until %s, but a second before that %v until %s", now, open, until, o, u)
		}
		if after, _ := w.At(until); after == open {
			t.Fatalf("%s: %v until %s, but then still", now, open, until)
		}
	})
}

func TestErrors(t *testing.T) {
	tests := []struct {
		zone, day, hours, want string
	}{
		{"Mars/Base", "monday", "8:00-9:00", "no time zone"},
		{"", "moonday", "8:00-9:00", "no weekday"},
		{"", "monday", "8-9", "no time of the day"},
		{"", "monday", "9:00-8:00", "no time of the day"},
		{"", "monday", "9:00", "no time of the day"},
		{"", "monday", "8:00-10:00, 9:00-11:00", "overlap"},
	}
	for _, tt := range tests {
		if _, err := Parse(tt.zone, map[string]string{tt.day: tt.hours}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
