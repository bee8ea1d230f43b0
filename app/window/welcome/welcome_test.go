package welcome_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
	"github.com/offhook/offhook/app/window/welcome"
)

type world struct {
	*sample.Bench
	welcome *welcome.Welcome
	ended   string
}

func open(t *testing.T, s local.Status) *world {
	t.Helper()
	w := &world{Bench: sample.NewBench(t, s)}
	w.welcome = welcome.New(w.Wire, func() { w.ended = "finished" }, func() { w.ended = "left" })
	w.Open(w.welcome.Content())
	w.show(s)
	return w
}

func (w *world) show(s local.Status) {
	w.welcome.Show(s, sample.Now())
	w.welcome.Follow()
	w.Pump()
}

func (w *world) focused() string {
	switch o := w.Window.Canvas().Focused().(type) {
	case *part.Button:
		return o.Text
	case *part.Entry:
		return o.PlaceHolder
	}
	return "nothing"
}

func (w *world) press(key fyne.KeyName) {
	w.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: key})
}

func TestEveryStepLooksAsItShould(t *testing.T) {
	for _, name := range []string{"first-run", "first-phone", "first-phone-sign-in", "first-look"} {
		t.Run(name, func(t *testing.T) {
			w := open(t, sample.Statuses()[name])
			test.AssertRendersToMarkup(t, name+".xml", w.Window.Canvas())
		})
	}
}

// Each step comes when the one before is done, with the keyboard where it begins, and Return goes on.
func TestStepByStep(t *testing.T) {
	w := open(t, sample.Statuses()["first-run"])
	w.Until("Sign in to Teams")
	if got := w.focused(); got != "Sign in in the browser" {
		t.Errorf("the keyboard begins at %s", got)
	}
	w.press(fyne.KeyReturn)
	w.When(func() bool { return len(w.Told) > 0 }, "an answer")
	if diff := cmp.Diff([]string{"sign in"}, w.Resident.Asked()); diff != "" {
		t.Error(diff)
	}
	w.show(sample.Statuses()["first-phone"])
	w.Until("Which phone system do you have?")
	if got := w.focused(); got != "Search, such as Asterisk" {
		t.Errorf("the keyboard begins at %s", got)
	}
	w.show(sample.Statuses()["first-look"])
	w.Until("This is how they go together")
	if got := w.focused(); got != "Finish" {
		t.Errorf("the keyboard begins at %s", got)
	}
	w.press(fyne.KeyReturn)
	if w.ended != "finished" {
		t.Error("Finish does not finish")
	}
}

// A phone that is signed in to with the browser has a step of its own, until that is done.
func TestPhoneWithASignInOfItsOwn(t *testing.T) {
	w := open(t, sample.Statuses()["first-phone-sign-in"])
	w.Until("Nobody is signed in to Univerge Blue. Sign in to this phone.")
	if got := w.focused(); got != "Sign in in the browser" {
		t.Errorf("the keyboard begins at %s", got)
	}
	w.press(fyne.KeyReturn)
	w.When(func() bool { return len(w.Told) > 0 }, "an answer")
	under := sample.Statuses()["phone-signing-in"]
	under.Setup.Missing = []string{"phone-sign-in", "look"}
	w.show(under)
	w.Until("Finish signing in on the page that opened in your browser.")
	test.Tap(sample.Button(t, w.Window.Canvas(), "Cancel"))
	w.When(func() bool { return len(w.Told) > 1 }, "an answer")
	if diff := cmp.Diff([]string{"sign in to desk", "cancel sign-in to desk"}, w.Resident.Asked()); diff != "" {
		t.Error(diff)
	}
	w.show(sample.Statuses()["first-look"])
	w.Until("This is how they go together")
}

// What a policy, or an earlier run, has set is passed over.
func TestBeginsAtWhatIsMissing(t *testing.T) {
	for title, missing := range map[string][]string{
		"First, who may ask Microsoft": {"client-id", "sign-in", "phone", "look"},
		"Sign in to Teams":             {"sign-in", "look"},
		"Your phone":                   {"phone", "look"},
		"This is how they go together": {"look"},
	} {
		s := sample.Statuses()["first-look"]
		s.Setup.Missing = missing
		w := open(t, s)
		w.Until(title)
		if !welcome.Wanted(s) {
			t.Errorf("with %q missing there is no first run", missing)
		}
	}
	if welcome.Wanted(local.Status{Setup: local.Setup{Missing: []string{"sign-in"}}}) {
		t.Error("signed out later, and the first run begins anew")
	}
}

// A status that changes nothing of the step takes nothing away from the person.
func TestStatusLeavesTheStepAlone(t *testing.T) {
	s := sample.Statuses()["first-phone"]
	w := open(t, s)
	for _, r := range "univ" {
		w.Window.Canvas().Focused().TypedRune(r)
	}
	w.press(fyne.KeyReturn)
	w.Until("Univerge Blue")
	s.Teams.Means = "busy"
	w.show(s)
	w.Until("Univerge Blue")
	sample.Button(t, w.Window.Canvas(), "Another phone system")
}

func TestLater(t *testing.T) {
	w := open(t, sample.Statuses()["first-run"])
	test.Tap(sample.Button(t, w.Window.Canvas(), "Later"))
	if w.ended != "left" {
		t.Error("Later does not leave")
	}
}

func TestClientID(t *testing.T) {
	s := sample.Statuses()["first-run"]
	s.Setup.Missing = []string{"client-id", "sign-in", "phone", "look"}
	w := open(t, s)
	for _, r := range "abc" {
		w.Window.Canvas().Focused().TypedRune(r)
	}
	test.Tap(sample.Button(t, w.Window.Canvas(), "Go on"))
	w.When(func() bool { return len(w.Told) > 0 }, "an answer")
	id := "abc"
	if diff := cmp.Diff([]local.Edit{{Account: &local.AccountEdit{ClientID: &id}}}, w.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
}
