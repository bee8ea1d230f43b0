package frame_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/frame"
	"github.com/offhook/offhook/app/window/sample"
)

// resident stands behind the real door with a status that tests change.
type resident struct {
	local.Resident // the rest is not asked
	mu             sync.Mutex
	status         local.Status
	changed        chan struct{} // closed at the next change
	answer         local.Result
	asked          []string
}

func (r *resident) set(s local.Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = s
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *resident) now() (local.Status, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status, r.changed
}

func (r *resident) Status() local.Status {
	s, _ := r.now()
	return s
}

func (r *resident) Follow(ctx context.Context) <-chan local.Status {
	out := make(chan local.Status)
	go func() {
		defer close(out)
		for {
			s, changed := r.now()
			select {
			case out <- s:
			case <-ctx.Done():
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (r *resident) note(what string) local.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
	return r.answer
}

func (r *resident) SignIn(context.Context, local.SignIn) local.Result { return r.note("sign in") }
func (r *resident) SignOut(context.Context) local.Result              { return r.note("sign out") }
func (r *resident) Pause(context.Context, time.Time) local.Result     { return r.note("pause") }
func (r *resident) Resume(context.Context) local.Result               { return r.note("resume") }
func (r *resident) Settings(context.Context) local.Result             { return r.note("settings") }
func (r *resident) Quit(context.Context) local.Result                 { return r.note("quit") }

// world is a window on a resident behind a real door. Its main goroutine is the test's: until pumps it.
type world struct {
	t        *testing.T
	dir      string
	resident *resident
	frame    *frame.Frame
	window   fyne.Window
	main     chan func()
}

func open(t *testing.T, s local.Status) *world {
	t.Helper()
	t.Cleanup(func() {
		goleak.VerifyNone(t, goleak.IgnoreTopFunction("fyne.io/fyne/v2/internal/async.(*UnboundedChan[...]).processing"))
	})
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	w := &world{t: t, dir: t.TempDir(), main: make(chan func()),
		resident: &resident{status: s, changed: make(chan struct{}), answer: local.Result{OK: true}}}
	w.window = sample.Window(t, container.NewWithoutLayout())
	w.window.Resize(fyne.NewSize(860, 640))
	ctx, cancel := context.WithCancel(context.Background())
	w.frame = frame.New(ctx, frame.Needs{
		Window: w.window, Resident: local.Dial(w.dir), Now: sample.Now, Copy: func(string) {},
		Closed: func() {},
		OnMain: func(f func()) {
			select {
			case w.main <- f:
			case <-ctx.Done():
			}
		},
	})
	t.Cleanup(func() { cancel(); w.frame.Wait() })
	return w
}

// serve opens the door and answers how to close it again.
func (w *world) serve() (end func()) {
	w.t.Helper()
	l, err := local.Listen(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := local.Serve(ctx, l, w.resident, slog.New(slog.DiscardHandler)); err != nil && !errors.Is(err, net.ErrClosed) {
			w.t.Error(err)
		}
	}()
	end = sync.OnceFunc(func() { cancel(); <-done })
	w.t.Cleanup(end)
	return end
}

// follow has the window follow the resident until the test ends.
func (w *world) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.frame.Follow(ctx)
	}()
	w.t.Cleanup(func() {
		cancel()
		for {
			select {
			case f := <-w.main:
				f()
			case <-done:
				return
			}
		}
	})
}

// until does the main goroutine's work until a text is to be seen.
func (w *world) until(text string) {
	w.t.Helper()
	deadline := time.After(10 * time.Second)
	for !strings.Contains(sample.Texts(w.window.Canvas()), text) {
		select {
		case f := <-w.main:
			f()
		case <-deadline:
			w.t.Fatalf("%q did not appear; there is:\n%s", text, sample.Texts(w.window.Canvas()))
		}
	}
}

func TestFollowsTheResidentAsItComesAndGoes(t *testing.T) {
	w := open(t, sample.Statuses()["in-step"])
	w.frame.First(t.Context())
	w.until("Offhook is not running")
	w.follow()
	end := w.serve()
	w.until("You are available, in Teams and on the phone.")
	w.resident.set(sample.Statuses()["in-call"])
	w.until("You are on a call on Desk phone; Teams shows In a call.")
	end()
	w.until("Offhook is not running")
	w.serve()
	w.until("You are on a call on Desk phone; Teams shows In a call.")
}

func TestOpensRightAtOnce(t *testing.T) {
	w := open(t, sample.Statuses()["in-call"])
	w.serve()
	w.frame.First(t.Context())
	if texts := sample.Texts(w.window.Canvas()); !strings.Contains(texts, "You are on a call on Desk phone") {
		t.Error("the first picture is not of the status:\n", texts)
	}
}

func TestWhatDoesNotWorkIsSaid(t *testing.T) {
	w := open(t, sample.Statuses()["in-step"])
	end := w.serve()
	w.frame.First(t.Context())
	w.resident.answer = local.Result{Problem: &local.Problem{What: "the keyring is locked", Do: "unlock it"}}
	test.Tap(sample.Button(t, w.window.Canvas(), "Sign out"))
	w.until("The keyring is locked. Unlock it.")
	if diff := cmp.Diff([]string{"sign out"}, w.resident.asked); diff != "" {
		t.Error(diff)
	}
	test.Tap(sample.Button(t, w.window.Canvas(), "Dismiss"))
	if texts := sample.Texts(w.window.Canvas()); strings.Contains(texts, "The keyring is locked.") {
		t.Error("put away, and still there")
	}
	end()
	test.Tap(sample.Button(t, w.window.Canvas(), "1 hour"))
	w.until("Offhook is not running")
}

func TestEveryPageOpens(t *testing.T) {
	w := open(t, sample.Statuses()["in-call"])
	w.frame.Show(sample.Statuses()["in-call"])
	has := map[string]string{
		"account": "Signed in as ada@example.com", "phone": "What Offhook can do with it",
		"mapping": "The phone is set to", "activity": "Desk phone set to In a meeting because a Teams meeting began.",
	}
	for _, name := range frame.Names() {
		if !w.frame.Open(name) {
			t.Errorf("there is no page %q", name)
		}
		texts := sample.Texts(w.window.Canvas())
		for other, text := range has {
			if there := strings.Contains(texts, text); there != (other == name) {
				t.Errorf("on %s, %q is there: %t", name, text, there)
			}
		}
	}
	if w.frame.Open("nonsense") {
		t.Error("a page that is not there opens")
	}
}

// everyStatus opens a window on each of the samples.
func everyStatus(t *testing.T, fn func(*testing.T, *world)) {
	for name, status := range sample.Statuses() {
		t.Run(name, func(t *testing.T) {
			w := open(t, status)
			w.frame.Show(status)
			fn(t, w)
		})
	}
}

// Fyne draws an arrow before a space as an arrow and a broken box.
func TestNoArrowThatCannotBeDrawn(t *testing.T) {
	everyStatus(t, func(t *testing.T, w *world) {
		for _, page := range frame.Names() {
			w.frame.Open(page)
			if texts := sample.Texts(w.window.Canvas()); strings.ContainsAny(texts, "→←") {
				t.Errorf("page %s:\n%s", page, texts)
			}
		}
	})
}

// The keyboard alone reaches every button of every page, and presses it without losing its place.
func TestKeyboardReachesAll(t *testing.T) {
	everyStatus(t, func(t *testing.T, w *world) {
		c := w.window.Canvas()
		for _, page := range frame.Names() {
			w.frame.Open(page)
			c.Unfocus()
			reached := map[fyne.Focusable]bool{}
			for c.FocusNext(); c.Focused() != nil && !reached[c.Focused()]; c.FocusNext() {
				reached[c.Focused()] = true
			}
			for _, o := range sample.All[fyne.Focusable](c) {
				if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
					continue
				}
				if !reached[o] {
					t.Errorf("page %s: Tab does not reach %T %+v", page, o, o)
				}
			}
		}
		w.frame.Open("account")
		mapping := sample.Button(t, c, "Mapping")
		c.Focus(mapping)
		mapping.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if texts := sample.Texts(c); !strings.Contains(texts, "The phone is set to") {
			t.Error("Return on Mapping does not open it:\n", texts)
		}
		if c.Focused() != fyne.Focusable(mapping) {
			t.Errorf("the focus went to %T", c.Focused())
		}
	})
}
