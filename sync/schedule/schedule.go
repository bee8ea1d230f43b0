// Package schedule is the hours of the week in which Offhook is to be at work, as the person wrote them. It is
// pure: it must not know a clock; it is told the time.
package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

// Week is the hours of each weekday, in one time zone. The zero Week is always open.
type Week struct {
	zone *time.Location
	days [7][]span // by time.Weekday
}

// span is from one minute of the day to another; to may be 24:00.
type span struct{ from, to int }

// Parse reads hours as the settings have them: by English weekday, each "8:00-12:00, 13:00-17:30" or empty for
// a day off; a weekday that is not named is a day off. zone is a name such as Europe/Helsinki, or empty for
// the PC's own. No weekday at all: always open.
func Parse(zone string, days map[string]string) (Week, error) {
	if len(days) == 0 {
		return Week{}, nil
	}
	w := Week{zone: time.Local}
	if zone != "" {
		var err error
		if w.zone, err = time.LoadLocation(zone); err != nil {
			return Week{}, problem.Say("There is no time zone {zone}; its name is like Europe/Helsinki", "zone", zone)
		}
	}
	for name, text := range days {
		day, err := weekday(name)
		if err != nil {
			return Week{}, err
		}
		if w.days[day] != nil {
			return Week{}, fmt.Errorf("%s stands twice", day)
		}
		if w.days[day], err = spans(text); err != nil {
			return Week{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return w, nil
}

func weekday(name string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		full := strings.ToLower(d.String())
		if n := strings.ToLower(strings.TrimSpace(name)); n == full || n == full[:3] {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is no weekday; they are monday, tuesday, …", name)
}

func spans(text string) ([]span, error) {
	list := []span{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, ok := strings.Cut(part, "-")
		begin, err1 := minute(from)
		end, err2 := minute(to)
		if !ok || err1 != nil || err2 != nil || begin >= end {
			return nil, problem.Say("“{text}” is no time of the day; write it like 8:00-16:30", "text", part)
		}
		list = append(list, span{begin, end})
	}
	slices.SortFunc(list, func(a, b span) int { return a.from - b.from })
	for i := 1; i < len(list); i++ {
		if list[i].from < list[i-1].to {
			return nil, problem.Say("The times in “{text}” overlap", "text", text)
		}
	}
	return list, nil
}

func minute(text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err
}

// Always tells whether the week has no closed hours at all.
func (w Week) Always() bool { return w.zone == nil }

// At tells whether it is open at a moment, and until when that stays so: the wall clock decides, so a day on
// which it is put forward or back is shorter or longer. A week without any hours is closed for a week, and
// then asked again.
func (w Week) At(now time.Time) (open bool, until time.Time) {
	if w.Always() {
		return true, time.Time{}
	}
	local := now.In(w.zone)
	for day := -1; day <= 7; day++ {
		for _, s := range w.days[(int(local.Weekday())+day+7)%7] {
			from, to := w.clock(local, day, s.from), w.clock(local, day, s.to)
			switch {
			case now.Before(from):
				return false, from
			case now.Before(to) && !w.opens(to):
				return true, to
			case now.Before(to):
				_, until = w.At(to) // the next hours begin at once
				return true, until
			}
		}
	}
	return false, w.clock(local, 7, 0)
}

// opens tells whether hours begin exactly then.
func (w Week) opens(at time.Time) bool {
	local := at.In(w.zone)
	for _, s := range w.days[local.Weekday()] {
		if w.clock(local, 0, s.from).Equal(at) {
			return !w.whole() // a week that is open throughout ends nowhere
		}
	}
	return false
}

// whole tells whether the week has no closed minute.
func (w Week) whole() bool {
	for _, day := range w.days {
		open := 0
		for _, s := range day {
			open += s.to - s.from
		}
		if open < 24*60 {
			return false
		}
	}
	return true
}

// clock is the moment at which the wall clock of a day shows that minute.
func (w Week) clock(of time.Time, day, minute int) time.Time {
	y, m, d := of.Date()
	return time.Date(y, m, d+day, minute/60, minute%60, 0, 0, w.zone)
}
