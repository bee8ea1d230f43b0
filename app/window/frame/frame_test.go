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
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
	"github.com/offhook/offhook/app/words"
)

// world is a window on a resident behind a real door. Its main goroutine is the test's: until pumps it.
type world struct {
	t        *testing.T
	dir      string
	resident *sample.Resident
	frame    *frame.Frame
	window   fyne.Window
	main     chan func()
	closed   bool
	scale    float32
}

func open(t *testing.T, s local.Status) *world {
	t.Helper()
	t.Cleanup(func() {
		goleak.VerifyNone(t, goleak.IgnoreTopFunction("fyne.io/fyne/v2/internal/async.(*UnboundedChan[...]).processing"))
	})
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	w := &world{t: t, dir: t.TempDir(), main: make(chan func()),
		resident: sample.NewResident(s)}
	test.NewTempApp(t).Settings().SetTheme(part.NewTheme(1))
	w.window = test.NewTempWindow(t, container.NewWithoutLayout())
	w.window.Resize(fyne.NewSize(920, 680))
	ctx, cancel := context.WithCancel(context.Background())
	w.frame = frame.New(ctx, frame.Needs{
		Window: w.window, Door: local.Dial(w.dir), Now: sample.Now, Copy: func(string) {}, Locale: "en",
		Closed: func() { w.closed = true }, Size: func(scale float32) { w.scale = scale },
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

// begin begins as the program does.
func (w *world) begin() {
	w.frame.Begin(frame.Fetch(w.t.Context(), local.Dial(w.dir)), "")
}

func (w *world) texts() string { return sample.Texts(w.window.Canvas()) }

func (w *world) status() local.Status { return w.resident.Status() }

// do does the main goroutine's work until something is so.
func (w *world) do(so func() bool) {
	w.t.Helper()
	deadline := time.After(10 * time.Second)
	for !so() {
		select {
		case f := <-w.main:
			f()
		case <-deadline:
			w.t.Fatal("in vain")
		}
	}
}

// settle does the main goroutine's work until none is left for a moment.
func (w *world) settle() {
	for {
		select {
		case f := <-w.main:
			f()
		case <-time.After(20 * time.Millisecond):
			return
		}
	}
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
	w.begin()
	w.until("Offhook is not running")
	w.follow()
	end := w.serve()
	w.until("Teams: Available  ·  Desk phone: Available")
	w.resident.Set(sample.Statuses()["in-call"])
	w.until("Teams: In a call  ·  Desk phone: On a call")
	end()
	w.until("Offhook is not running")
	w.serve()
	w.until("Teams: In a call  ·  Desk phone: On a call")
}

func TestOpensRightAtOnce(t *testing.T) {
	w := open(t, sample.Statuses()["in-call"])
	w.serve()
	w.begin()
	if texts := sample.Texts(w.window.Canvas()); !strings.Contains(texts, "Teams: In a call  ·  Desk phone: On a call") {
		t.Error("the first picture is not of the status:\n", texts)
	}
}

func TestWhatDoesNotWorkIsSaid(t *testing.T) {
	w := open(t, sample.Statuses()["in-step"])
	end := w.serve()
	w.begin()
	w.resident.Says(local.Result{Problem: &local.Problem{What: "the keyring is locked", Do: "unlock it"}})
	test.Tap(sample.Button(t, w.window.Canvas(), "Sign out"))
	w.until("The keyring is locked. Unlock it.")
	if diff := cmp.Diff([]string{"sign out"}, w.resident.Asked()); diff != "" {
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
	w.serve()
	w.begin()
	has := map[string]string{
		"account": "Signed in as ada@example.com", "phones": "Sees whether you are on a call",
		"mapping": "The phone becomes", "activity": "Desk phone set to In a meeting because a Teams meeting began.",
		"general": "Your hours",
	}
	for _, name := range frame.Names() {
		if !w.frame.Open(name) {
			t.Errorf("there is no page %q", name)
		}
		w.until(has[name])
		texts := w.texts()
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

// Until it is known how things are the window says so, and nothing else.
func TestNoWrongStateBeforeTheFirst(t *testing.T) {
	w := open(t, sample.Statuses()["in-call"])
	if diff := cmp.Diff("One moment…", w.texts()); diff != "" {
		t.Error(diff)
	}
}

// What the window was like is remembered when it is closed, and so it opens the next time.
func TestRemembers(t *testing.T) {
	w := open(t, sample.Statuses()["in-step"])
	w.serve()
	w.begin()
	w.frame.Open("activity")
	w.window.Resize(fyne.NewSize(1000, 800))
	w.frame.Larger(1)
	w.frame.Close()
	w.do(func() bool { return w.closed })
	want := local.Window{Width: 1000, Height: 800, Page: "activity", Text: 1.15}
	if diff := cmp.Diff(want, w.resident.Kept()); diff != "" {
		t.Fatal(diff)
	}
	w.frame.Open("account")
	w.begin()
	w.until("Desk phone is Available again because the Teams meeting ended.")
}

func TestComesToTheFrontOnThePageAskedFor(t *testing.T) {
	w := open(t, sample.Statuses()["in-step"])
	w.serve()
	w.begin()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.frame.Attend(ctx) }()
	w.resident.Fronts(local.Show{Page: "general"})
	w.until("Your hours")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Another language, chosen in the settings, is there at once on every page.
func TestLanguageChangesAtOnce(t *testing.T) {
	w := open(t, sample.Statuses()["in-step"])
	w.serve()
	w.begin()
	w.frame.Open("general")
	s := sample.Settings()
	s.General.Language = "de"
	w.resident.SetSettings(s)
	w.follow()
	w.until("Ihre Arbeitszeiten")
}

// everyStatus opens a window on each of the samples that have much to show.
func everyStatus(t *testing.T, fn func(*testing.T, *world)) {
	for _, name := range []string{"in-call", "problem", "device-code", "first-phone", "first-look"} {
		t.Run(name, func(t *testing.T) {
			w := open(t, sample.Statuses()[name])
			w.serve()
			w.begin()
			w.settle()
			fn(t, w)
		})
	}
}

// Fyne draws some signs before a space as a broken box.
func TestNoSignThatCannotBeDrawn(t *testing.T) {
	everyStatus(t, func(t *testing.T, w *world) {
		for _, page := range frame.Names() {
			w.frame.Open(page)
			if texts := w.texts(); strings.ContainsAny(texts, "→←−") {
				t.Errorf("page %s:\n%s", page, texts)
			}
		}
	})
}

// reached are all that Tab comes to from the top, in a round.
func (w *world) reached() map[fyne.Focusable]bool {
	c := w.window.Canvas()
	c.Unfocus()
	reached := map[fyne.Focusable]bool{}
	for c.FocusNext(); c.Focused() != nil && !reached[c.Focused()]; c.FocusNext() {
		reached[c.Focused()] = true
	}
	return reached
}

// The keyboard alone reaches everything of every page, in plain sight, and presses it without losing its place.
func TestKeyboardReachesAll(t *testing.T) {
	everyStatus(t, func(t *testing.T, w *world) {
		c := w.window.Canvas()
		for _, page := range frame.Names() {
			w.frame.Open(page)
			w.settle()
			reached := w.reached()
			for _, o := range sample.All[fyne.Focusable](c) {
				if d, ok := o.(fyne.Disableable); ok && d.Disabled() {
					continue
				}
				if !reached[o] {
					t.Errorf("page %s: Tab does not reach %T %+v", page, o, o)
				}
			}
			for o := range reached {
				c.Focus(o)
				object := o.(fyne.CanvasObject)
				at := fyne.CurrentApp().Driver().AbsolutePositionForObject(object)
				if _, whole := o.(*part.Scroll); !whole && (at.Y < 0 || at.Y+object.Size().Height > c.Size().Height) {
					t.Errorf("page %s: %T has the focus at %v, out of sight", page, o, at)
				}
			}
		}
		if len(sample.All[*part.Button](c)) == 0 || len(w.status().Setup.Missing) > 0 {
			return
		}
		w.frame.Open("account")
		mapping := sample.Button(t, c, "Mapping")
		c.Focus(mapping)
		mapping.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		if texts := w.texts(); !strings.Contains(texts, "The phone becomes") {
			t.Error("Return on Mapping does not open it:\n", texts)
		}
		if c.Focused() != fyne.Focusable(mapping) {
			t.Errorf("the focus went to %T", c.Focused())
		}
	})
}

// Every page fits the smallest usual screen in every language and with texts half as large again: nothing asks
// for more width than there is.
func TestFitsInEveryLanguage(t *testing.T) {
	for _, language := range words.Languages() {
		t.Run(language.Tag, func(t *testing.T) {
			w := open(t, sample.Statuses()["two-phones"])
			fyne.CurrentApp().Settings().SetTheme(part.NewTheme(1.5))
			s := sample.Settings()
			s.General.Language = language.Tag
			w.resident.SetSettings(s)
			w.serve()
			for name, pages := range map[string][]string{"two-phones": frame.Names(), "device-code": {"account"},
				"first-run": {""}, "first-phone": {""}, "first-look": {""}} {
				w.resident.Set(sample.Statuses()[name])
				w.begin()
				for _, page := range pages {
					w.frame.Open(page)
					w.settle()
					if width := w.window.Content().MinSize().Width; width > 920 {
						t.Errorf("%s, page %s is %v wide at the least", name, page, width)
					}
				}
			}
		})
	}
}
