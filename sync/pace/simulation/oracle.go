package main

import (
	"math/rand/v2"
	"slices"
)

// oracle answers into which part of the time half of all changes fall, for somebody who knows at each moment what
// Teams shows, since when, and how likely a change is then, of everybody taken together; but not what this person
// will do. Who reads at even intervals in just that part needs that part of fixed polling's reads to see half of all
// changes within one interval; so against fixed polling's median, half an interval, a gain of 0.5 / part is the
// most there can be: with reads enough to know what Teams shows, no limit for all together, and the other half of
// the changes never seen.
func oracle(people int) float64 {
	type class struct {
		minute, age moment
		state       int8
	}
	type tally struct{ time, changes float64 }
	const step = 5 * second
	tallies := map[class]*tally{}
	var all tally
	for i := range people {
		d := newDay(rand.New(rand.NewPCG(uint64(i), 0)))
		seen := 0
		for at := d.from; at < d.to; at += step {
			last := d.changes[seen]
			c := class{at / minute % 60, ageClass(at - last.at), last.state}
			if tallies[c] == nil {
				tallies[c] = &tally{}
			}
			tallies[c].time++
			all.time++
			for seen+1 < len(d.changes) && d.changes[seen+1].at < at+step {
				tallies[c].changes++
				all.changes++
				seen++
			}
		}
	}
	var likeliest []tally
	for _, t := range tallies {
		likeliest = append(likeliest, *t)
	}
	slices.SortFunc(likeliest, func(a, b tally) int {
		switch x, y := a.changes*b.time, b.changes*a.time; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	var sum tally
	for _, t := range likeliest {
		if sum.time, sum.changes = sum.time+t.time, sum.changes+t.changes; sum.changes >= all.changes/2 {
			break
		}
	}
	return sum.time / all.time
}

// ageClass is coarse: fine classes of few people would tell what those did, not what is likely.
func ageClass(age moment) moment {
	n := moment(0)
	for limit := minute; limit < age && n < 7; limit *= 2 {
		n++
	}
	return n
}
