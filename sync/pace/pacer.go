package pace

import "time"

// Hint is something the operating system tells. It means "read now" or "slow down", and never a status.
type Hint string

// The hints.
const (
	Locked        Hint = "the screen was locked"
	Unlocked      Hint = "the screen was unlocked"
	Idle          Hint = "nobody is at the PC any more"
	Back          Hint = "somebody is at the PC again"
	Woke          Hint = "the PC woke up"
	Online        Hint = "the network came back"
	MicrophoneOn  Hint = "a microphone came into use"
	MicrophoneOff Hint = "no microphone is in use any more"
)

// When to look after something has happened, in seconds; the first that shows what was to come is the last.
// What brings everybody back at once (a network, the power) begins somewhere in everybody's turn.
var (
	afterMicrophone = []float64{0.2, 1, 2, 4, 8, 15}
	afterPresence   = []float64{0.8, 2, 3.5, 5.5, 8, 14}
	afterReturn     = []float64{0.2, 5}
	afterWrite      = []float64{0.5, 1.5, 3, 6, 11, 18}
	afterLook       = []float64{0.1, 1.5, 3, 5, 8, 12, 18}
)

// Options are what a Pacer is made of.
type Options struct {
	Desktops int   // of the organisation that run the program; 0: not known
	Found    Found // what an earlier run found
	Hours    func(time.Time) (open bool, until time.Time)
	Dice     func() float64 // 0 to 1
}

// Pacer gathers what is known and decides. It is not safe for several goroutines at once.
type Pacer struct {
	k        Known
	o        Options
	refusals int       // in a row
	seen     time.Time // the last read that was answered
	what     string    // what Teams was last seen to show, in its own words
	atEvent  string    // and when the last event came
	stopping bool      // a change ends the looking
}

// New makes a Pacer.
func New(o Options) *Pacer {
	return &Pacer{o: o, k: Known{Budget: NewBudget(o.Desktops, o.Found), Dice: o.Dice()}}
}

// Next is when to read next, and why then.
func (p *Pacer) Next(now time.Time) (time.Time, string) { return Decide(p.Known(now)) }

// Anew forgets failures: whoever is signed in now has met none.
func (p *Pacer) Anew() { p.k.Failures, p.k.Throttled, p.k.Told = 0, false, 0 }

// Known is what the decision depends on.
func (p *Pacer) Known(now time.Time) Known {
	k := p.k
	k.Now = now
	if p.o.Hours != nil {
		open, _ := p.o.Hours(now)
		k.Closed = !open
	}
	return k
}

// Found is what is to be kept for the next run.
func (p *Pacer) Found() Found { return p.k.Budget.Found() }

// Hint takes a hint. One that tells nothing new changes nothing.
func (p *Pacer) Hint(now time.Time, h Hint) {
	switch h {
	case Locked, Unlocked:
		p.k.Locked = h == Locked
	case Idle, Back:
		p.k.Idle = h == Idle
	case MicrophoneOn, MicrophoneOff:
		p.k.Speaking, p.k.Hinted = h == MicrophoneOn, true
	}
	switch h {
	case MicrophoneOn, MicrophoneOff:
		p.hinted(now, h, afterMicrophone, (p.k.Shown == Activity) == (h == MicrophoneOn))
	case Locked, Unlocked, Back:
		p.hinted(now, h, afterPresence, (p.k.Shown == Away) == (h == Locked))
	case Woke, Online:
		p.happened(now.Add(p.round()), string(h), afterReturn)
	case Idle: // it makes reading slower; Teams has its own idea of when somebody is away
	}
}

// hinted has what a hint announces looked for until it shows. Very large organisations do so in turns, for
// many have the same hint at once.
func (p *Pacer) hinted(now time.Time, h Hint, looks []float64, shows bool) {
	const justSeen = 15 * time.Second
	if shows && now.Sub(p.k.Since) < justSeen {
		looks = looks[len(looks)/2 : len(looks)/2+1] // the hint comes after what it announces
	}
	now = now.Add(time.Duration(p.o.Dice() * p.k.Budget.crowd() * float64(time.Second)))
	p.happened(now, string(h), looks)
	p.stopping = true
}

// round is a random moment of the time in which everybody can have one turn.
func (p *Pacer) round() time.Duration {
	return time.Duration(p.o.Dice() * float64(time.Hour) / p.k.Budget.Share)
}

// Wrote says that something was written to Teams, so that it is read back: also after it has been seen, for Graph
// answers old values now and then.
func (p *Pacer) Wrote(now time.Time, what string) { p.happened(now, what, afterWrite) }

// Look says that something happened that wants a read at once.
func (p *Pacer) Look(now time.Time, what string) { p.happened(now, what, afterLook) }

func (p *Pacer) happened(at time.Time, what string, looks []float64) {
	if p.k.Event != "" && p.k.Looked == 0 && p.k.EventAt.Before(at) {
		at = p.k.EventAt // the first look at what came before is still due
	}
	p.k.Event, p.k.EventAt, p.k.Looks, p.k.Looked = what, at, looks, 0
	p.atEvent, p.stopping = p.what, false
}

// Asked says that a read was sent.
func (p *Pacer) Asked(now time.Time) {
	p.k.Asked, p.k.Dice = now, p.o.Dice()
	p.k.Budget = p.k.Budget.sent(now)
	if p.k.Event == "" || now.Before(p.k.EventAt) {
		return
	}
	since := now.Sub(p.k.EventAt).Seconds()
	for p.k.Looked < len(p.k.Looks) && (p.k.Looked == 0 || p.k.Looks[p.k.Looked] <= since) {
		p.k.Looked++
	}
}

// Saw says what the read showed that was sent at asked: what it means, and in Teams' own words.
func (p *Pacer) Saw(asked time.Time, shown Shown, what string) {
	p.k.Budget = p.k.Budget.answered()
	p.k.Failures, p.k.Throttled, p.k.Told, p.refusals = 0, false, 0, 0
	if what != p.what {
		p.k.Before = p.seen
		p.k.Shown, p.k.Since, p.what = shown, asked, what
	}
	p.seen = asked
	if p.stopping && p.k.Looked > 0 && what != p.atEvent {
		p.k.Looked = len(p.k.Looks)
	}
}

// Failed says that a read failed at a time; throttled: because of too many requests; told: how long to wait.
func (p *Pacer) Failed(now time.Time, throttled bool, told time.Duration) {
	if !throttled {
		p.refusals = 0
	} else {
		p.refusals++
		p.k.Budget = p.k.Budget.refused(p.refusals)
	}
	p.k.Failures++
	p.k.FailedAt, p.k.Throttled, p.k.Told = now, throttled, told
}

// Hold forbids requests until a time. It never shortens.
func (p *Pacer) Hold(until time.Time) {
	if until.After(p.k.NotBefore) {
		p.k.NotBefore = until
	}
}
