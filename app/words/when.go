package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// calendar is how a language writes dates and times: Go's layouts, in which the names of days and months stand
// in English.
type calendar struct {
	Clock   string   `yaml:"clock"`    // 15:04
	Exact   string   `yaml:"exact"`    // 15:04:05
	Weekday string   `yaml:"weekday"`  // Mon 15:04
	Day     string   `yaml:"day"`      // Monday 2 January
	DayTime string   `yaml:"day_time"` // Mon 2 Jan, 15:04
	Date    string   `yaml:"date"`     // 2 Jan 2006
	Decimal string   `yaml:"decimal"`
	Days    []string `yaml:"days"` // from Sunday, as time.Weekday counts; short ones after the bar: "Sunday|Sun"
	Months  []string `yaml:"months"`
}

// twelve writes the hour as much of the English-speaking world does; monthFirst as the United States do.
func (c calendar) twelve(monthFirst bool) calendar {
	for _, layout := range []*string{&c.Clock, &c.Exact, &c.Weekday, &c.DayTime} {
		*layout = strings.NewReplacer("15:04:05", "3:04:05 PM", "15:04", "3:04 PM").Replace(*layout)
	}
	if monthFirst {
		for _, layout := range []*string{&c.Day, &c.DayTime, &c.Date} {
			*layout = strings.NewReplacer("2 January", "January 2", "2 Jan 2006", "Jan 2, 2006", "2 Jan", "Jan 2").Replace(*layout)
		}
	}
	return c
}

// format writes a moment by a layout, with the language's own names.
func (w *Words) format(t time.Time, layout string) string {
	day, month := int(t.Weekday()), int(t.Month())-1
	long := func(names []string, i int) string { name, _, _ := strings.Cut(names[i], "|"); return name }
	short := func(names []string, i int) string { _, name, _ := strings.Cut(names[i], "|"); return name }
	// What Go would write in English is marked first, so that no name is taken for a part of the layout.
	marked := strings.NewReplacer("Monday", "\x01", "January", "\x02", "Mon", "\x03", "Jan", "\x04").Replace(layout)
	return strings.NewReplacer("\x01", long(w.time.Days, day), "\x02", long(w.time.Months, month),
		"\x03", short(w.time.Days, day), "\x04", short(w.time.Months, month)).Replace(t.Format(marked))
}

// Clock is a time of day.
func (w *Words) Clock(t time.Time) string { return w.format(t, w.time.Clock) }

// Exact is a time of day to the second.
func (w *Words) Exact(t time.Time) string { return w.format(t, w.time.Exact) }

// When names a moment as short as it can be understood now: the time of today, the day and time of this week,
// else the date. A moment that is not known is no text.
func (w *Words) When(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	switch {
	case sameDay(t, now):
		return w.Clock(t)
	case t.After(now.AddDate(0, 0, -6)) && t.Before(now.AddDate(0, 0, 6)):
		return w.format(t, w.time.Weekday)
	}
	return w.format(t, w.time.Date+" "+w.time.Clock)
}

// Until names a moment to come: the time of today, else the day with it. A pause until tomorrow ends at
// midnight, and that is how it is called.
func (w *Words) Until(t, now time.Time) string {
	t = t.In(now.Location())
	switch {
	case sameDay(t, now):
		return w.Clock(t)
	case sameDay(t, now.AddDate(0, 0, 1)) && t.Hour() == 0 && t.Minute() == 0:
		return w.T("tomorrow")
	}
	return w.format(t, w.time.DayTime)
}

// Day names a day: today, yesterday, else by its date.
func (w *Words) Day(t, now time.Time) string {
	t = t.In(now.Location())
	switch {
	case sameDay(t, now):
		return w.T("Today")
	case sameDay(t, now.AddDate(0, 0, -1)):
		return w.T("Yesterday")
	}
	return w.format(t, w.time.Day)
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
func (w *Words) Took(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.Replace(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".", w.time.Decimal, 1) + " s"
	}
	d = d.Round(time.Minute)
	if d < time.Hour {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// Weekday is a day's name.
func (w *Words) Weekday(d time.Weekday) string {
	name, _, _ := strings.Cut(w.time.Days[d], "|")
	return name
}
