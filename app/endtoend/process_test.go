package endtoend_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/journal"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testlog"
)

// process is the real program, offhook run, asked over its door.
type process struct {
	t *testing.T
	*local.Client
	cmd  *exec.Cmd
	log  *testlog.Log
	over chan struct{} // closed when it has ended
}

// launch starts the program until the end of the test. The phone's password comes by the environment unless it is
// empty: then it lies in the keyring. The browser is this test program.
func launch(t *testing.T, folder, password string, env ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, Client: local.Dial(folder), log: testlog.New(t, password), over: make(chan struct{})}
	p.cmd = exec.Command(program(), "run", "--config", folder, "--verbose")
	p.cmd.Env = append(os.Environ(), "BROWSER="+self, asBrowser+"=1", resident.SecretVariable("desk", "password")+"="+password)
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.over)
		_ = p.cmd.Wait() // how it ended stands in cmd.ProcessState
	}()
	t.Cleanup(p.kill)
	poll(t, "offhook run answers", func() bool {
		_, err := p.Status(t.Context())
		return err == nil
	})
	return p
}

// kill ends the program as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.over
}

// ends waits for the program to end by itself, and answers its exit code.
func (p *process) ends() int {
	p.t.Helper()
	select {
	case <-p.over:
	case <-time.After(patience):
		p.t.Fatalf("offhook run has not ended after %s", patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

// follow follows the program's status over its door.
func (p *process) follow(ctx context.Context) <-chan local.Status {
	states := make(chan local.Status)
	go func() {
		defer close(states)
		_ = p.Follow(ctx, func(s local.Status) { // ends with ctx, or with the program, which await then tells
			select {
			case states <- s:
			case <-ctx.Done():
			}
		})
	}()
	return states
}

func (p *process) until(what string, ok func(local.Status) bool) local.Status {
	p.t.Helper()
	return await(p.t, p.follow, what, ok)
}

func (p *process) signIn() {
	p.t.Helper()
	r, err := p.SignIn(p.t.Context(), local.SignIn{})
	if err != nil || !r.OK {
		p.t.Fatalf("the sign-in does not begin: %v %+v", err, r.Problem)
	}
	p.until("both sides are read", func(s local.Status) bool { return s.Synced })
}

// A power cut in mid-call: what Teams shows ends by itself within the session's short life, even if Offhook is
// never started again.
func TestKilledForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := launch(t, write(t, w, desk(w)), simulate.DefaultPassword)
	p.signIn()
	act(t, w.Phone.Dial())
	teamsShows(t, w, presence.InACall)
	p.kill()

	w.Forward(4 * time.Minute)
	teamsShows(t, w, presence.InACall)
	w.Forward(time.Minute)
	teamsShows(t, w, presence.Available)
}

// A power cut in mid-call and in a meeting, both over before Offhook starts again: everything is given back.
func TestKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := write(t, w, desk(w))
	p := launch(t, folder, simulate.DefaultPassword)
	p.signIn()
	act(t, w.Phone.Choose("vacation"))
	act(t, w.Teams.Start(simulate.Presenting))
	shows(t, w, presence.Presenting, "dnd")
	act(t, w.Phone.Dial())
	await(t, w.Follow, "a session of Offhook's", func(s simulate.State) bool { return len(s.Teams.Sessions) == 3 })
	p.kill()
	act(t, w.Phone.HangUp())
	act(t, w.Teams.End(simulate.Presenting))
	shows(t, w, presence.InACall, "dnd") // what is wrong now

	p = launch(t, folder, simulate.DefaultPassword)
	p.signIn() // there is no keyring here to have kept the sign-in
	shows(t, w, presence.Available, "vacation")
	p.until("nothing is held", func(s local.Status) bool { return s.Teams.Held == nil && s.Phones[0].Held == nil })
}

// A power cut in mid-call, and the call still stands when Offhook starts again: Teams goes on showing it, and is
// given back at its end.
func TestKilledWhileTheCallGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := write(t, w, desk(w))
	p := launch(t, folder, simulate.DefaultPassword)
	p.signIn()
	act(t, w.Phone.Dial())
	act(t, w.Teams.Start(simulate.Presenting))
	shows(t, w, presence.Presenting, "dnd")
	teamsWrites := len(w.State().Teams.Sessions)
	p.kill()

	p = launch(t, folder, simulate.DefaultPassword)
	p.signIn()
	s := w.State()
	if s.Teams.Shows != presence.Presenting || s.Phone.Status != "dnd" || len(s.Teams.Sessions) != teamsWrites {
		t.Errorf("after the restart Teams shows %s and the phone %s", s.Teams.Shows, s.Phone.Status)
	}
	act(t, w.Phone.HangUp())
	await(t, w.Follow, "Offhook's session is over", func(s simulate.State) bool { return len(s.Teams.Sessions) == teamsWrites-1 })
	act(t, w.Teams.End(simulate.Presenting))
	shows(t, w, presence.Available, "available")
}

// An orderly end in mid-call gives everything back first, whoever asks for it.
func TestEndGivesBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *process){
		"a signal": func(t *testing.T, p *process) { act(t, p.cmd.Process.Signal(syscall.SIGTERM)) },
		"offhook quit": func(t *testing.T, p *process) {
			if code, out := offhookSays(t, "quit", "--config", p.cmd.Args[3]); code != 0 {
				t.Errorf("offhook quit ends with %d: %s", code, out)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			folder := write(t, w, desk(w))
			p := launch(t, folder, simulate.DefaultPassword)
			p.signIn()
			act(t, w.Phone.Dial())
			act(t, w.Teams.Start(simulate.Presenting))
			shows(t, w, presence.Presenting, "dnd")
			await(t, w.Follow, "a session of Offhook's", func(s simulate.State) bool { return len(s.Teams.Sessions) == 3 })

			end(t, p)
			if code := p.ends(); code != 0 {
				t.Errorf("offhook run ends with %d", code)
			}
			if s := w.State(); s.Phone.Status != "available" || len(s.Teams.Sessions) != 2 {
				t.Errorf("the phone shows %s, and there are the sessions %s", s.Phone.Status, asJSON(s.Teams.Sessions))
			}
			if held, err := journal.In(folder).Load(); err != nil || !held.Empty() {
				t.Errorf("the journal holds %s (%v)", asJSON(held), err)
			}
			if code, _ := offhookSays(t, "status", "--config", folder); code != 3 {
				t.Errorf("offhook status ends with %d when nothing runs, want 3", code)
			}
		})
	}
}

// A second start for the same configuration starts nothing: offhook opens the first one's window, offhook run
// says what is.
func TestSecondStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := write(t, w, desk(w))
	o := begin(t, folder, simulate.DefaultPassword)
	o.signIn()

	if code, out := offhookSays(t, "--config", folder); code != 0 {
		t.Errorf("the second offhook ends with %d: %s", code, out)
	}
	code, out := offhookSays(t, "run", "--config", folder)
	if code != 1 || !strings.Contains(out, "runs already") {
		t.Errorf("the second offhook run ends with %d: %s", code, out)
	}
	if code, out := offhookSays(t, "run", "--config", filepath.Join(folder, "..", filepath.Base(folder))); code != 1 {
		t.Errorf("by another name of the same folder it ends with %d: %s", code, out)
	}
	if s := o.Status(); !s.Synced {
		t.Errorf("the first one is %s", s.Sentence)
	}
	o.stop()
	if o.windows != 1 {
		t.Errorf("the window was opened %d times, want once", o.windows)
	}
}
