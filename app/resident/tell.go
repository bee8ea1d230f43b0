package resident

import (
	"fmt"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
)

// This file puts into words how the two sides stand to each other, and what is still to be set up.

// apply marks the row of a table that applies now.
func apply(rows []local.Row, from string) {
	for i := range rows {
		rows[i].Applies = strings.EqualFold(rows[i].From, from)
	}
}

// differ says why a phone does not show what Teams shows, where that is so.
func differ(s local.Status) *local.Reason {
	if !s.Teams.Known || s.Paused != nil || !s.Closed.IsZero() {
		return nil
	}
	unchanged := func(side, source, state, why, sentence string) *local.Reason {
		return &local.Reason{Kind: string(engine.Unchanged), Where: side, Sentence: sentence,
			With: map[string]any{"source": source, "state": state, "why": why}}
	}
	for _, p := range s.Phones {
		if !p.Known || p.Means == s.Teams.Means || mapped(p) {
			continue
		}
		since := p.Since
		if s.Teams.Since.After(since) {
			since = s.Teams.Since
		}
		if why := lately(s.Reasons, p.ID, since); why != nil {
			return why
		}
		down, up := applying(p.ToPhone), applying(p.ToTeams)
		switch {
		case p.Happening == "" && down != nil && down.Unchanged:
			return unchanged(p.ID, engine.TeamsSide, s.Teams.Availability+"/"+s.Teams.Activity, down.Why,
				fmt.Sprintf("Teams: %s; %s unchanged: %s", s.Teams.Title, p.Title, down.Why))
		case up != nil && up.Unchanged:
			return unchanged(engine.TeamsSide, p.ID, p.Status, up.Why,
				fmt.Sprintf("%s: %s; Teams unchanged: %s", p.Title, p.Status, up.Why))
		}
		return &local.Reason{Sentence: "They differed before Offhook looked; that is left until you change one"}
	}
	return nil
}

func applying(rows []local.Row) *local.Row {
	for i := range rows {
		if rows[i].Applies {
			return &rows[i]
		}
	}
	return nil
}

// mapped tells whether one side shows what the other's row says: then they are in step, whatever they are called.
func mapped(p local.Phone) bool {
	down, up := applying(p.ToPhone), applying(p.ToTeams)
	return down != nil && !down.Unchanged && down.To == p.Status ||
		up != nil && down != nil && !up.Unchanged && up.To == down.From
}

// lately finds why a side was left alone since a moment.
func lately(reasons []local.Reason, phone string, since time.Time) *local.Reason {
	for i := len(reasons) - 1; i >= 0; i-- {
		r := reasons[i]
		if r.At.Before(since.Add(-time.Second)) {
			break
		}
		switch engine.Kind(r.Kind) {
		case engine.Unchanged, engine.OwnHandWins, engine.PersonChanged, engine.InUse, engine.Failed:
			if r.Where == phone || r.Where == engine.TeamsSide {
				return &r
			}
		}
	}
	return nil
}

// setup is what is missing until Offhook can do its work. Its caller holds r.mu.
func (r *Resident) setup(s local.Status) local.Setup {
	missing := []string{}
	if r.set.Account.ClientID == "" {
		missing = append(missing, "client-id")
	}
	if !s.Account.SignedIn {
		missing = append(missing, "sign-in")
	}
	if len(s.Phones) == 0 {
		missing = append(missing, "phone")
	}
	for _, p := range s.Phones {
		if p.SignIn == local.PhoneSignInNeeded || p.SignIn == local.PhoneSignInUnderWay {
			missing = append(missing, "phone-sign-in")
			break
		}
	}
	if !r.looked {
		missing = append(missing, "look")
	}
	return local.Setup{Missing: missing}
}

// NoTray notes why there is no tray icon; nil: there is one.
func (r *Resident) NoTray(p *local.Problem) {
	r.mu.Lock()
	r.noTray = p
	r.mu.Unlock()
	r.refresh()
}
