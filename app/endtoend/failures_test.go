package endtoend_test

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/tray"
	"github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
)

// told is how a problem must be told to the person.
type told struct {
	kind, where string
	look        local.Look
	exit        int  // of offhook status
	waits       bool // waiting is all there is to do
}

// plainly checks that a problem is told everywhere, in one plain sentence.
func plainly(t *testing.T, o *offhook, want told) {
	t.Helper()
	s := o.Status()
	p := s.Problem
	if p == nil {
		t.Fatal("there is no problem any more")
	}
	if p.Kind != want.kind || p.Where != want.where || s.Look != want.look || s.Synced {
		t.Errorf("a problem %s of %s, look %s, synced %t; want %+v", p.Kind, p.Where, s.Look, s.Synced, want)
	}
	oneSentence(t, p.What)
	if want.waits != (p.Do == "") {
		t.Errorf("told to do %q", p.Do)
	}
	if p.Do != "" {
		oneSentence(t, p.Do)
	}
	if label := tray.Menu(words.In("en"), s)[0].Label; !strings.Contains(label, p.What[:20]) { // a long one is cut
		t.Errorf("the tray's menu begins with %q, not with %q", label, p.What)
	}
	code, out := offhookSays(t, "status", "--config", o.folder)
	if code != want.exit || !strings.Contains(out, p.What) {
		t.Errorf("offhook status ends with %d, want %d, and says:\n%s", code, want.exit, out)
	}
}

func oneSentence(t *testing.T, s string) {
	t.Helper()
	if s == "" || len(s) > 400 || strings.ContainsAny(s, "\n{}") || strings.HasSuffix(s, ".") || strings.Contains(s, ". ") ||
		s[:1] != strings.ToUpper(s[:1]) || strings.Contains(s, "%!") {
		t.Errorf("this is no plain sentence: %q", s)
	}
}

// offhookSays runs a command and answers its exit code and what it printed.
func offhookSays(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program(), args...)
	text, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(text)
}

// However Graph fails: it is told, nothing is written on either side meanwhile, and once it answers again both
// sides come to show what is by then.
func TestGraphFails(t *testing.T) {
	t.Parallel()
	away := told{kind: "server-error", where: "teams", look: local.LookUnreachable, exit: 5, waits: true}
	for _, test := range []struct {
		name  string
		fault simulate.Faults
		want  told
	}{
		{"401", simulate.Faults{Graph: "401"}, told{"signed-out", "account", local.LookSignedOut, 4, false}},
		{"403 with an empty message", simulate.Faults{Graph: "403"}, told{"forbidden", "teams", local.LookUnreachable, 5, false}},
		{"429", simulate.Faults{Graph: "429", After: 2 * time.Second}, told{"throttled", "teams", local.LookUnreachable, 5, true}},
		{"500", simulate.Faults{Graph: "500"}, away},
		{"503", simulate.Faults{Graph: "503", After: 2 * time.Second}, away},
		{"no answer", simulate.Faults{Graph: "down"}, told{"unreachable", "teams", local.LookUnreachable, 5, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, o := inStep(t)

			act(t, w.Fail(test.fault))
			o.troubled(test.want.kind)
			plainly(t, o, test.want)
			act(t, w.Teams.Start(simulate.Calendar))
			act(t, w.Phone.Dial())
			o.happening("On a call")
			wrote(t, w)

			act(t, w.Fail(simulate.Faults{Graph: "none"}))
			shows(t, w, presence.InACall, "meeting")
			if test.fault.After > 0 {
				patient(t, w, test.fault.After)
			}
			o.until("all is well", func(s local.Status) bool { return s.Problem == nil && s.Synced })
			act(t, w.Phone.HangUp())
			teamsShows(t, w, presence.InAMeeting)
			act(t, w.Teams.End(simulate.Calendar))
			shows(t, w, presence.Available, "available")
			wrote(t, w, "phone status 204", "teams setPresence 204", "teams clearPresence 204", "phone status 204")
		})
	}
}

// patient checks that Graph was not asked again, nor told anything, before the time that it had named was over.
func patient(t *testing.T, w *simulate.World, wait time.Duration) {
	t.Helper()
	var toldAt time.Time
	times := 0
	for _, r := range w.Requests() {
		if r.Side != "teams" {
			continue
		}
		if gap := r.At.Sub(toldAt); gap < wait {
			t.Errorf("asked again after %s, told to wait %s", gap, wait)
		}
		if r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable {
			toldAt = r.At
			times++
		}
	}
	if times == 0 {
		t.Error("nobody was told to wait")
	}
}

// However the phone fails: it is told, nothing is written on either side meanwhile, and once it answers again
// both sides come to show what is by then.
func TestPhoneFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulate.Faults
		want  told
	}{
		{"403", simulate.Faults{Phone: "403"}, told{"forbidden", "desk", local.LookUnreachable, 5, false}},
		{"429", simulate.Faults{Phone: "429", After: 2 * time.Second}, told{"throttled", "desk", local.LookUnreachable, 5, true}},
		{"503", simulate.Faults{Phone: "503"}, told{"server-error", "desk", local.LookUnreachable, 5, true}},
		{"no answer", simulate.Faults{Phone: "down"}, told{"unreachable", "desk", local.LookUnreachable, 5, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, o := inStep(t)

			act(t, w.Fail(test.fault))
			o.troubled(test.want.kind)
			plainly(t, o, test.want)
			act(t, w.Phone.Dial())
			act(t, w.Teams.Start(simulate.Calendar))
			o.sees(presence.InAMeeting)
			wrote(t, w)

			act(t, w.Fail(simulate.Faults{Phone: "none"}))
			shows(t, w, presence.InACall, "meeting")
			o.until("all is well", func(s local.Status) bool { return s.Problem == nil && s.Synced })
			act(t, w.Phone.HangUp())
			teamsShows(t, w, presence.InAMeeting)
			act(t, w.Teams.End(simulate.Calendar))
			shows(t, w, presence.Available, "available")
		})
	}
}

// A phone that is lost in mid-call says nothing of the call: Teams goes on showing it. Found again, with the
// call long over, the phone gives Teams back.
func TestPhoneLostInMidCall(t *testing.T) {
	t.Parallel()
	w, o := inStep(t)
	act(t, w.Phone.Dial())
	teamsShows(t, w, presence.InACall)

	act(t, w.Fail(simulate.Faults{Phone: "down"}))
	o.troubled("unreachable")
	act(t, w.Phone.HangUp())
	o.sees(presence.InACall)
	wrote(t, w, "teams setPresence 204")

	act(t, w.Fail(simulate.Faults{Phone: "none"}))
	shows(t, w, presence.Available, "available")
	wrote(t, w, "teams setPresence 204", "teams clearPresence 204")
}

// A refused password is tried once, never again, and says nothing of the phone's state.
func TestWrongPhonePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := write(t, w, desk(w))
	o := begin(t, folder, "wrong-password")
	o.beginSignIn(local.SignIn{})
	o.sees(presence.Available)
	o.troubled("bad-login")
	plainly(t, o, told{"bad-login", "desk", local.LookUnreachable, 5, false})
	act(t, w.Teams.Start(simulate.Calendar))
	act(t, w.Phone.Dial())
	o.sees(presence.InAMeeting)
	wrote(t, w)
	if n := w.State().Requests["phone"]; n != (simulate.Count{Writes: 1}) {
		t.Errorf("the phone was asked %+v, want one login", n)
	}
	o.stop()
	wrote(t, w)

	o = begin(t, folder, simulate.DefaultPassword)
	o.signIn()
	shows(t, w, presence.InACall, "meeting")
}

// Where nothing answers at the phone's address from the start, Teams is read all the same and left alone.
func TestPhoneThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close() // a port at which nobody listens
	phone := desk(w)
	phone["fields"].(map[string]string)["server"] = "http://" + l.Addr().String() + "/phone/v1"
	o := begin(t, write(t, w, phone), simulate.DefaultPassword)
	o.beginSignIn(local.SignIn{})
	o.troubled("unreachable")
	act(t, w.Teams.Start(simulate.Calendar))
	o.sees(presence.InAMeeting)
	plainly(t, o, told{"unreachable", "desk", local.LookUnreachable, 5, false})
	o.stop()
	wrote(t, w)
}

// A sign-in that fails is told; nothing is read or written, and the next one may succeed.
func TestSignInFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := begin(t, write(t, w, desk(w)), simulate.DefaultPassword)
	act(t, w.Fail(simulate.Faults{Entra: "consent_required"}))
	o.beginSignIn(local.SignIn{})
	s := o.until("the sign-in has failed", func(s local.Status) bool {
		return s.Account.SigningIn == "" && s.Problem != nil && s.Phones[0].Known
	})
	oneSentence(t, s.Problem.What)
	if s.Look != local.LookSignedOut || s.Account.SignedIn || !strings.Contains(strings.ToLower(s.Problem.What+s.Problem.Do), "admin") {
		t.Errorf("told %+v, look %s", s.Problem, s.Look)
	}
	act(t, w.Phone.Dial())
	o.happening("On a call")
	if n := w.State().Requests["teams"]; n != (simulate.Count{}) {
		t.Errorf("Graph was asked %+v", n)
	}

	act(t, w.Fail(simulate.Faults{Entra: "none"}))
	o.signIn()
	teamsShows(t, w, presence.InACall)
}
