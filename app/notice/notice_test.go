package notice

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// desk is a resident whose status the test sets.
type desk struct {
	statuses chan local.Status
	silent   bool
	asked    chan string
}

func newDesk() *desk { return &desk{statuses: make(chan local.Status), asked: make(chan string, 10)} }

func (d *desk) Follow(context.Context) <-chan local.Status { return d.statuses }
func (d *desk) ReadSettings(context.Context) local.Settings {
	return local.Settings{General: local.GeneralSettings{Notifications: !d.silent}}
}
func (d *desk) SignIn(context.Context, local.SignIn) local.Result {
	d.asked <- "sign in"
	return local.Result{OK: true}
}
func (d *desk) SignInPhone(_ context.Context, phone string) local.Result {
	d.asked <- "sign in to " + phone
	return local.Result{OK: true}
}
func (d *desk) OpenWindow(_ context.Context, o local.Open) local.Result {
	d.asked <- "open " + o.Page
	return local.Result{OK: true}
}

// board remembers what was shown and taken back.
type board struct {
	log  []string
	fail bool
}

func (b *board) Show(n Need, _ func()) (func(), error) {
	b.log = append(b.log, "+"+n.Key)
	if b.fail {
		return nil, errors.New("no server")
	}
	return func() { b.log = append(b.log, "-"+n.Key) }, nil
}

func signedIn(change func(*local.Status)) local.Status {
	s := local.Status{Account: local.Account{SignedIn: true, Name: "kim@example.com"},
		Phones: []local.Phone{{ID: "desk", Title: "Desk phone", Known: true}}}
	if change != nil {
		change(&s)
	}
	return s
}

func lapsed(s *local.Status) {
	s.Account.SignedIn = false
	s.Teams.Problem = &local.Problem{Kind: "signed-out", Where: "account", What: "The sign-in has lapsed", Do: "Sign in again"}
}

func phone(kind string) func(*local.Status) {
	return func(s *local.Status) {
		s.Phones[0].Problem = &local.Problem{Kind: kind, Where: "desk", What: "The phone does not answer", Do: "Check the network"}
	}
}

func toSignIn(how local.PhoneSignIn) func(*local.Status) {
	return func(s *local.Status) {
		phone("phone-signed-out")(s)
		s.Phones[0].SignIn = how
	}
}

// The action of a notice does what it is about.
func TestAction(t *testing.T) {
	needs := map[string]local.Status{"sign in": signedIn(lapsed), "sign in to desk": signedIn(toSignIn(local.PhoneSignInNeeded)),
		"open phones": signedIn(phone("bad-login"))}
	for want, s := range needs {
		d := newDesk()
		act(t.Context(), d, Needs(words.In("en"), s)[0], quiet)
		if got := <-d.asked; got != want {
			t.Errorf("it asks to %s, not to %s", got, want)
		}
	}
}

func TestWhatIsToldAndWhen(t *testing.T) {
	type at struct {
		after  time.Duration
		status local.Status
	}
	good := signedIn(nil)
	for _, tt := range []struct {
		name   string
		days   []at
		silent bool
		want   []string
	}{
		{"normal work", []at{{0, good}, {time.Hour, signedIn(func(s *local.Status) { s.Look = local.LookBusy })}}, false, nil},
		{"nobody has signed in yet", []at{{0, local.Status{Teams: local.Teams{Problem: &local.Problem{Kind: "signed-out"}}}}}, false, nil},
		{"a lapsed sign-in, once", []at{{0, good}, {time.Minute, signedIn(lapsed)}, {time.Hour, signedIn(lapsed)}}, false, []string{"+sign-in"}},
		{"and it is taken back", []at{{0, signedIn(lapsed)}, {time.Minute, good}, {time.Minute, signedIn(lapsed)}}, false, []string{"+sign-in", "-sign-in", "+sign-in"}},
		{"a phone that is away for a moment", []at{{0, signedIn(phone("unreachable"))}, {9 * time.Minute, good}, {time.Hour, good}}, false, nil},
		{"a phone that is away for a while", []at{{0, signedIn(phone("unreachable"))}, {11 * time.Minute, signedIn(phone("unreachable"))}, {time.Minute, good}}, false, []string{"+phone desk", "-phone desk"}},
		{"a refused password, at once", []at{{0, signedIn(phone("bad-login"))}}, false, []string{"+phone desk"}},
		{"a phone to sign in to, at once, until that is under way", []at{{0, signedIn(phone("unreachable"))}, {time.Minute, signedIn(toSignIn(local.PhoneSignInNeeded))},
			{time.Hour, signedIn(toSignIn(local.PhoneSignInUnderWay))}, {time.Minute, good}}, false, []string{"+sign-in desk", "-sign-in desk"}},
		{"a locked keyring", []at{{0, signedIn(func(s *local.Status) { s.Problem = &local.Problem{Kind: "keyring", What: "The keyring is locked"} })}}, false, []string{"+keyring"}},
		{"paused", []at{{0, signedIn(func(s *local.Status) { lapsed(s); s.Paused = &local.Pause{} })}}, false, nil},
		{"not wanted", []at{{0, signedIn(lapsed)}}, true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				d, b := newDesk(), &board{}
				d.silent = tt.silent
				ended := make(chan struct{})
				go func() { defer close(ended); Run(ctx, d, b, quiet) }()
				for _, a := range tt.days {
					time.Sleep(a.after) // of the test's own clock
					d.statuses <- a.status
				}
				synctest.Wait()
				if diff := cmp.Diff(tt.want, slices.Clone(b.log)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				cancel()
				<-ended
			})
		})
	}
}
