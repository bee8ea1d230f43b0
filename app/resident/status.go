package resident

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/teams"
)

// Status is everything known of now.
func (r *Resident) Status() local.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.timed(r.status)
}

// timed adds what changes with every moment.
func (r *Resident) timed(s local.Status) local.Status {
	if r.set.teams != nil {
		next, because := r.set.teams.Next()
		s.Teams.Because, s.Teams.Pace = because, showPace(r.set.teams.Pace())
		if !next.IsZero() {
			s.Teams.NextReadIn = max(0, time.Until(next).Seconds())
		}
		s.Teams.Requests = r.requests()
	}
	return s
}

// Follow sends the status now and at each change, the newest only, until ctx ends.
func (r *Resident) Follow(ctx context.Context) <-chan local.Status {
	ch := make(chan local.Status, 1)
	r.mu.Lock()
	r.followers[ch] = true
	ch <- r.timed(r.status)
	r.mu.Unlock()
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.followers, ch)
		close(ch)
	})
	return ch
}

// refresh makes the status anew, and tells it where it has changed.
func (r *Resident) refresh() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	next := r.compose(now)
	next.Changed = r.status.Changed
	news := next.Changed.IsZero() || !reflect.DeepEqual(lasting(next), lasting(r.status))
	if news {
		next.Changed = now
	}
	r.status = next
	if !news {
		return
	}
	next = r.timed(next)
	for ch := range r.followers {
		select {
		case <-ch: // the follower gets the newest only
		default:
		}
		ch <- next
	}
}

// lasting leaves out when the sides were read: that alone is no news.
func lasting(s local.Status) local.Status {
	s.Teams.Read = time.Time{}
	s.Problem, s.Account.Problem, s.Teams.Problem = plain(s.Problem), plain(s.Account.Problem), plain(s.Teams.Problem)
	s.Phones = slices.Clone(s.Phones)
	for i := range s.Phones {
		s.Phones[i].Read = time.Time{}
	}
	return s
}

// plain leaves out the ids of the request that failed: the next one fails with others.
func plain(p *local.Problem) *local.Problem {
	if p == nil {
		return nil
	}
	without := *p
	without.Support = ""
	return &without
}

func (r *Resident) compose(now time.Time) local.Status {
	s := local.Status{Version: r.o.Version, Account: r.account(), Phones: []local.Phone{}, DemoPage: r.o.DemoPage}
	s.Reasons = slices.Clone(r.reasons)
	if s.Reasons == nil {
		s.Reasons = []local.Reason{}
	}
	s.Teams = r.teamsStatus()
	for _, l := range r.set.phones {
		s.Phones = append(s.Phones, r.phoneStatus(l))
	}
	if r.state.Paused {
		s.Paused = &local.Pause{Until: r.state.Until}
	}
	if r.state.Closed && r.set.config.Hours != nil {
		_, s.Closed = r.set.config.Hours(now)
	}
	if p := s.Teams.Problem; p != nil && p.Kind == string(problem.SignedOut) {
		s.Account.SignedIn = false
	}
	s.Setup, s.NoTray = r.setup(s), r.noTray
	s.Problem = worst(s, cmp.Or(r.set.problem, r.stray))
	s.Synced = s.Problem == nil && s.Paused == nil && s.Closed.IsZero() && s.Account.SignedIn && s.Teams.Known &&
		!slices.ContainsFunc(s.Phones, func(p local.Phone) bool { return !p.Known })
	s.Look, s.Sentence = look(s, now)
	if s.DifferWhy = differ(s); s.DifferWhy != nil {
		s.Differ = s.DifferWhy.Sentence
	}
	return s
}

// worst is the problem to show first: the settings', then the sign-in's, then what cannot be reached.
func worst(s local.Status, ofSettings *local.Problem) *local.Problem {
	switch {
	case ofSettings != nil:
		return ofSettings
	case s.Account.Problem != nil && !s.Account.SignedIn:
		return s.Account.Problem
	case s.Teams.Problem != nil:
		return s.Teams.Problem
	}
	for _, p := range s.Phones {
		if p.Problem != nil {
			return p.Problem
		}
	}
	if len(s.Phones) == 0 {
		return local.Tell(&problem.Problem{Kind: problem.Settings,
			What: problem.Say("No phone is set up, so there is nothing to keep in step with Teams"),
			Do:   problem.Say("Add one under phones in {file}; offhook phones list tells which there are", "file", settings.File)}, whereSettings)
	}
	return nil
}

// look chooses the icon, and puts the state into one sentence.
func look(s local.Status, now time.Time) (local.Look, string) {
	p := s.Problem
	switch {
	case s.Account.SigningIn != "" && !s.Account.SignedIn:
		return local.LookSignedOut, "Signing in"
	case !s.Account.SignedIn && p != nil && (p.Where == whereSettings || p.Where == whereAccount):
		return local.LookSignedOut, p.What
	case !s.Account.SignedIn:
		return local.LookSignedOut, "Nobody is signed in to Microsoft"
	case p != nil:
		return local.LookUnreachable, p.What
	case s.Paused != nil:
		return local.LookPaused, Paused(s.Paused.Until, now)
	case !s.Closed.IsZero():
		return local.LookPaused, "Outside your hours until " + s.Closed.Local().Format("Monday 15:04")
	case !s.Synced:
		return local.LookAway, "Starting: not everything has been read yet"
	}
	sentence := "In step. Teams: " + s.Teams.Title
	for _, p := range s.Phones {
		sentence += ", " + p.Title + ": " + p.Status
	}
	switch s.Teams.Means {
	case presence.MeansDoNotDisturb.String():
		return local.LookDisturb, sentence
	case presence.MeansBusy.String():
		return local.LookBusy, sentence
	case presence.MeansAway.String():
		return local.LookAway, sentence
	}
	return local.LookSynced, sentence
}

// Paused tells how long a pause lasts.
func Paused(until, now time.Time) string {
	until, now = until.Local(), now.Local()
	switch {
	case until.IsZero():
		return "Paused until you resume"
	case until.YearDay() == now.YearDay() && until.Year() == now.Year():
		return "Paused until " + until.Format("15:04")
	}
	return "Paused until " + until.Format("Monday 2 January, 15:04")
}

func (r *Resident) account() local.Account {
	a := local.Account{Problem: show(r.signIn, whereAccount, time.Time{})}
	if r.set.teams == nil {
		return a
	}
	a.Consent = r.consent()
	if who, ok := r.set.teams.Account(); ok {
		a.SignedIn, a.Name = true, who.Name
	}
	if way := r.attempt; way != nil {
		a.SigningIn, a.Code, a.CodeURL, a.CodeUntil = way.how, way.code.Code, way.code.URL, way.code.Until
	}
	if err := r.o.Secrets.Kept(); err != nil {
		a.NotKept = err.Error()
	} else {
		a.Kept = true
	}
	return a
}

func (r *Resident) teamsStatus() local.Teams {
	t := r.state.Teams
	s := local.Teams{Known: t.Known, Problem: show(t.Problem, engine.TeamsSide, t.LostAt), Read: t.Asked}
	if p := t.Problem; p != nil && (p.Kind == problem.SignedOut || p.Kind == problem.Keyring) {
		s.Problem.Where = whereAccount
	}
	if t.Known {
		s.Since = r.since[engine.TeamsSide].at
		s.Availability, s.Activity, s.Title = t.Shown.Availability, t.Shown.Activity, title(t.Shown)
		if state, ok := presence.Lookup(t.Shown); ok {
			s.Means, s.OutOfOffice = state.Means.String(), state.Pair == presence.OutOfOffice
		}
	}
	held := t.Session
	if t.Preferred.Is() {
		held = t.Preferred
	}
	if held.Is() {
		s.Held = &local.Hold{Shows: title(held.Shows), Before: title(held.Before),
			Cause: r.name(held.Cause.Side) + ": " + held.Cause.State, Since: held.Since, Until: held.Until}
	}
	return s
}

func (r *Resident) phoneStatus(l line) local.Phone {
	s := local.Phone{ID: l.id, System: l.system.ID, Title: l.title, Capabilities: l.system.Capabilities,
		Proof: l.system.Proof, Problem: show(l.problem, l.id, time.Time{})}
	s.ToPhone, s.ToTeams = r.set.ownRows(l)
	p, ok := r.view(l.id)
	if !ok {
		return s
	}
	if p.Problem != nil {
		s.Problem = show(p.Problem, l.id, p.LostAt)
	}
	s.SignIn, s.Problem = r.phoneSignIn(l, p, s.Problem)
	s.Known, s.Read = p.Known, p.Read
	if p.Known {
		s.Since = r.since[l.id].at
		s.Happening, s.Chosen = p.Shown.Happening, p.Shown.Chosen
		s.Status = cmp.Or(s.Happening, s.Chosen)
		if status, ok := l.mapping.Status(s.Status); ok {
			s.Means = status.Means.String()
		}
		apply(s.ToTeams, s.Status)
	}
	if t := r.state.Teams; t.Known {
		apply(s.ToPhone, t.Shown.String())
	}
	if p.Hold.Is() {
		cause := p.Hold.Cause.State
		if pair, err := presence.ParsePair(cause); err == nil {
			cause = title(pair)
		}
		s.Held = &local.Hold{Shows: p.Hold.Shows, Before: p.Hold.Before, Cause: "Teams: " + cause, Since: p.Hold.Since}
	}
	return s
}

// title is how Teams names a pair; none for none.
func title(p presence.Pair) string {
	switch state, ok := presence.Lookup(p); {
	case ok:
		return state.Title
	case p == presence.Pair{}:
		return ""
	}
	return p.String()
}

// view finds what the engine knows of a phone.
func (r *Resident) view(id string) (engine.PhoneView, bool) {
	for i, p := range r.set.config.Phones {
		if p.ID == id && i < len(r.state.Phones) {
			return r.state.Phones[i], true
		}
	}
	return engine.PhoneView{}, false
}

// name is how the person knows a side.
func (r *Resident) name(side string) string {
	if side == engine.TeamsSide {
		return "Teams"
	}
	for _, l := range r.set.phones {
		if l.id == side {
			return l.title
		}
	}
	return side
}

func (r *Resident) showReason(e engine.Reason) local.Reason { return shownReason(e, r.name) }

// shownReason is a decision as the door tells it, with all that its sentence is made of.
func shownReason(e engine.Reason, name engine.Names) local.Reason {
	with := map[string]any{}
	for key, value := range map[string]string{"shows": e.Shows, "source": e.Source, "state": e.State, "why": e.Why} {
		if value != "" {
			with[key] = value
		}
	}
	if e.Problem != nil {
		with["problem"], with["what"] = string(e.Problem.Kind), e.Problem.Error()
	}
	if !e.Until.IsZero() {
		with["until"] = e.Until.Format(time.RFC3339)
	}
	shown := local.Reason{At: e.At, Kind: string(e.Kind), Where: cmp.Or(e.Side, "offhook"), Sentence: e.Sentence(name),
		TookMS: e.Took.Milliseconds(), With: with}
	if e.Problem != nil {
		shown.Told = e.Problem.Text()
	}
	return shown
}

func show(p *problem.Problem, where string, since time.Time) *local.Problem {
	if p == nil {
		return nil
	}
	s := local.Tell(p, where)
	s.Support = teams.Support(p)
	if !since.IsZero() {
		s.Since = since.Format(time.RFC3339)
	}
	return s
}
