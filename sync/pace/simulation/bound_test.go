package main

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// How near to "twice as soon as fixed polling, without hints" one can come where the limit is met at each minute: the
// part of all changes that is seen within half of fixed polling's median. It takes half of them.
//
// The best reader is looked for by dynamic programming, for somebody who learns with each read what Teams shows and
// since when, and knows the day's distribution: a state is the time of the hour, what is shown, and its age; an
// action is when to read next. A read has a price, dearer in minutes in which all together would need more than the
// limit. By duality, what the best reader sees at any such prices, less what it pays, with what the limit's reads
// are worth, is no less than what can be seen inside the limit; so the least of these is the bound. (Ahead is
// looked for two hours, with less and less weight: the bound is as good as that.)
func TestBound(t *testing.T) {
	if os.Getenv("OFFHOOK_BOUND") == "" {
		t.Skip("takes minutes; OFFHOOK_BOUND=1 runs it")
	}
	for _, test := range []struct {
		reads, limit float64 // an hour and desktop: on average, and at any one minute
		twice        bool
	}{{15.8, 16.5, false}, {10.5, 16.5, false}, {5, 16.5, true}} {
		seen := newReader(test.reads).bound(test.reads, test.limit)
		t.Logf("%.1f reads an hour, %.1f at any minute: at most %.1f %% of the changes are seen in half of fixed polling's median",
			test.reads, test.limit, 100*seen)
		if (seen > 0.5) != test.twice {
			t.Error("that is not what the README says")
		}
	}
}

const (
	grid   = 20 * second
	phases = int(hour / grid)
	kinds  = int(states) * 8 // what is shown, by eight ages
)

// delays are the actions, in steps of the grid.
var delays = []int{1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 60, 75, 90, 120, 180}

// outcome is what came of an action, counted over many days.
type outcome struct {
	n, seen float64
	next    []float32
}

type reader struct {
	soon     moment // seen within this is soon
	outcomes []outcome
	value    []float64
	choice   []int
}

func kind(d *day, change int, at moment) int {
	c := d.changes[change]
	return int(c.state)*8 + int(ageClass(at-c.at))
}

func newReader(reads float64) *reader {
	const people, states = 1500, phases * kinds
	r := &reader{moment(float64(hour) / reads / 4), make([]outcome, states*len(delays)), make([]float64, states), make([]int, states)}
	for i := range people {
		d := newDay(rand.New(rand.NewPCG(uint64(i), 7)))
		start := (d.from/grid + 1) * grid
		shown := make([]int, max(0, (d.to-start)/grid))
		for j, k := 0, 0; j < len(shown); j++ {
			for k+1 < len(d.changes) && d.changes[k+1].at <= start+moment(j)*grid {
				k++
			}
			shown[j] = k
		}
		for j := range shown {
			at := start + moment(j)*grid
			state := int(at/grid)%phases*kinds + kind(d, shown[j], at)
			for a, delay := range delays {
				if j+delay >= len(shown) {
					break
				}
				to := at + moment(delay)*grid
				o := &r.outcomes[state*len(delays)+a]
				if o.next == nil {
					o.next = make([]float32, kinds)
				}
				o.n++
				o.next[kind(d, shown[j+delay], to)]++
				for _, c := range d.changes[shown[j]+1 : shown[j+delay]+1] {
					if c.at > to-r.soon {
						o.seen++
					}
				}
			}
		}
	}
	return r
}

// plan chooses the best action of each state at these prices.
func (r *reader) plan(base float64, minutes *[60]float64, sweeps int) {
	ahead := math.Exp(-float64(grid) / float64(2*hour))
	for range sweeps {
		for state := len(r.value) - 1; state >= 0; state-- {
			best, choice := math.Inf(-1), 0
			for a, delay := range delays {
				o := &r.outcomes[state*len(delays)+a]
				if o.n < 10 {
					continue
				}
				phase := (state/kinds + delay) % phases
				v := o.seen
				for k, n := range o.next {
					v += float64(n) * r.value[phase*kinds+k]
				}
				if v = (v/o.n - base - minutes[phase*60/phases]) * math.Pow(ahead, float64(delay)); v > best {
					best, choice = v, a
				}
			}
			if math.IsInf(best, -1) {
				best, choice = 0, 5
			}
			r.value[state], r.choice[state] = best, choice
		}
	}
}

// read lets other people's days be read as planned: the reads of an hour, those at each minute, the part of the
// changes that is seen soon, and how many changes an hour has.
func (r *reader) read() (reads float64, load [60]float64, seen, changes float64) {
	const people = 2000
	var hours, soon, all float64
	var present [60]float64
	for i := range people {
		d := newDay(rand.New(rand.NewPCG(uint64(i), 0)))
		dice := rand.New(rand.NewPCG(uint64(i), 1))
		hours += float64(d.to-d.from) / float64(hour)
		for at := d.from; at < d.to; at += minute {
			present[at/minute%60]++
		}
		all += float64(len(d.changes) - 1)
		last := 0
		for at := d.from + moment(dice.Float64()*float64(grid)); at < d.to; {
			reads++
			load[at/minute%60]++
			for last+1 < len(d.changes) && d.changes[last+1].at <= at {
				if last++; d.changes[last].at > at-r.soon {
					soon++
				}
			}
			delay := delays[r.choice[int(at/grid)%phases*kinds+kind(d, last, at)]]
			at += moment(delay)*grid + moment((dice.Float64()-0.5)*0.3*float64(grid))
		}
	}
	for m := range load {
		load[m] *= 60 / present[m]
	}
	return reads / hours, load, soon / all, all / hours
}

func (r *reader) bound(reads, limit float64) float64 {
	const rounds = 75
	least, base := 1.0, 0.1
	var minutes [60]float64
	r.plan(base, &minutes, 12)
	for round := range rounds {
		sent, load, seen, changes := r.read()
		worth := seen*changes + base*(reads-sent)
		step := 1 / reads / (1 + float64(round)/25)
		base = max(0, base+step*(sent/reads-1))
		for m := range load {
			worth += minutes[m] * (limit - load[m]) / 60
			minutes[m] = max(0, minutes[m]+step*(load[m]-limit)/reads)
		}
		if round > rounds/4 { // until then the values follow the prices too slowly
			least = min(least, worth/changes)
		}
		r.plan(base, &minutes, 4)
	}
	return least
}
