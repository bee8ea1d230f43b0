// Package resident is what runs all day: it puts settings, secrets, Teams, the phones and the engine
// together, and answers the door (app/local). It knows all of them and no screen.
package resident

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/journal"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/presence"
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

	OpenURL    func(string) error // shows a page in the person's browser
	OpenWindow func() error       // opens the settings window
	DemoPage   string             // the page of the simulated worlds, in a demo
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
	teams    *teams.Side // nil when the settings do not say enough
	phones   []line
	config   engine.Config
	signOuts chan chan error
	started  chan struct{} // closed once Run has begun
	quit     chan struct{}
	quitOnce sync.Once
	signing  sync.Mutex     // one sign-in or sign-out begins at a time
	working  sync.WaitGroup // the sign-in under way

	mu        sync.Mutex
	runner    *engine.Runner  // nil before the first runs
	running   context.Context // ends when runner is to end
	state     engine.State
	reasons   []local.Reason
	problem   *local.Problem   // of the settings: nothing runs
	signIn    *problem.Problem // why the last sign-in failed
	attempt   *attempt         // nil while no sign-in is under way
	status    local.Status
	followers map[chan local.Status]bool
	life      context.Context
}

// line is one phone of the settings; open is nil when it could not be opened.
type line struct {
	id, title string
	system    phone.System
	mapping   presence.Mapping
	open      phone.Phone
	problem   *problem.Problem
}

// New reads the settings and gets everything ready. It does not fail: what is wrong stands in the status,
// and then nothing is read or written.
func New(o Options) *Resident {
	r := &Resident{o: o, keeper: journal.In(o.Folder), signOuts: make(chan chan error),
		started: make(chan struct{}), quit: make(chan struct{}), followers: map[chan local.Status]bool{}}
	if err := r.prepare(); err != nil {
		p := problem.Of(err)
		r.problem = show(p, whereSettings, time.Now())
		o.Log.Error("nothing is read or written", "problem", p)
	}
	r.refresh()
	return r
}

func (r *Resident) prepare() error {
	set, err := settings.Load(r.o.Folder)
	if err != nil {
		return err
	}
	if set.Account.ClientID == "" {
		return &problem.Problem{Kind: problem.Settings, What: "No app registration is set, so nobody can sign in",
			Do: "Put account.client_id into " + settings.File + "; the README says how to make one's own"}
	}
	client, err := HTTPClient(set.Account.RootCertificate)
	if err != nil {
		return err
	}
	systems, bad := catalog.Load(r.o.Folder)
	if bad != nil {
		r.o.Log.Warn("a phone system's file is left out", "problem", bad)
	}
	for _, p := range set.Phones {
		r.phones = append(r.phones, r.openPhone(systems, bad, p, client))
	}
	r.teams, err = teams.New(teams.Config{ClientID: set.Account.ClientID, Tenant: set.Account.Tenant,
		Authority: set.Account.Authority, Graph: set.Account.Graph, InstanceDiscovery: true,
		HTTP: client, Secrets: r.o.Secrets, Log: r.o.Log})
	if err != nil {
		return err
	}
	r.config = engine.Config{SessionFor: set.Timing.Session, PreferredFor: set.Timing.Preferred,
		Settle: set.Timing.Settle, Message: set.StatusMessage}.Defaults()
	week, err := set.Hours.Week()
	if err != nil {
		return err
	}
	if !week.Always() {
		r.config.Hours = week.At
	}
	for _, l := range r.phones {
		if l.open != nil {
			limited, ok := l.open.(phone.Reader)
			r.config.Phones = append(r.config.Phones, engine.PhoneConfig{ID: l.id, Mapping: l.mapping,
				Writes: l.system.Capabilities.Writes && !(ok && limited.ReadOnly()), Polled: !l.system.Capabilities.Events})
		}
	}
	return nil
}

// HTTPClient makes the client for everything: it goes through the system's proxy and trusts the root certificate in
// a file besides the system's; no file, none.
func HTTPClient(rootFile string) (*http.Client, error) {
	var root []byte
	if rootFile != "" {
		var err error
		if root, err = os.ReadFile(rootFile); err != nil {
			return nil, &problem.Problem{Kind: problem.Settings, Err: err,
				What: "The root certificate " + rootFile + " cannot be read",
				Do:   "Correct account.root_certificate in " + settings.File}
		}
	}
	return teams.NewHTTPClient(root)
}

// openPhone makes a phone of its settings; a problem stays with the phone, the others go on.
func (r *Resident) openPhone(systems *catalog.Catalog, bad error, p settings.Phone, client *http.Client) line {
	l := line{id: p.ID, title: p.Title}
	fail := func(err error) line {
		l.problem = problem.Of(err)
		if l.title == "" {
			l.title = p.ID
		}
		return l
	}
	system, err := systems.System(p.System)
	if err != nil && bad != nil { // the file that should describe it may be the one that is wrong
		wrong := problem.Of(bad)
		err = &problem.Problem{Kind: problem.Settings, Err: errors.Join(err, bad),
			What: fmt.Sprintf("There is no phone system %q: %s", p.System, strings.Replace(wrong.What, "The ", "the ", 1)), Do: wrong.Do}
	}
	if err != nil {
		return fail(err)
	}
	l.system = system
	if l.title == "" {
		l.title = system.Title
	}
	if l.mapping, err = Mapping(p, system); err != nil {
		return fail(err)
	}
	fields := maps.Clone(p.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	for _, f := range system.Fields {
		if !f.Secret {
			continue
		}
		if fields[f.Name] != "" {
			return fail(&problem.Problem{Kind: problem.Settings,
				What: fmt.Sprintf("The field %s of %s is secret and must not stand in %s", f.Name, l.title, settings.File),
				Do:   fmt.Sprintf("Take it out and run: offhook phones secret %s %s", p.ID, f.Name)})
		}
		if v := os.Getenv(SecretVariable(p.ID, f.Name)); v != "" {
			fields[f.Name] = v
		} else if v, ok := r.o.Secrets.Get(SecretName(p.ID, f.Name)); ok {
			fields[f.Name] = string(v)
		} else if !f.Optional {
			return fail(&problem.Problem{Kind: problem.Settings, What: fmt.Sprintf("%s of %s is not known", f.Label, l.title),
				Do: fmt.Sprintf("Run: offhook phones secret %s %s", p.ID, f.Name)})
		}
	}
	if l.open, err = systems.Open(p.System, catalog.Options{ID: p.ID, Fields: fields, HTTP: client, Log: r.o.Log, Secrets: r.o.Secrets}); err != nil {
		return fail(err)
	}
	return l
}

// Mapping is a phone's mapping: its system's, with the person's own rows.
func Mapping(p settings.Phone, system phone.System) (presence.Mapping, error) {
	m, err := p.Mapping.Apply(system.Offered())
	if err != nil {
		return m, &problem.Problem{Kind: problem.Settings, Err: err,
			What: fmt.Sprintf("The mapping of %s in %s is not right: %v", p.ID, settings.File, err), Do: "Correct that row"}
	}
	return m, nil
}

// SecretName is a phone's secret in the sealed store.
func SecretName(phone, field string) string { return "phone/" + phone + "/" + field }

// SecretVariable is the environment variable that stands in for a phone's secret where there is no keyring.
func SecretVariable(phone, field string) string {
	return "OFFHOOK_SECRET_" + strings.ToUpper(strings.NewReplacer("-", "_").Replace(phone+"_"+field))
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
	}()
	if r.problem != nil {
		select {
		case <-ctx.Done():
		case <-r.quit:
		}
		return
	}
	for r.runOnce(ctx) {
	}
}

// runOnce runs the engine until the end, or until somebody signs out: then it answers true.
func (r *Resident) runOnce(ctx context.Context) (again bool) {
	held, err := r.keeper.Load()
	if err != nil {
		r.o.Log.Error("what an earlier run held is not known", "problem", err)
	}
	runner := &engine.Runner{Config: r.config, Teams: r.teams, Keeper: r.keeper, Journal: held, Observe: r.observe}
	for _, l := range r.phones {
		if l.open != nil {
			runner.Phones = append(runner.Phones, l.open)
		}
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	r.mu.Lock()
	r.runner, r.running = runner, running
	paused, until := r.state.Paused, r.state.Until
	r.mu.Unlock()
	var ended sync.WaitGroup
	ended.Go(func() { runner.Run(running) })
	defer ended.Wait()
	if paused { // a pause outlasts a sign-out
		runner.Tell(running, engine.PauseUntil{Until: until})
	}
	select {
	case <-ctx.Done():
	case <-r.quit:
	case answer := <-r.signOuts:
		stop()
		ended.Wait()
		err := r.teams.SignOut(ctx)
		r.mu.Lock()
		r.state = engine.State{Paused: r.state.Paused, Until: r.state.Until} // nothing is known any more
		r.signIn = nil
		r.mu.Unlock()
		r.refresh()
		answer <- err
		again = true
	}
	stop()
	return again
}

// observe takes the engine's newest state and reasons. It is called from the engine's goroutine.
func (r *Resident) observe(s engine.State, why []engine.Reason) {
	r.mu.Lock()
	r.state = s
	for _, reason := range why {
		shown := r.showReason(reason)
		r.o.Log.Info(shown.Sentence, "kind", shown.Kind, "took", reason.Took)
		r.reasons = append(r.reasons, shown)
	}
	if n := len(r.reasons) - keepReasons; n > 0 {
		r.reasons = slices.Delete(r.reasons, 0, n)
	}
	r.mu.Unlock()
	r.refresh()
}

const keepReasons = 200
