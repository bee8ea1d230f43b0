package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/offhook/offhook/sync/pace"
)

// distribution is printed above the table, and is what day makes.
const distribution = `The day, one time zone, everybody at work (what is drawn, for each person anew):
  at the PC        from 8:30 ± 40 min, for 8.5 h ± 40 min; no PC runs before or after
  meetings         3.5 a day (Poisson) between 9:00 and 17:00, none twice at a time; begin :00 65 %, :30 30 %,
                   :15/:45 5 %; last 30 min 50 %, 60 min 35 %, 45 min 7 %, 90 min 8 %; 20 % are called 5 min shorter
    in Teams       60 % stand in the calendar as busy: "In a meeting" from 0-60 s after the scheduled begin to 0-60 s
                   after the scheduled end; 93 % are joined, at the begin + 0.5 min ± 1.5 min, left at the end
                   - 1.5 min ± 4 min: "In a call" meanwhile
  calls            3 a day (Poisson) at any time of the working day, exponential, mean 5 min, 20 s at least
  lunch            at 12:00 ± 30 min, 40 min ± 10 min; breaks: 2 a day, exponential, mean 9 min, 2 min at least;
                   lunch and 60 % of the breaks with the screen locked, the others become Away after 5 min
  chosen by hand   1.2 times a day (Poisson): busy, do not disturb or be right back, for 25 min (exponential)
Teams shows the first of: call, away, chosen, calendar, available; it shows a lock, an unlock and a return after 0-4 s.
Hints, where a policy has them:
  microphone       95 % of calls and joined meetings, on from 1.5 s before to 0.7 s after Teams shows it, off from 1 s
                   before to 0.7 s after; once a day something else uses it for 4 min (exponential)
  lock, unlock     98 %, at once (so 0-4 s before Teams); return of somebody who had not locked: 80 %, idle told at 5 min`

// The states of Teams in the simulation.
const (
	stateAvailable = iota
	stateCalendar
	stateChosen
	stateAway
	stateCall
	states
)

var shownAs = [states]struct {
	shown pace.Shown
	words string
}{
	{pace.Present, "Available"}, {pace.Meeting, "InAMeeting"}, {pace.Chosen, "Busy"},
	{pace.Away, "Away"}, {pace.Activity, "InACall"},
}

// moment is milliseconds after midnight.
type moment int64

const (
	second moment = 1000
	minute        = 60 * second
	hour          = 60 * minute
)

type change struct {
	at    moment
	state int8
}

type hint struct {
	at   moment
	hint pace.Hint
	mic  bool
}

// day is one person's: when the PC runs, what Teams shows, and what the system tells.
type day struct {
	from, to moment
	changes  []change // the first is the state at from
	hints    []hint
}

type dice struct{ *rand.Rand }

func (d dice) normal(mean, spread moment) moment {
	return mean + moment(d.NormFloat64()*float64(spread))
}
func (d dice) exponential(mean moment) moment { return moment(d.ExpFloat64() * float64(mean)) }
func (d dice) between(a, b moment) moment     { return a + moment(d.Float64()*float64(b-a)) }
func (d dice) happens(share float64) bool     { return d.Float64() < share }

func (d dice) poisson(mean float64) (n int) {
	for p, stop := 1.0, math.Exp(-mean); ; n++ {
		if p *= d.Float64(); p < stop {
			return n
		}
	}
}

type span struct{ from, to moment }

func (s span) meets(others []span) bool {
	return slices.ContainsFunc(others, func(o span) bool { return s.from < o.to && o.from < s.to })
}

// layers gathers spans of each state, of which the highest shows.
type layers struct {
	d      dice
	day    *day
	states [states][]span
}

func (l *layers) put(state int, s span) {
	if s = (span{max(s.from, l.day.from), min(s.to, l.day.to)}); s.from < s.to {
		l.states[state] = append(l.states[state], s)
	}
}

func (l *layers) tell(share float64, at moment, h pace.Hint, mic bool) {
	if l.d.happens(share) && at > l.day.from && at < l.day.to {
		l.day.hints = append(l.day.hints, hint{at, h, mic})
	}
}

// call is a call or a joined meeting, and what the microphone tells of it.
func (l *layers) call(s span) {
	l.put(stateCall, s)
	const told = 0.95
	l.tell(told, s.from+l.d.between(-1500, 700), pace.MicrophoneOn, true)
	l.tell(told, s.to+l.d.between(-1*second, 700), pace.MicrophoneOff, true)
}

func (l *layers) gone(s span, locked bool) {
	if locked {
		l.tell(0.98, s.from, pace.Locked, false)
		l.tell(0.98, s.to, pace.Unlocked, false)
		l.put(stateAway, span{s.from + l.d.between(0, 4*second), s.to + l.d.between(0, 4*second)})
		return
	}
	if s.from += 5 * minute; s.from < s.to {
		l.tell(0.8, s.from, pace.Idle, false)
		l.tell(0.8, s.to, pace.Back, false)
		l.put(stateAway, span{s.from, s.to + l.d.between(0, 4*second)})
	}
}

func newDay(r *rand.Rand) *day {
	d := dice{r}
	p := &day{from: d.normal(8*hour+30*minute, 40*minute)}
	p.to = p.from + d.normal(8*hour+30*minute, 40*minute)
	l := &layers{d: d, day: p}
	taken := l.meetings()
	l.others(taken)
	for range d.poisson(1.2) {
		at := d.between(p.from, p.to)
		l.put(stateChosen, span{at, at + d.exponential(25*minute)})
	}
	for range d.poisson(1) { // something else uses the microphone
		at := d.between(p.from, p.to)
		l.tell(1, at, pace.MicrophoneOn, true)
		l.tell(1, at+d.exponential(4*minute), pace.MicrophoneOff, true)
	}
	slices.SortFunc(p.hints, func(a, b hint) int { return int(a.at - b.at) })
	l.flatten()
	return p
}

func (l *layers) meetings() (taken []span) {
	d := l.d
	for range d.poisson(3.5) {
		begin := moment(9+d.IntN(8)) * hour
		switch x := d.Float64(); {
		case x < 0.30:
			begin += 30 * minute
		case x < 0.325:
			begin += 15 * minute
		case x < 0.35:
			begin += 45 * minute
		}
		length := 30 * minute
		switch x := d.Float64(); {
		case x < 0.35:
			length = 60 * minute
		case x < 0.42:
			length = 45 * minute
		case x < 0.50:
			length = 90 * minute
		}
		if d.happens(0.2) {
			length -= 5 * minute
		}
		m := span{begin, begin + length}
		if m.meets(taken) || m.to > 17*hour+30*minute {
			continue
		}
		taken = append(taken, m)
		if d.happens(0.6) {
			l.put(stateCalendar, span{m.from + d.between(0, minute), m.to + d.between(0, minute)})
		}
		if joined := (span{m.from + d.normal(30*second, 90*second), m.to + d.normal(-90*second, 4*minute)}); d.happens(0.93) && joined.from < joined.to {
			l.call(joined)
		}
	}
	return taken
}

// others is calls, lunch and breaks, where there is time for them.
func (l *layers) others(taken []span) {
	d, p := l.d, l.day
	put := func(s span, then func(span)) {
		if !s.meets(taken) {
			taken = append(taken, s)
			then(s)
		}
	}
	lunch := d.normal(12*hour, 30*minute)
	put(span{lunch, lunch + d.normal(40*minute, 10*minute)}, func(s span) { l.gone(s, true) })
	for range d.poisson(3) {
		at := d.between(p.from, p.to)
		put(span{at, at + max(20*second, d.exponential(5*minute))}, l.call)
	}
	for range 2 {
		at := d.between(p.from, p.to)
		put(span{at, at + max(2*minute, d.exponential(9*minute))}, func(s span) { l.gone(s, d.happens(0.6)) })
	}
}

// flatten makes the changes of what shows.
func (l *layers) flatten() {
	type edge struct {
		at    moment
		state int
		by    int
	}
	var edges []edge
	for state, spans := range l.states {
		for _, s := range spans {
			edges = append(edges, edge{s.from, state, 1}, edge{s.to, state, -1})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return int(a.at - b.at) })
	var on [states]int
	on[stateAvailable] = 1
	shows := int8(stateAvailable)
	l.day.changes = append(l.day.changes, change{l.day.from, shows})
	for i, e := range edges {
		on[e.state] += e.by
		if i+1 < len(edges) && edges[i+1].at == e.at {
			continue
		}
		top := int8(states - 1)
		for on[top] == 0 {
			top--
		}
		if top != shows {
			shows = top
			l.day.changes = append(l.day.changes, change{e.at, shows})
		}
	}
}

// noon is any day's midnight in a zone of whole hours: the pace only looks at the wall clock.
var midnight = time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)

func (m moment) on(dayNumber int) time.Time {
	return midnight.AddDate(0, 0, dayNumber).Add(time.Duration(m) * time.Millisecond)
}
