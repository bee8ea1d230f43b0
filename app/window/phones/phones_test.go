package phones_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/phones"
	"github.com/offhook/offhook/app/window/sample"
)

func open(t *testing.T, status string) (*sample.Bench, *phones.Page) {
	t.Helper()
	b := sample.NewBench(t, sample.Statuses()[status])
	p := phones.New(b.Wire)
	b.Settings = p.Set
	b.Open(p.Content())
	p.Set(sample.Settings())
	p.Show(b.Resident.Status(), sample.Now())
	return b, p
}

func TestEveryStatusLooksAsItShould(t *testing.T) {
	for _, name := range []string{"in-call", "problem", "two-phones", "first-phone"} {
		t.Run(name, func(t *testing.T) {
			b, _ := open(t, name)
			test.AssertRendersToMarkup(t, name+".xml", b.Window.Canvas())
		})
	}
}

func press(b *sample.Bench, key fyne.KeyName) {
	b.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: key})
}

func types(b *sample.Bench, text string) {
	for _, r := range text {
		b.Window.Canvas().Focused().TypedRune(r)
	}
}

// A phone is found, filled in, tested and kept by keyboard alone, and each Return leads to what comes next.
func TestAddAPhoneByKeyboard(t *testing.T) {
	b, _ := open(t, "first-phone")
	b.Window.Canvas().Focus(sample.Button(t, b.Window.Canvas(), "Add a phone"))
	press(b, fyne.KeyReturn)
	b.Until("Only its mapping is there yet")
	types(b, "aster")
	if texts := sample.Texts(b.Window.Canvas()); strings.Contains(texts, "Built from the vendor's documents") {
		t.Error("the search finds what was not looked for:\n", texts)
	}
	press(b, fyne.KeyReturn)
	b.Until("Server address")
	for _, text := range []string{"https://pbx.example.com/ari", "ada", "secret", "100"} {
		types(b, text)
		press(b, fyne.KeyReturn)
	}
	if on, ok := b.Window.Canvas().Focused().(*part.Button); !ok || on.Text != "Test connection" {
		t.Fatalf("all is filled in, and the keyboard is at %T", b.Window.Canvas().Focused())
	}
	press(b, fyne.KeyReturn)
	b.Until("It answers: Extension 100, available, not in a call.")
	fields := map[string]string{"server": "https://pbx.example.com/ari", "user": "ada", "extension": "100", "read_only": "no"}
	secrets := map[string]string{"password": "secret"}
	if diff := cmp.Diff([]local.Test{{System: "asterisk", Fields: fields, Secrets: secrets}}, b.Resident.Tests()); diff != "" {
		t.Error(diff)
	}
	press(b, fyne.KeyReturn)
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	want := []local.Edit{{AddPhone: &local.PhoneEdit{System: "asterisk", Fields: fields, Secrets: secrets}}}
	if diff := cmp.Diff(want, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(sample.Texts(b.Window.Canvas()), "No phone yet") {
		t.Error("it is kept, and the list is not there again")
	}
}

// What is wrong is said, and the keyboard goes to the field that it is about.
func TestConnectionThatFails(t *testing.T) {
	b, _ := open(t, "in-call")
	b.Resident.Finds(local.Tested{Problem: &local.Problem{Kind: "bad-login", Key: "password",
		What: "the phone refuses the password", Do: "correct it"}})
	test.Tap(sample.Button(t, b.Window.Canvas(), "Change"))
	b.Until("Server")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Test connection"))
	b.Until("The phone refuses the password. Correct it.")
	if e, ok := b.Window.Canvas().Focused().(*part.Entry); !ok || !e.Password {
		t.Errorf("the keyboard is at %T", b.Window.Canvas().Focused())
	}
	want := []local.Test{{System: "simulated", Phone: "desk", Secrets: map[string]string{},
		Fields: map[string]string{"server": "https://phone.example.com", "user": "100"}}}
	if diff := cmp.Diff(want, b.Resident.Tests()); diff != "" {
		t.Error(diff)
	}
}

// A secret that is kept is neither shown nor sent again, and stays.
func TestChangeAPhone(t *testing.T) {
	b, _ := open(t, "in-call")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Change"))
	b.Until("Server")
	entries := sample.Entries(b.Window.Canvas())
	if entries[2].Text != "" || entries[2].PlaceHolder != "kept, and not shown" {
		t.Errorf("the password shows %q, %q", entries[2].Text, entries[2].PlaceHolder)
	}
	entries[1].SetText("101")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Save"))
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	title := ""
	want := []local.Edit{{ChangePhone: &local.PhoneEdit{ID: "desk", Title: &title, Secrets: map[string]string{},
		Fields: map[string]string{"server": "https://phone.example.com", "user": "101"}}}}
	if diff := cmp.Diff(want, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
}

func TestRemoveAPhoneAsksFirst(t *testing.T) {
	b, _ := open(t, "in-call")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Remove"))
	b.Until("Remove Desk phone, with its password and its mapping?")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Keep it"))
	test.Tap(sample.Button(t, b.Window.Canvas(), "Remove"))
	test.Tap(sample.Button(t, b.Window.Canvas(), "Remove it"))
	b.When(func() bool { return len(b.Told) > 0 }, "an answer")
	if diff := cmp.Diff([]local.Edit{{RemovePhone: "desk"}}, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
}

func TestPolicyLocksPhones(t *testing.T) {
	b, p := open(t, "in-call")
	s := sample.Settings()
	s.Locked = []string{"phones", "phones.desk"}
	p.Set(s)
	for _, name := range []string{"Change", "Remove", "Add a phone"} {
		if !sample.Button(t, b.Window.Canvas(), name).Disabled() {
			t.Errorf("%s can be pressed", name)
		}
	}
	if !strings.Contains(sample.Texts(b.Window.Canvas()), "Set by your administrator") {
		t.Error("nothing says why")
	}
}

// A phone that is signed in to with the browser offers what can be done about that now.
func TestSignInToAPhone(t *testing.T) {
	b, p := open(t, "phone-signed-out")
	press := func(name string) {
		t.Helper()
		n := len(b.Told)
		test.Tap(sample.Button(t, b.Window.Canvas(), name))
		b.When(func() bool { return len(b.Told) > n }, "an answer")
	}
	b.Until("Nobody is signed in to Univerge Blue. Sign in to this phone.")
	press("Sign in in the browser")
	p.Show(sample.Statuses()["phone-signing-in"], sample.Now())
	press("Open the page again")
	press("Cancel")
	s := sample.Statuses()["in-call"]
	s.Phones[0].SignIn = local.PhoneSignedIn
	p.Show(s, sample.Now())
	press("Sign out")
	want := []string{"sign in to desk", "sign in to desk", "cancel sign-in to desk", "sign out of desk"}
	if diff := cmp.Diff(want, b.Resident.Asked()); diff != "" {
		t.Error(diff)
	}
}

// A new one is saved, and then the browser opens; there is nothing to test with before.
func TestAddAPhoneThatSignsInByBrowser(t *testing.T) {
	b, _ := open(t, "first-phone")
	b.Resident.Says(local.Result{OK: true, ID: "blue"})
	test.Tap(sample.Button(t, b.Window.Canvas(), "Add a phone"))
	b.Until("Only its mapping is there yet")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Blue"))
	b.Until("You sign in in the browser once this is saved")
	types(b, "app-1")
	if !sample.Button(t, b.Window.Canvas(), "Test connection").Disabled() {
		t.Error("nobody is signed in, and the connection can be tested")
	}
	test.Tap(sample.Button(t, b.Window.Canvas(), "Save and sign in"))
	b.When(func() bool { return len(b.Resident.Asked()) > 0 }, "the sign-in")
	if diff := cmp.Diff([]string{"sign in to blue"}, b.Resident.Asked()); diff != "" {
		t.Error(diff)
	}
	want := []local.Edit{{AddPhone: &local.PhoneEdit{System: "blue", Fields: map[string]string{"client_id": "app-1"}, Secrets: map[string]string{}}}}
	if diff := cmp.Diff(want, b.Resident.Edits()); diff != "" {
		t.Error(diff)
	}
}

// A field that is one of several things offers them by their titles, and sends the value.
func TestFieldThatIsAChoice(t *testing.T) {
	b, _ := open(t, "first-phone")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Add a phone"))
	b.Until("Only its mapping is there yet")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Univerge Blue"))
	b.Until("Region")
	sample.Choice(t, b.Window.Canvas(), "Europe").SetSelected("United States")
	types(b, "https://blue.example.com")
	sample.Entries(b.Window.Canvas())[1].SetText("secret")
	test.Tap(sample.Button(t, b.Window.Canvas(), "Test connection"))
	b.Until("It answers")
	want := []local.Test{{System: "univerge-blue", Secrets: map[string]string{"password": "secret"},
		Fields: map[string]string{"server": "https://blue.example.com", "region": "us"}}}
	if diff := cmp.Diff(want, b.Resident.Tests()); diff != "" {
		t.Error(diff)
	}
}
