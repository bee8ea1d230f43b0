package part

import (
	"fmt"
	"time"
)

// When names a moment as short as it can be understood now: the time of today, the day and time of this week,
// else the date. A moment that is not known is no text.
func When(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	switch {
	case sameDay(t, now):
		return t.Format("15:04:05")
	case t.After(now.AddDate(0, 0, -6)) && t.Before(now.AddDate(0, 0, 6)):
		return t.Format("Mon 15:04")
	}
	return t.Format("2 Jan 2006 15:04")
}

// Until names a moment to come, to the minute.
func Until(t, now time.Time) string {
	t = t.In(now.Location())
	if sameDay(t, now) {
		return t.Format("15:04")
	}
	return t.Format("Mon 2 Jan, 15:04")
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// Left is what remains until a moment, counted down by the second; never below nothing.
func Left(t, now time.Time) string {
	s := int(max(t.Sub(now), 0).Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Took is how long something took, as a person would say it. Nothing measured is no text.
func Took(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
