// Package resident is what runs all day: it puts settings, secrets, Teams, the phones and the engine
// together, and answers the door (app/local). It knows all of them and no screen.
package resident

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/activity"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/journal"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/teams"
)

// Options are what a resident is made of.
type Options struct {
	Folder  string // the configuration folder
	Version string
	Secrets Secrets
	Log     *slog.Logger
	Policy  string // the administrator's settings file; empty: none

	OpenURL    func(string) error // shows a page in the person's browser
	OpenWindow func() error       // starts the window program
	DemoPage   string             // the page of the simulated worlds, in a demo
	Autostart  Autostart          // nil: this cannot be switched here
}

// Autostart starts Offhook when the person logs in: see app/autostart.
type Autostart interface {
	Enabled() (bool, error)
	Set(on bool) error
}

// Secrets is the sealed store: see sync/secrets.
type Secrets interface {
	teams.Secrets
	Kept() error // why what is kept would not survive a restart
}

// Resident is one person's Offhook at work.
type Resident struct {
	o        Options
	keeper   journal.Journal
	story    *activity.Store[local.Entry]
	handover chan handover
	restarts chan struct{}
	rehear   chan struct{}         // the switches of the hints were changed
	current  atomic.Pointer[setup] // set once more, for who must not wait for r.mu: the pace
	started  chan struct{}         // closed once Run has begun
	quit     chan struct{}
	quitOnce sync.Once
	changing sync.Mutex     // one change of the settings at a time
	signing  sync.Mutex     // one sign-in or sign-out begins at a time
	working  sync.WaitGroup // the sign-in under way
	ran      []line         // the phones of the last run; of Run's goroutine alone

	mu        sync.Mutex
	set       *setup          // what the settings amount to
	stray     *local.Problem  // why the settings as they are now are not followed: set is of an older file
	runner    *engine.Runner  // nil before the first runs
	running   context.Context // ends when runner is to end
	runs      string          // the print of what the runner was made of
	state     engine.State
	since     map[string]sighting // by side: since when it shows what it shows
	reasons   []local.Reason
	signIn    *problem.Problem         // why the last sign-in failed
	attempt   *attempt                 // nil while no sign-in is under way
	byPhone   map[string]*phoneAttempt // the latest sign-in to each phone
	status    local.Status
	followers map[chan local.Status]bool
	life      context.Context
	heldFor   string // the account in whose Teams the engine holds what it holds; empty: not known
	window    attendance
	looked    bool // the person has been through the first run
	noTray    *local.Problem
	untold    bool // that the story cannot be kept has been said
}

// sighting is what a side shows, and since when.
type sighting struct {
	what string
	at   time.Time
}

// New reads the settings and gets everything ready. It does not fail: what is wrong stands in the status,
// and then nothing is read or written.
func New(o Options) *Resident {
	r := &Resident{o: o, keeper: journal.In(o.Folder), story: story(o.Folder), handover: make(chan handover), restarts: make(chan struct{}, 1), rehear: make(chan struct{}, 1),
		started: make(chan struct{}), quit: make(chan struct{}), followers: map[chan local.Status]bool{}, since: map[string]sighting{}, byPhone: map[string]*phoneAttempt{}}
	r.take(r.prepare(&setup{}))
	r.looked = r.ReadWindow(context.Background()).Looked
	if p := r.set.problem; p != nil {
		o.Log.Error("nothing is read or written", "problem", p.What)
	}
	r.refresh()
	return r
}

// Run keeps everything in step until ctx ends or the person quits. Then it has given back what was held, as
// far as the sides answered.
func (r *Resident) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.mu.Lock()
	r.life = ctx
	r.mu.Unlock()
	close(r.started)
	defer func() {
		cancel()
		r.signing.Lock() // none begins from here on
		defer r.signing.Unlock()
		r.working.Wait()
		r.endPhones()
		r.forgetGone(r.now())
		if client := r.now().client; client != nil {
			client.CloseIdleConnections()
		}
	}()
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		if err := settings.Watch(ctx, r.o.Folder, r.o.Policy, r.o.Log, r.reload); err != nil {
			r.o.Log.Warn("the settings are not watched", "problem", err)
		}
	})
	watching.Go(func() { r.followKeyring(ctx) })
	watching.Go(func() { r.hear(ctx) })
	defer r.keepPace()
	for r.runOnce(ctx) {
	}
}

// now is what the settings amount to at this moment.
func (r *Resident) now() *setup {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.set
}

// runOnce runs the engine until the end, or until somebody signs out or changes settings by which it must start
// anew: then it answers true.
func (r *Resident) runOnce(ctx context.Context) (again bool) {
	select {
	case <-r.restarts: // it does start anew
	default:
	}
	set := r.now()
	r.forgetGone(set)
	if set.problem != nil {
		select {
		case <-ctx.Done():
			return false
		case <-r.quit:
			return false
		case <-r.restarts:
		case h := <-r.handover:
			h.answer <- errEnding
		}
		return true
	}
	held := r.loadHeld()
	runner := &engine.Runner{Config: set.config, Teams: set.teams, Keeper: accountKeeper{r}, Journal: held,
		Observe: func(s engine.State, why []engine.Reason) { r.observe(set, s, why) }}
	for _, l := range set.phones {
		if l.open != nil {
			runner.Phones = append(runner.Phones, l.open)
		}
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.mu.Lock()
	r.runner, r.running, r.runs = runner, running, set.print
	paused, until := r.state.Paused, r.state.Until
	newest := r.set
	r.mu.Unlock()
	var ended sync.WaitGroup
	ended.Go(func() { runner.Run(running) })
	defer ended.Wait()
	if newest != set && newest.print == set.print { // it has changed meanwhile
		runner.Configure(running, newest.config)
	}
	if paused { // a pause outlasts a sign-out
		runner.Tell(running, engine.PauseUntil{Until: until})
	}
	finish := func(because engine.Kind) {
		stop(engine.Ends(because))
		ended.Wait()
	}
	select {
	case <-ctx.Done():
	case <-r.quit:
	case <-r.restarts:
		finish(engine.SettingsChanged)
		set.client.CloseIdleConnections()
		r.forget()
		again = true
	case h := <-r.handover:
		finish(engine.SignInChanged)
		err := r.handOver(h)
		r.mu.Lock()
		r.signIn = nil
		r.mu.Unlock()
		r.forget()
		h.answer <- err
		again = true
	}
	stop(nil)
	return again
}

// forget leaves nothing known of either side.
func (r *Resident) forget() {
	r.mu.Lock()
	r.state = engine.State{Paused: r.state.Paused, Until: r.state.Until}
	clear(r.since)
	r.mu.Unlock()
	r.refresh()
}

// observe takes the engine's newest state and reasons. It is called from the engine's goroutine.
func (r *Resident) observe(of *setup, s engine.State, why []engine.Reason) {
	r.mu.Lock()
	if of.print != r.set.print { // on its way out
		r.state.Paused, r.state.Until = s.Paused, s.Until
	} else {
		r.state = s
	}
	r.sight(time.Now())
	for _, reason := range why {
		shown := r.showReason(reason)
		r.o.Log.Info(shown.Sentence, "kind", shown.Kind, "took", reason.Took)
		r.reasons = append(r.reasons, shown)
		r.keep(reason, shown)
	}
	if n := len(r.reasons) - keepReasons; n > 0 {
		r.reasons = slices.Delete(r.reasons, 0, n)
	}
	r.mu.Unlock()
	r.refresh()
}

const keepReasons = 200

// sight notes since when each side shows what it shows. Its caller holds r.mu.
func (r *Resident) sight(now time.Time) {
	note := func(side, what string) {
		if last, ok := r.since[side]; what != "" && (!ok || last.what != what) {
			r.since[side] = sighting{what, now}
		}
	}
	if r.state.Teams.Known {
		note(engine.TeamsSide, r.state.Teams.Shown.String())
	}
	for i, p := range r.set.config.Phones {
		if i < len(r.state.Phones) && r.state.Phones[i].Known {
			note(p.ID, cmp.Or(r.state.Phones[i].Shown.Happening, r.state.Phones[i].Shown.Chosen))
		}
	}
}
