// Package notice tells the person, by a notification of their desktop, that they must act: once for each
// reason, with the action in it, and never for what mends itself. It knows the resident by its status alone.
package notice

import (
	"context"
	"log/slog"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/sync/problem"
)

// Need is something that only the person can mend.
type Need struct {
	Key   string        // what it is about: the same need is told once
	Title string        //
	Body  string        //
	Label string        // of the action
	Page  string        // the window's page that the action opens; empty: it signs in
	Phone string        // to which it signs in; empty: to Teams
	After time.Duration // how long it must last before it is told
}

// aWhile is how long a phone may be out of reach before that is worth a word: networks come and go.
const aWhile = 10 * time.Minute

// Needs lists what the person must see to, given how things are.
func Needs(w *words.Words, s local.Status) (needs []Need) {
	if s.Paused != nil || !s.Closed.IsZero() {
		return nil
	}
	s = w.Named(s)
	if p := s.Problem; p != nil && p.Kind == string(problem.Keyring) {
		t := w.Problem(p)
		needs = append(needs, Need{Key: "keyring", Title: t.What, Body: t.Do, Label: w.T("Open Offhook"), Page: "account"})
	}
	for _, p := range []*local.Problem{s.Teams.Problem, s.Account.Problem} {
		if p != nil && p.Kind == string(problem.SignedOut) && s.Account.Name != "" && s.Account.SigningIn == "" {
			t := w.Problem(p)
			return append(needs, Need{Key: "sign-in", Title: t.What, Body: t.Do, Label: w.T("Sign in")})
		}
	}
	for _, phone := range s.Phones {
		if phone.Problem == nil {
			continue
		}
		t := w.Problem(phone.Problem)
		n := Need{Key: "phone " + phone.ID, Title: phone.Title + ": " + t.What, Body: t.Do, Label: w.T("Open Offhook"), Page: "phones"}
		switch problem.Kind(phone.Problem.Kind) {
		case problem.PhoneSignedOut:
			if phone.SignIn != local.PhoneSignInNeeded {
				continue // it is under way
			}
			n.Key, n.Label, n.Page, n.Phone = "sign-in "+phone.ID, w.T("Sign in"), "", phone.ID
		case problem.BadLogin, problem.Forbidden:
		case problem.Unreachable, problem.Certificate, problem.Server:
			n.After = aWhile
		default:
			continue
		}
		needs = append(needs, n)
	}
	return needs
}

// Desktop shows notifications. Show answers how to take one back; acted is called when the person chooses the
// action, at most once, and never after the notice is gone.
type Desktop interface {
	Show(n Need, acted func()) (takeBack func(), err error)
}

// Resident is what a notice needs of it.
type Resident interface {
	Follow(ctx context.Context) <-chan local.Status
	ReadSettings(ctx context.Context) local.Settings
	SignIn(ctx context.Context, how local.SignIn) local.Result
	SignInPhone(ctx context.Context, phone string) local.Result
	OpenWindow(ctx context.Context, o local.Open) local.Result
}

// told is a need that is there now.
type told struct {
	since    time.Time
	shown    bool
	takeBack func()
}

// Run tells what the person must see to until ctx ends. Nothing wakes it but a change of status and the moment
// at which something has lasted long enough.
func Run(ctx context.Context, r Resident, d Desktop, log *slog.Logger) {
	spoken := words.Follow(func() string { return r.ReadSettings(ctx).General.Language })
	there := map[string]*told{}
	statuses := r.Follow(ctx)
	var due <-chan time.Time
	var last local.Status
	for {
		select {
		case s, ok := <-statuses:
			if !ok {
				return
			}
			last = s
		case <-due:
		case <-ctx.Done():
			for _, t := range there {
				t.end()
			}
			return
		}
		due = nil
		next := time.Duration(-1)
		now := time.Now()
		needs := Needs(spoken(), last)
		forget(there, needs)
		for _, n := range needs {
			t := there[n.Key]
			if t == nil {
				t = &told{since: now}
				there[n.Key] = t
			}
			switch wait := t.since.Add(n.After).Sub(now); {
			case t.shown:
			case wait > 0:
				if next < 0 || wait < next {
					next = wait
				}
			default:
				t.shown = true
				if !r.ReadSettings(ctx).General.Notifications {
					continue
				}
				takeBack, err := d.Show(n, func() { act(ctx, r, n, log) })
				if err != nil {
					log.Debug("a notification is not shown", "error", err)
					continue
				}
				t.takeBack = takeBack
			}
		}
		if next >= 0 {
			due = time.After(next)
		}
	}
}

// forget takes back what is mended.
func forget(there map[string]*told, needs []Need) {
	for key, t := range there {
		still := false
		for _, n := range needs {
			still = still || n.Key == key
		}
		if !still {
			t.end()
			delete(there, key)
		}
	}
}

func (t *told) end() {
	if t.takeBack != nil {
		t.takeBack()
		t.takeBack = nil
	}
}

func act(ctx context.Context, r Resident, n Need, log *slog.Logger) {
	result := local.Result{}
	switch {
	case n.Phone != "":
		result = r.SignInPhone(ctx, n.Phone)
	case n.Page == "":
		result = r.SignIn(ctx, local.SignIn{})
	default:
		result = r.OpenWindow(ctx, local.Open{Page: n.Page})
	}
	if !result.OK && result.Problem != nil {
		log.Warn("the notification's action did not work", "problem", result.Problem.What)
	}
}
