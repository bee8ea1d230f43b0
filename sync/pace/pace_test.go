package pace

import (
	"testing"
	"time"
)

// half is a person's dice that always shows the middle.
func half() float64 { return 0.5 }

var morning = time.Date(2026, 11, 3, 10, 10, 0, 0, time.UTC) // far from where meetings begin

// at is a Pacer that has read once.
func at(o Options, now time.Time, shown Shown) *Pacer {
	if o.Dice == nil {
		o.Dice = half
	}
	p := New(o)
	p.Asked(now)
	p.Saw(now, shown, shown.String())
	return p
}

func next(p *Pacer, now time.Time) (time.Duration, string) {
	when, because := p.Next(now)
	return when.Sub(now), because
}

// Each thing that is known moves the next read the way it should, and is the reason that is told.
func TestDecide(t *testing.T) {
	full := time.Date(2026, 11, 3, 10, 59, 50, 0, time.UTC)
	told := func(h ...Hint) func(*Pacer, time.Time) {
		return func(p *Pacer, now time.Time) {
			for _, h := range h {
				p.Hint(now, h)
			}
		}
	}
	tests := []struct {
		name        string
		now         time.Time
		shown       Shown
		do          func(*Pacer, time.Time)
		least, most time.Duration
		because     string
	}{
		{"nothing", morning, Present, nil, 4 * time.Minute, 6 * time.Minute, "nothing is happening"},
		{"meetings begin", full, Present, nil, 20 * time.Second, 50 * time.Second, "many meetings begin about now"},
		{"a call", morning, Activity, nil, 15 * time.Second, 40 * time.Second, "Teams shows a call"},
		{"just gone", morning, Away, nil, 15 * time.Second, 40 * time.Second, "Teams shows you away, and you may be back soon"},
		{"a microphone", morning, Present, told(MicrophoneOn), 200 * time.Millisecond, 800 * time.Millisecond, string(MicrophoneOn)},
		{"unlocked", morning, Away, told(Unlocked), 500 * time.Millisecond, time.Second, string(Unlocked)},
		{"the network", morning, Present, told(Online), time.Second, 15 * time.Second, string(Online)},
		{"a write", morning, Present, func(p *Pacer, now time.Time) { p.Wrote(now, "Offhook set it") }, 400 * time.Millisecond, time.Second, "Offhook set it"},
		{"a look", morning, Present, func(p *Pacer, now time.Time) { p.Look(now, "look") }, 100 * time.Millisecond, 800 * time.Millisecond, "look"},
		{"nobody there", morning, Present, told(Idle), 8 * time.Minute, 25 * time.Minute, "nobody is at the PC"},
		{"a failure", morning, Present, func(p *Pacer, now time.Time) { p.Failed(now, false, 0) }, time.Second, 3 * time.Second, "the last read failed"},
		{
			"a failure, and something happens", morning, Present,
			func(p *Pacer, now time.Time) {
				p.Failed(now, false, 0)
				p.Hint(now.Add(time.Millisecond), MicrophoneOn)
			},
			0, time.Second, string(MicrophoneOn),
		},
		{
			"told to wait, and something happens", morning, Present,
			func(p *Pacer, now time.Time) {
				p.Failed(now, true, time.Minute)
				p.Hint(now.Add(time.Second), MicrophoneOn)
			},
			time.Minute, 100 * time.Second, "Microsoft asked to wait",
		},
		{"too many, without a time", morning, Present, func(p *Pacer, now time.Time) { p.Failed(now, true, 0) }, 10 * time.Second, 45 * time.Second, "Microsoft asked to wait"},
		{"a write was told to wait", morning, Present, func(p *Pacer, now time.Time) { p.Look(now, "x"); p.Hold(now.Add(time.Hour)) }, time.Hour, time.Hour, "Microsoft asked to wait"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := at(Options{Desktops: 1000}, test.now, test.shown)
			if test.do != nil {
				test.do(p, test.now)
			}
			d, because := next(p, test.now)
			if d < test.least || d > test.most || because != test.because {
				t.Errorf("in %s because %q, want in %s to %s because %q", d, because, test.least, test.most, test.because)
			}
			if again, _ := next(p, test.now); again != d {
				t.Error("the same knowledge gives another answer")
			}
		})
	}
}

// A lock is looked at and then makes reading slow; outside the hours it is slow too.
func TestSlow(t *testing.T) {
	rest, _ := next(at(Options{Desktops: 1000}, morning, Present), morning)
	p := at(Options{Desktops: 1000}, morning, Present)
	p.Hint(morning, Locked)
	now := morning.Add(30 * time.Second)
	p.Asked(now)
	p.Saw(now, Present, "Present")
	if d, because := next(p, now); d < 3*rest || because != "the screen is locked" {
		t.Errorf("locked: in %s because %q; unlocked it is %s", d, because, rest)
	}
	closed := at(Options{Desktops: 1000, Hours: func(time.Time) (bool, time.Time) { return false, time.Time{} }}, morning, Present)
	if d, because := next(closed, morning); d < 3*rest || because != "it is outside your hours" {
		t.Errorf("outside the hours: in %s because %q", d, because)
	}
}

// What a hint announced is looked for until it shows, and no longer.
func TestLooksEnd(t *testing.T) {
	p := at(Options{Desktops: 1000}, morning, Present)
	now := morning.Add(time.Minute)
	p.Hint(now, MicrophoneOn)
	reads := 0
	for shows, because := Present, ""; ; reads++ {
		var when time.Time
		if when, because = p.Next(now); because != string(MicrophoneOn) {
			break
		}
		now = when
		if reads == 2 {
			shows = Activity
		}
		p.Asked(now)
		p.Saw(now, shows, shows.String())
	}
	if reads != 3 || now.Sub(morning.Add(time.Minute)) > 5*time.Second {
		t.Errorf("%d looks in %s, want three", reads, now.Sub(morning.Add(time.Minute)))
	}
}

// Whatever happens, and however often, the reads stay inside the budget.
func TestBudgetHolds(t *testing.T) {
	for _, desktops := range []int{1, 100, 1000, 10_000, 50_000} {
		p := at(Options{Desktops: desktops}, morning, Present)
		all := p.k.Budget.perHour()
		reads, shows := 0, Present
		now, end := morning, morning.Add(4*time.Hour)
		for n := 0; now.Before(end); n++ {
			p.Hint(now, []Hint{MicrophoneOn, MicrophoneOff, Locked, Unlocked, Woke, Online}[n%6])
			p.Look(now, "something")
			when, _ := p.Next(now)
			if now = now.Add(2 * time.Second); !when.After(now) {
				reads++
				if reads%5 == 0 {
					shows = (shows + 1) % 6
				}
				p.Asked(now)
				p.Saw(now, shows, shows.String())
			}
		}
		if most := 4*all + p.k.Budget.most() + 1; float64(reads) > most {
			t.Errorf("%d desktops: %d reads in 4 hours, want no more than %.0f", desktops, reads, most)
		}
		if float64(reads) < 3*all {
			t.Errorf("%d desktops: only %d reads in 4 hours of events, want about %.0f", desktops, reads, 4*all)
		}
	}
}

// A share that is not known grows quickly until it meets the limit, slowly afterwards, is halved once for what
// comes in a row, and is kept over a restart.
func TestFindingTheShare(t *testing.T) {
	b := NewBudget(0, Found{})
	for range 150 {
		b = b.answered()
	}
	if b.Share < 1.5*firstShare {
		t.Errorf("after 150 answers the share is %.1f, want it to grow quickly", b.Share)
	}
	before := b.Share
	if first := NewBudget(0, Found{}).refused(1); first.Share > firstShare/4 {
		t.Errorf("a first share that is refused before it has grown becomes %.1f, want far less", first.Share)
	}
	if b = b.refused(1); b.Share != before*cut || !b.Met {
		t.Errorf("after the first refusal the share is %.1f of %.1f", b.Share, before)
	}
	if storm := b.refused(2).refused(3); storm.Share <= b.Share || storm.Met {
		t.Errorf("a storm leaves %.1f of a share of %.1f, and quick growth %t", storm.Share, before, !storm.Met)
	}
	low := b.Share
	if again := b.answered().refused(1); again.Share > 0.8*low || again.Share < 0.4*low {
		t.Errorf("another refusal makes %.1f of %.1f, want a little less", again.Share, low)
	}
	b = NewBudget(0, b.Found())
	for range 30 {
		b = b.answered()
	}
	if b.Share < low || b.Share > low+1 {
		t.Errorf("after a restart and 30 answers it is %.2f, want little more than %.2f", b.Share, low)
	}
	for range longCalm + 1000 {
		b = b.answered()
	}
	if b.Share != mostShare {
		t.Errorf("after a very long calm it is %.1f, want all", b.Share)
	}
	known := NewBudget(10_000, Found{Share: 3})
	if after := known.refused(1); after.Share != known.Share || known.Share > 18 || (known.Found() != Found{}) {
		t.Errorf("a known number of desktops gives %.1f, then %.1f", known.Share, after.Share)
	}
}

// After "too many requests" all come back within the time in which everybody has one turn, evenly.
func TestTurns(t *testing.T) {
	const desktops = 10_000
	var within [10]int
	for i := range 1000 {
		p := at(Options{Desktops: desktops, Dice: func() float64 { return float64(i) / 1000 }}, morning, Present)
		p.Failed(morning, true, 30*time.Second)
		d, _ := next(p, morning)
		turn := d - 30*time.Second
		round := time.Duration(beside * float64(time.Hour) / p.k.Budget.Share)
		if turn < 0 || turn >= round {
			t.Fatalf("a turn %s after the wait, want it within %s", turn, round)
		}
		within[10*turn/round]++
	}
	for i, n := range within {
		if n < 90 || n > 110 {
			t.Errorf("%d of 1000 come in part %d of 10", n, i)
		}
	}
}
