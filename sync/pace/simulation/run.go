package main

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"github.com/offhook/offhook/sync/pace"
)

// policy is how desktops read.
type policy struct {
	known bool // the number of desktops is known to each
	hints bool
	days  int  // how many days in a row; what is found is kept over night
	storm bool // on the last of them everything is answered "too many requests" for ten minutes
}

// The storm, and what is told in it.
const (
	stormFrom = 10 * hour
	stormTo   = stormFrom + 10*minute
	stormWait = 30 * time.Second
)

// served is when after the sending Graph looks the presence up, and answered when the answer is there.
const (
	served   = 60
	answered = 120
)

// graph is Graph's limit: so many requests in each window of time, for all together.
type graph struct {
	window moment
	count  int
	storm  bool
}

// refuses counts a request; where it is one too many it tells how long to wait.
func (g *graph) refuses(at moment) (time.Duration, bool) {
	if g.storm && at >= stormFrom && at < stormTo {
		return stormWait, true
	}
	const length = moment(pace.LimitWindow / time.Millisecond)
	if w := at / length; w != g.window {
		g.window, g.count = w, 0
	}
	if g.count++; g.count <= pace.Limit {
		return 0, false
	}
	left := (g.window+1)*length - at
	return time.Duration((left+second-1)/second) * time.Second, true
}

// result is one day's.
type result struct {
	hours      float64 // that all PCs ran
	requests   int
	throttled  int
	afterStorm int // of these, once the storm was over
	unseen     int // changes that were over, or the PC off, before anybody looked
	reactions  []float32
}

// desktop is one of many; exactly one of pacer and every is set.
type desktop struct {
	pacer  *pace.Pacer
	every  moment
	due    moment // with every: the next read
	day    *day
	hint   int // the next one
	change int // the next one not seen
}

func (d *desktop) next(now moment, dayNumber int) moment {
	at := d.due
	if d.pacer != nil {
		t, _ := d.pacer.Next(now.on(dayNumber))
		at = max(now, moment((t.Sub(moment(0).on(dayNumber))+time.Millisecond-1)/time.Millisecond))
	}
	if d.hint < len(d.day.hints) {
		at = min(at, max(now, d.day.hints[d.hint].at))
	}
	return at
}

type turn struct {
	at  moment
	who int32
}

type turns []turn

func (t turns) Len() int           { return len(t) }
func (t turns) Less(i, j int) bool { return t[i].at < t[j].at }
func (t turns) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *turns) Push(x any)        { *t = append(*t, x.(turn)) }
func (t *turns) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// simulate lets so many desktops read for some days, and answers each day. With every they read at that
// interval instead.
func simulate(desktops int, p policy, every moment) []result {
	found := make([]pace.Found, desktops)
	results := make([]result, 0, p.days)
	for n := range p.days {
		results = append(results, oneDay(desktops, p, every, n, found))
	}
	return results
}

func oneDay(desktops int, p policy, every moment, dayNumber int, found []pace.Found) result {
	var r result
	all := make([]desktop, desktops)
	queue := make(turns, 0, desktops)
	size := 0
	if p.known {
		size = desktops
	}
	for i := range all {
		d := &all[i]
		people := rand.New(rand.NewPCG(uint64(i), uint64(dayNumber))) // the same days, whatever the policy
		d.day = newDay(people)
		d.change = 1
		r.hours += float64(d.day.to-d.day.from) / float64(hour)
		if !p.hints {
			d.day.hints = nil
		}
		dice := rand.New(rand.NewPCG(uint64(i)+1<<32, uint64(dayNumber))).Float64
		if every > 0 {
			d.every, d.due = every, d.day.from+moment(dice()*float64(every))
		} else {
			d.pacer = pace.New(pace.Options{Desktops: size, Found: found[i], Dice: dice})
		}
		queue = append(queue, turn{d.day.from, int32(i)})
	}
	heap.Init(&queue)
	limit := graph{storm: p.storm && dayNumber == p.days-1}
	for len(queue) > 0 {
		t := queue[0]
		d := &all[t.who]
		switch {
		case t.at >= d.day.to:
			for _, c := range d.day.changes[d.change:] {
				r.unseen++
				r.reactions = append(r.reactions, float32(d.day.to-c.at)/1000)
			}
			if d.pacer != nil {
				found[t.who] = d.pacer.Found()
			}
			heap.Pop(&queue)
			continue
		case d.hint < len(d.day.hints) && d.day.hints[d.hint].at <= t.at:
			d.pacer.Hint(t.at.on(dayNumber), d.day.hints[d.hint].hint)
			d.hint++
			t.at = d.next(t.at, dayNumber)
		case d.pacer != nil || d.due <= t.at:
			t.at = d.read(t.at, dayNumber, &limit, &r)
		default:
			t.at = d.due // the PC has just been switched on
		}
		queue[0].at = t.at
		heap.Fix(&queue, 0)
	}
	return r
}

// read is one request, and when this desktop is to be asked again.
func (d *desktop) read(at moment, dayNumber int, limit *graph, r *result) moment {
	r.requests++
	asked, then := at.on(dayNumber), (at + answered).on(dayNumber)
	wait, refused := limit.refuses(at)
	if d.pacer != nil {
		d.pacer.Asked(asked)
	} else {
		d.due = at + max(d.every, moment(wait/time.Millisecond))
	}
	if refused {
		r.throttled++
		if limit.storm && at >= stormTo {
			r.afterStorm++
		}
		if d.pacer != nil {
			d.pacer.Failed(then, true, wait)
		}
		return d.next(at+answered, dayNumber)
	}
	looked := at + served
	changes := d.day.changes
	first := d.change
	for d.change < len(changes) && changes[d.change].at <= looked {
		r.reactions = append(r.reactions, float32(looked-changes[d.change].at)/1000)
		d.change++
	}
	r.unseen += max(0, d.change-first-1) // only the last of them still shows
	if d.pacer != nil {
		s := shownAs[changes[d.change-1].state]
		d.pacer.Saw(asked, s.shown, s.words)
	}
	return d.next(at+answered, dayNumber)
}
