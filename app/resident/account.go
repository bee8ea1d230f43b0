package resident

import (
	"cmp"
	"context"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/teams"
)

// This file holds what happens when another person signs in, or out: what is held belongs to somebody's
// Teams, and is never given back in another's.

// handover is something to do between two runs of the engine: the one before has given back, as far as that
// was possible.
type handover struct {
	do     func() error
	answer chan error
}

// between ends the engine's run, does something, and lets the next begin.
func (r *Resident) between(ctx context.Context, do func() error) error {
	h := handover{do, make(chan error, 1)}
	select {
	case r.handover <- h:
		return <-h.answer
	case <-ctx.Done():
		return errEnding
	}
}

// handOver does it, and forgets what is still held in the Teams of whoever is no longer signed in: it ends by
// itself.
func (r *Resident) handOver(h handover) error {
	before := r.accountID()
	err := h.do()
	if held, loadErr := r.keeper.Load(); loadErr == nil && r.accountID() != before {
		if err := r.keeper.Save(held.WithoutTeams()); err != nil {
			r.o.Log.Error("what is held in the Teams of the one signed out is not forgotten", "problem", err)
		}
	}
	return err
}

// adopt lets in who has just signed in. If what is held is another's, that one's is given back first.
func (r *Resident) adopt(ctx context.Context, who teams.Account, take func() error) error {
	r.mu.Lock()
	others := r.heldFor != "" && r.heldFor != who.ID
	r.mu.Unlock()
	if others {
		return r.between(ctx, take)
	}
	if err := take(); err != nil {
		return err
	}
	r.mu.Lock()
	r.heldFor = who.ID
	r.mu.Unlock()
	return nil
}

func (r *Resident) accountID() string {
	side := r.now().teams
	if side == nil {
		return ""
	}
	who, _ := side.Account()
	return who.ID
}

// loadHeld is what an earlier run left, but for what is held in the Teams of somebody else.
func (r *Resident) loadHeld() engine.Journal {
	held, err := r.keeper.Load()
	if err != nil {
		r.o.Log.Error("what an earlier run held is not known", "problem", err)
	}
	id := r.accountID()
	if id != "" && held.Account != "" && held.Account != id {
		r.o.Log.Warn("what is held in somebody else's Teams is left to end by itself")
		held = held.WithoutTeams()
	}
	r.mu.Lock()
	r.heldFor = cmp.Or(id, held.Account)
	r.mu.Unlock()
	return held
}

// accountKeeper writes into the journal whose Teams it is about.
type accountKeeper struct{ r *Resident }

func (k accountKeeper) Save(held engine.Journal) error {
	k.r.mu.Lock()
	held.Account = k.r.heldFor
	k.r.mu.Unlock()
	return k.r.keeper.Save(held)
}

// consent is what to send to an administrator, where that is what the sign-in lacks. Its caller holds r.mu.
func (r *Resident) consent() *local.Consent {
	why := r.signIn
	if why == nil {
		why = r.state.Teams.Problem
	}
	if why == nil {
		return nil
	}
	switch why.State {
	case teams.AdminConsentNeeded, teams.AdminConsentAsked, teams.ConsentNeeded:
		c := r.set.teams.Consent()
		return &local.Consent{Link: c.Link, Text: c.Text}
	}
	return nil
}

// requests are the latest of Graph's.
func (r *Resident) requests() (list []local.Request) {
	for _, q := range r.set.teams.Requests() {
		list = append(list, local.Request{At: q.At, What: q.What, Status: q.Status, TookMS: q.Took.Milliseconds(),
			RequestID: q.RequestID, ClientRequestID: q.ClientRequestID})
	}
	return list
}
