package main

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the pace promises, for the sizes that are quick to simulate; `make pace` prints all of them.
func TestPromises(t *testing.T) {
	const half = 0.5 // per cent of the requests
	hours := policy{known: true, hints: true, days: 1}
	for _, test := range []struct {
		desktops   int
		mostReads  float64 // an hour
		mostMedian float64 // seconds
	}{{100, 120, 1}, {1000, 120, 1}, {10_000, 18, 2}} {
		known := simulate(test.desktops, hours, 0)[0].row(test.desktops, "known", true)
		t.Logf("%+v", known)
		if known.Throttled > 0 {
			t.Errorf("%d desktops: %d requests of a known size were too many", test.desktops, known.Throttled)
		}
		if known.ReadsPerHour > test.mostReads || known.Median > test.mostMedian {
			t.Errorf("%d desktops: %.1f reads an hour and a median of %.2f s, want %.0f and %.0f s at most",
				test.desktops, known.ReadsPerHour, known.Median, test.mostReads, test.mostMedian)
		}
	}
	if testing.Short() {
		return
	}
	unknown := simulate(10_000, policy{hints: true, days: 3, storm: true}, 0)
	for _, day := range unknown[:2] {
		if float64(day.throttled) > half/100*float64(day.requests) {
			t.Errorf("an unknown size: %d of %d requests were too many", day.throttled, day.requests)
		}
	}
	storm := unknown[2]
	if storm.throttled < 1000 {
		t.Errorf("the storm refused %d requests: that is none", storm.throttled)
	}
	if float64(storm.afterStorm) > half/100*float64(storm.requests) {
		t.Errorf("after the storm %d requests were too many: it has caused another", storm.afterStorm)
	}
}

// Without hints the same reads see a change twice as soon as at fixed intervals; where everybody's reads fill the
// limit at each minute of the day, and only the choice of who reads is left, still sooner.
func TestBetterThanFixed(t *testing.T) {
	for _, test := range []struct {
		desktops int
		gain     float64
	}{{100, 2}, {1000, 2}, {10_000, 1.2}} {
		if testing.Short() && test.desktops > 1000 {
			continue
		}
		without := simulate(test.desktops, policy{known: true, days: 1}, 0)[0].row(test.desktops, "no hints", true)
		fixed := simulate(test.desktops, policy{days: 1}, moment(float64(hour)/without.ReadsPerHour))[0].row(test.desktops, "fixed", false)
		t.Logf("%d desktops: a median of %.1f s, fixed %.1f s", test.desktops, without.Median, fixed.Median)
		if without.Throttled > 0 || fixed.Median < test.gain*without.Median {
			t.Errorf("%d desktops: %d were too many, and a median of %.1f s where fixed intervals have %.1f s",
				test.desktops, without.Throttled, without.Median, fixed.Median)
		}
		if diff := without.ReadsPerHour - fixed.ReadsPerHour; diff > 1 || diff < -1 {
			t.Errorf("%.1f reads an hour against %.1f is no equal cost", without.ReadsPerHour, fixed.ReadsPerHour)
		}
	}
}

// Graph's limit as it is simulated: a window lets so many through and tells the others to wait until the next.
func TestLimit(t *testing.T) {
	var g graph
	for i := range 1500 {
		if _, refused := g.refuses(moment(i)); refused {
			t.Fatalf("request %d was refused", i+1)
		}
	}
	if wait, refused := g.refuses(10 * second); !refused || wait.Seconds() != 20 {
		t.Errorf("the next: refused %v, told to wait %s", refused, wait)
	}
	if _, refused := g.refuses(30 * second); refused {
		t.Error("the next window refuses its first")
	}
}

// A day's changes are changes, in order, while the PC runs; and the same person has the same day whatever is asked.
func TestDay(t *testing.T) {
	var changes, hints int
	for i := range 2000 {
		d := newDay(rand.New(rand.NewPCG(uint64(i), 0)))
		for j := 1; j < len(d.changes); j++ {
			last, c := d.changes[j-1], d.changes[j]
			if c.state == last.state || c.at < last.at || c.at > d.to {
				t.Fatalf("person %d: %+v follows %+v", i, c, last)
			}
		}
		changes += len(d.changes) - 1
		hints += len(d.hints)
		again := newDay(rand.New(rand.NewPCG(uint64(i), 0)))
		if diff := cmp.Diff(d.changes, again.changes, cmp.AllowUnexported(change{})); diff != "" {
			t.Fatal(diff)
		}
	}
	if changes < 2000*10 || changes > 2000*25 || hints < 2000*10 {
		t.Errorf("%d changes and %d hints of 2000 people: that is no working day", changes, hints)
	}
}

// Half of all changes fall into a small part of the time for who knows the hazard: less than a quarter, else nobody
// could be twice as soon as fixed intervals; and no less than a twentieth, else the day would be a timetable.
func TestOracle(t *testing.T) {
	if f := oracle(1000); f < 0.05 || f > 0.25 {
		t.Errorf("half of all changes fall into %.3f of the time", f)
	}
}
