package resident

import (
	"context"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// chosenFor is how long a status that the person sets here stands in Teams, as long as Teams itself keeps one.
const chosenFor = 24 * time.Hour

// chosenPair is what a choice is called in Teams.
func chosenPair(c local.Choice) (presence.Pair, bool) {
	p, ok := map[local.Choice]presence.Pair{local.ChooseAvailable: presence.Available, local.ChooseBusy: presence.Busy,
		local.ChooseDoNotDisturb: presence.DoNotDisturb, local.ChooseBeRightBack: presence.BeRightBack,
		local.ChooseAway: presence.Away, local.ChooseOffline: presence.AppearOffline}[c]
	return p, ok
}

// SetStatus sets a status on both sides, as the person's own hand would: it is no hold of Offhook's, and stands
// until they choose another. Available is the absence of a choice, so it takes back what is chosen.
func (r *Resident) SetStatus(ctx context.Context, set local.SetStatus) local.Result {
	pair, ok := chosenPair(set.Choice)
	if !ok {
		return result(&problem.Problem{Kind: problem.Refused, What: problem.Say("“{text}” is no status", "text", set.Choice),
			Do: problem.Say("Choose one of: {list}", "list", choiceNames())}, "offhook")
	}
	now := r.now()
	if now.problem != nil {
		return local.Result{Problem: now.problem}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if _, signedIn := now.teams.Account(); !signedIn {
		return result(&problem.Problem{Kind: problem.SignedOut, What: problem.Say("Nobody is signed in to Microsoft"), Do: problem.Say("Sign in")}, whereAccount)
	}
	var err error
	if pair == presence.Available {
		err = now.teams.ClearPreferred(ctx)
	} else {
		err = now.teams.SetPreferred(ctx, pair, chosenFor)
	}
	if err != nil {
		return result(err, engine.TeamsSide)
	}
	now.teams.Nudge("you set your status")
	done := local.Result{OK: true}
	for _, l := range now.phones {
		if note := r.choose(ctx, l, pair); !note.IsZero() {
			done.Add(note)
		}
	}
	return done
}

// choose sets the status on one phone, where the engine does not do it by the mapping's row; it says what
// stands in the way.
func (r *Resident) choose(ctx context.Context, l line, pair presence.Pair) (note problem.Text) {
	r.mu.Lock()
	view, known := r.view(l.id)
	silent := r.state.Paused || r.state.Closed
	r.mu.Unlock()
	if l.open == nil || !known || !view.Known {
		return problem.Say("{phone} cannot be reached now", "phone", l.title)
	}
	if limited, ok := l.open.(phone.Reader); !l.system.Capabilities.Writes || ok && limited.ReadOnly() {
		return problem.Say("{phone} cannot be set from outside", "phone", l.title)
	}
	row := l.mapping.Phone(pair)
	if !row.Unchanged() && !silent && pair != presence.Available {
		return note // the engine does it, as for any choice in Teams
	}
	status := row.To
	if row.Unchanged() {
		status = sameMeaning(l.mapping, pair)
	}
	if status == "" || status == view.Shown.Chosen {
		return note
	}
	if back := l.mapping.Teams(status); !back.Unchanged() && back.To != pair {
		return problem.Say("{phone} stays as it is: its {status} would make Teams show {state}", "phone", l.title, "status", status, "state", problem.Say(title(back.To)))
	}
	if err := l.open.Write(ctx, status); err != nil {
		return problem.Say("{phone} could not be set: {problem}", "phone", l.title, "problem", problem.Of(err).Text())
	}
	return note
}

// sameMeaning is a phone's own word for what a choice in Teams means.
func sameMeaning(m presence.Mapping, pair presence.Pair) string {
	state, ok := presence.Lookup(pair)
	for _, s := range m.Statuses {
		if ok && s.Writable && !s.Activity && s.Means == state.Means {
			return s.Name
		}
	}
	return ""
}

func choiceNames() string {
	var names []string
	for _, c := range local.Choices() {
		names = append(names, c.To)
	}
	return strings.Join(names, ", ")
}
