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
)

// Status is everything known of now.
func (r *Resident) Status() local.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.status
	if r.teams != nil {
		if next, because := r.teams.Next(); !next.IsZero() {
			s.Teams.NextReadIn, s.Teams.Because = max(0, time.Until(next).Seconds()), because
		}
	}
	return s
}

// Follow sends the status now and at each change, the newest only, until ctx ends.
func (r *Resident) Follow(ctx context.Context) <-chan local.Status {
	ch := make(chan local.Status, 1)
	r.mu.Lock()
	r.followers[ch] = true
	ch <- r.status
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
	next := r.compose(time.Now())
	last := r.status
	next.Changed = last.Changed
	next.Teams.Read, last.Teams.Read = time.Time{}, time.Time{}
	for i := range min(len(next.Phones), len(last.Phones)) {
		next.Phones[i].Read = time.Time{}
	}
	if !last.Changed.IsZero() && reflect.DeepEqual(next, last) {
		return
	}
	next.Changed = time.Now()
	r.status = next
	for ch := range r.followers {
		select {
		case <-ch: // the follower gets the newest only
		default:
		}
		ch <- next
	}
}

func (r *Resident) compose(now time.Time) local.Status {
	s := local.Status{Version: r.o.Version, Account: r.account(), Phones: []local.Phone{}, DemoPage: r.o.DemoPage}
	s.Reasons = slices.Clone(r.reasons)
	if s.Reasons == nil {
		s.Reasons = []local.Reason{}
	}
	s.Teams = r.teamsStatus()
	for i, l := range r.phones {
		s.Phones = append(s.Phones, r.phoneStatus(i, l))
	}
	if r.state.Paused {
		s.Paused = &local.Pause{Until: r.state.Until}
	}
	if s.Teams.Problem != nil && s.Teams.Problem.Kind == string(problem.SignedOut) {
		s.Account.SignedIn = false
	}
	s.Problem = worst(s, r.problem)
	s.Synced = s.Problem == nil && s.Paused == nil && s.Account.SignedIn && s.Teams.Known &&
		!slices.ContainsFunc(s.Phones, func(p local.Phone) bool { return !p.Known })
	s.Look, s.Sentence = look(s)
	return s
}

// worst is the problem to show first: the settings', then the sign-in's, then what cannot be reached.
func worst(s local.Status, ofSettings *local.Problem) *local.Problem {
	if ofSettings != nil {
		return ofSettings
	}
	if s.Teams.Problem != nil {
		return s.Teams.Problem
	}
	for _, p := range s.Phones {
		if p.Problem != nil {
			return p.Problem
		}
	}
	return nil
}

// look chooses the icon, and puts the state into one sentence.
func look(s local.Status) (local.Look, string) {
	switch {
	case s.Account.SigningIn != "":
		return local.LookSignedOut, "Signing in"
	case s.Problem != nil && (s.Problem.Where == "settings" || s.Problem.Where == "account"),
		s.Problem != nil && s.Problem.Kind == string(problem.SignedOut):
		return local.LookSignedOut, s.Problem.What
	case !s.Account.SignedIn:
		return local.LookSignedOut, "Nobody is signed in"
	case s.Problem != nil:
		return local.LookUnreachable, s.Problem.What
	case s.Paused != nil && s.Paused.Until.IsZero():
		return local.LookPaused, "Paused until you resume"
	case s.Paused != nil:
		return local.LookPaused, "Paused until " + s.Paused.Until.Local().Format("15:04")
	case !s.Synced:
		return local.LookAway, "Starting: not everything has been read yet"
	}
	sentence := "In step. Teams: " + s.Teams.Title
	for _, p := range s.Phones {
		sentence += ", " + p.Title + ": " + p.Status
	}
	pair := presence.NewPair(s.Teams.Availability, s.Teams.Activity)
	state, _ := presence.State(presence.Presence{Pair: pair, OutOfOffice: s.Teams.OutOfOffice})
	switch state.Means {
	case presence.MeansDoNotDisturb:
		return local.LookDisturb, sentence
	case presence.MeansBusy:
		return local.LookBusy, sentence
	case presence.MeansAway:
		return local.LookAway, sentence
	}
	return local.LookSynced, sentence
}

func (r *Resident) account() local.Account {
	a := local.Account{SigningIn: r.signingIn}
	if r.teams == nil {
		return a
	}
	if who, ok := r.teams.Account(); ok {
		a.SignedIn, a.Name = true, who.Name
	}
	if r.signingIn == "device-code" {
		a.Code, a.CodeURL, a.CodeUntil = r.code.Code, r.code.URL, r.code.Until
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
	if r.signIn != nil {
		s.Problem = show(r.signIn, engine.TeamsSide, time.Time{})
	}
	if t.Known {
		s.Availability, s.Activity, s.Title = t.Shown.Availability, t.Shown.Activity, t.Shown.String()
		if state, ok := presence.Lookup(t.Shown); ok {
			s.Title, s.OutOfOffice = state.Title, state.Pair == presence.OutOfOffice
		}
	}
	held := t.Session
	if t.Preferred.Is() {
		held = t.Preferred
	}
	if held.Is() {
		s.Held = &local.Hold{Shows: held.Shows.String(), Before: held.Before.String(),
			Cause: r.name(held.Cause.Side) + ": " + held.Cause.State, Since: held.Since, Until: held.Until}
	}
	return s
}

func (r *Resident) phoneStatus(i int, l line) local.Phone {
	s := local.Phone{ID: l.id, System: l.system.ID, Title: l.title, Capabilities: l.system.Capabilities,
		Proof: l.system.Proof, Problem: show(l.problem, l.id, time.Time{})}
	s.ToPhone, s.ToTeams = Rows(l.mapping)
	p, ok := r.view(l.id)
	if !ok {
		return s
	}
	if p.Problem != nil {
		s.Problem = show(p.Problem, l.id, p.LostAt)
	}
	s.Known, s.Read = p.Known, p.Read
	if p.Known {
		s.Happening, s.Chosen = p.Shown.Happening, p.Shown.Chosen
		s.Status = cmp.Or(s.Happening, s.Chosen)
	}
	if p.Hold.Is() {
		cause := p.Hold.Cause.State
		if pair, err := presence.ParsePair(cause); err == nil {
			if state, ok := presence.Lookup(pair); ok {
				cause = state.Title
			}
		}
		s.Held = &local.Hold{Shows: p.Hold.Shows, Before: p.Hold.Before, Cause: "Teams: " + cause, Since: p.Hold.Since}
	}
	return s
}

// view finds what the engine knows of a phone.
func (r *Resident) view(id string) (engine.PhoneView, bool) {
	for i, p := range r.config.Phones {
		if p.ID == id && i < len(r.state.Phones) {
			return r.state.Phones[i], true
		}
	}
	return engine.PhoneView{}, false
}

// Rows makes a mapping's two tables ready to show, a row for each Teams state and each status.
func Rows(m presence.Mapping) (toPhone, toTeams []local.Row) {
	for _, state := range presence.TeamsStates() {
		row := m.Phone(state.Pair)
		toPhone = append(toPhone, local.Row{From: state.Pair.String(), FromTitle: state.Title,
			To: row.To, ToTitle: row.To, Unchanged: row.Unchanged(), Why: row.Why})
	}
	for _, status := range m.Statuses {
		row := m.Teams(status.Name)
		shown := local.Row{From: status.Name, FromTitle: status.Name, Unchanged: row.Unchanged(), Why: row.Why}
		if !row.Unchanged() {
			shown.To = row.To.String()
			if state, ok := presence.Lookup(row.To); ok {
				shown.ToTitle = state.Title
			}
		}
		toTeams = append(toTeams, shown)
	}
	return toPhone, toTeams
}

// name is how the person knows a side.
func (r *Resident) name(side string) string {
	if side == engine.TeamsSide {
		return "Teams"
	}
	for _, l := range r.phones {
		if l.id == side {
			return l.title
		}
	}
	return side
}

func (r *Resident) showReason(e engine.Reason) local.Reason {
	with := map[string]any{}
	for key, value := range map[string]string{"shows": e.Shows, "source": e.Source, "state": e.State, "why": e.Why} {
		if value != "" {
			with[key] = value
		}
	}
	if e.Problem != nil {
		with["problem"] = string(e.Problem.Kind)
	}
	return local.Reason{At: e.At, Kind: string(e.Kind), Where: cmp.Or(e.Side, "offhook"), Sentence: e.Sentence(r.name),
		TookMS: e.Took.Milliseconds(), With: with}
}

func show(p *problem.Problem, where string, since time.Time) *local.Problem {
	if p == nil {
		return nil
	}
	s := &local.Problem{Kind: string(p.Kind), Where: where, What: p.What, Do: p.Do}
	if !since.IsZero() {
		s.Since = since.Format(time.RFC3339)
	}
	return s
}
