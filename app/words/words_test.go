package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/teams"
)

// used finds every text that the programs say, and checks that each call names what its text puts in.
func used(t *testing.T) map[string]bool {
	t.Helper()
	all := phrases()
	for _, s := range teams.States() {
		all[s.What], all[s.Do] = true, true
	}
	delete(all, "")
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || f.Sel.Name != "T" && f.Sel.Name != "N" && f.Sel.Name != "Say" {
				return true
			}
			if of, ok := f.X.(*ast.Ident); f.Sel.Name == "Say" && (!ok || of.Name != "problem") {
				return true // the window's, of a text that is translated already
			}
			key, ok := literal(call.Args[0])
			if !ok {
				if f.Sel.Name == "Say" && len(call.Args) > 1 && name != "sync/teams/states.go" {
					t.Errorf("%s: a phrase that no translator can find", set.Position(call.Pos()))
				}
				return true
			}
			all[key] = true
			with := call.Args[1:]
			names := []string{}
			if f.Sel.Name == "N" {
				names, with = append(names, "n"), with[1:]
			}
			for i := 0; i < len(with); i += 2 {
				name, _ := literal(with[i])
				names = append(names, name)
			}
			slices.Sort(names)
			if diff := cmp.Diff(placeholders(key), names); diff != "" {
				t.Errorf("%s: %q does not get what it puts in:\n%s", set.Position(call.Pos()), key, diff)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d texts: this looks in the wrong place", len(all))
	}
	return all
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// names are the same in every language.
func names() map[string]bool {
	all := map[string]bool{"": true}
	for _, name := range []string{"Asterisk", "BroadWorks", "Bria", "Dialpad", "FreePBX", "Intermedia",
		"Intermedia (Serverdata)", "Intermedia Elevate", "Intermedia Unite", "Kazoo (2600Hz)", "Mitel CloudLink",
		"NFON Cloudya", "NethVoice", "OpenScape UC", "RingCentral", "Setera OneCloud", "TCP", "TLS", "UDP",
		"Univerge Blue", "Wazo", "Webex Calling", "Zoom", "baresip", "sipgate"} {
		all[name] = true
	}
	return all
}

// preset is what a shipped phone system's file says to a person.
type preset struct {
	Title  string
	Fields []struct {
		Label, Help string
		Options     []struct{ Label string }
	}
	Statuses []struct{ Name string }
	Mapping  struct {
		TeamsToPhone []struct{ Unchanged string } `yaml:"teams_to_phone"`
		PhoneToTeams []struct{ Unchanged string } `yaml:"phone_to_teams"`
	}
}

func presets(t *testing.T) (all []preset) {
	t.Helper()
	files, err := fs.Glob(assets.Presets, "presets/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no phone systems", err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(assets.Presets, name)
		if err != nil {
			t.Fatal(err)
		}
		var p preset
		if err := yaml.Unmarshal(text, &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, p)
	}
	return all
}

// shipped finds every text of the shipped phone systems: what they are called, what they ask for, what they show
// and why they leave something unchanged.
func shipped(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, p := range presets(t) {
		all[p.Title] = true
		for _, f := range p.Fields {
			all[f.Label], all[f.Help] = true, true
			for _, o := range f.Options {
				all[o.Label] = true
			}
		}
		for _, s := range p.Statuses {
			all[s.Name] = true
		}
		for _, r := range append(p.Mapping.TeamsToPhone, p.Mapping.PhoneToTeams...) {
			all[r.Unchanged] = true
		}
	}
	named := names()
	for name := range named {
		if name != "" && !all[name] {
			t.Errorf("no phone system says %q any more", name)
		}
	}
	maps.DeleteFunc(all, func(text string, _ bool) bool { return named[text] })
	return all
}

// Two statuses of one phone are never called the same: a person chooses between them.
func TestStatusesStayApart(t *testing.T) {
	for _, l := range Languages() {
		w := In(l.Tag)
		for _, p := range presets(t) {
			called := map[string]string{}
			for _, s := range p.Statuses {
				if other, there := called[w.State(s.Name)]; there {
					t.Errorf("%s, %s: %q and %q are both called %q", l.Tag, p.Title, other, s.Name, w.State(s.Name))
				}
				called[w.State(s.Name)] = s.Name
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func placeholders(text string) []string {
	found := []string{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(found, m[1]) {
			found = append(found, m[1])
		}
	}
	slices.Sort(found)
	return found
}

// Every language says every text, with the same things put in, and nothing that nobody says any more: those of the
// programs, and those of the shipped phone systems that no program says.
func TestEveryLanguageIsWhole(t *testing.T) {
	programs, phones := used(t), shipped(t)
	maps.DeleteFunc(phones, func(text string, _ bool) bool { return programs[text] })
	for _, l := range Languages() {
		w, err := read(l.Tag)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.time.Days) != 7 || len(w.time.Months) != 12 || w.time.Clock == "" || w.time.Decimal == "" {
			t.Errorf("%s: the calendar is not whole: %+v", l.Tag, w.time)
		}
		if l.Tag == "en" { // the texts themselves are English
			continue
		}
		said, err := readPhones(l.Tag)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, l.Tag+" of the phone systems", phones, said)
		maps.DeleteFunc(w.texts, func(text, _ string) bool { _, ok := said[text]; return ok && !programs[text] })
		whole(t, l.Tag, programs, w.texts)
	}
}

func whole(t *testing.T, where string, needed map[string]bool, said map[string]string) {
	t.Helper()
	missing := []string{}
	for _, text := range slices.Sorted(maps.Keys(needed)) {
		if said[text] == "" {
			missing = append(missing, text)
		}
	}
	if len(missing) > 0 {
		t.Errorf("%s has no words for:\n%s", where, strings.Join(missing, "\n"))
	}
	for text, said := range said {
		if !needed[text] {
			t.Errorf("%s: nobody says %q", where, text)
		}
		if strings.Contains(text, " | ") != strings.Contains(said, " | ") {
			t.Errorf("%s: %q is of two wordings, or %q is", where, text, said)
		}
		for i, one := range strings.Split(text, " | ") {
			if parts := strings.Split(said, " | "); i < len(parts) {
				if diff := cmp.Diff(placeholders(one), placeholders(parts[i])); diff != "" {
					t.Errorf("%s: %q puts other things in than %q:\n%s", where, said, text, diff)
				}
			}
		}
	}
}

func TestLocales(t *testing.T) {
	for tag, want := range map[string]string{"": "en", "C": "en", "de_AT.UTF-8": "de", "fi-FI": "fi", "fr": "fr",
		"es-MX": "es", "sv-SE": "en", "EN_gb": "en", "deu": "en"} {
		if got := In(tag).Tag(); got != want {
			t.Errorf("%q speaks %s, not %s", tag, got, want)
		}
	}
}

// A phone that its person gave no name has that of its system, in their language.
func TestPhonesWithoutANameOfTheirOwn(t *testing.T) {
	s := local.Status{Phones: []local.Phone{{ID: "a", Title: "Simulated phone"}, {ID: "b", Title: "Ada's"}}}
	named := In("de").Named(s)
	if got := named.Phones[0].Title + ", " + named.Phones[1].Title; got != "Simuliertes Telefon, Ada's" {
		t.Errorf("got %s", got)
	}
	if s.Phones[0].Title != "Simulated phone" {
		t.Error("the status itself was changed")
	}
}

func TestTexts(t *testing.T) {
	en, de, fr := In("en"), In("de"), In("fr")
	for _, c := range []struct{ got, want string }{
		{en.T("Signed in as {name}", "name", "ada@example.com"), "Signed in as ada@example.com"},
		{de.T("Signed in as {name}", "name", "{name}"), "Angemeldet als {name}"},
		{de.T("a text that nobody translated"), "a text that nobody translated"},
		{en.N("{n} day | {n} days", 1), "1 day"},
		{en.N("{n} day | {n} days", 0), "0 days"},
		{de.N("{n} day | {n} days", 30), "30 Tage"},
		{fr.N("{n} day | {n} days", 0), "0 jour"},
		{de.State(presence.InACall.String()), "In einem Anruf"},
		{de.State("On vacation"), "Im Urlaub"},
		{de.State("On the roof"), "On the roof"}, // of a person's own file
		{Sentences("", "it rings.", " ", "answer!"), "It rings. Answer!"},
		{Sentences("phone: on a call → Teams"), "Phone: on a call ⇒ Teams."},
		{Sentences("ärger mit dem Server", "why?"), "Ärger mit dem Server. Why?"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	now := time.Date(2026, 3, 12, 0, 30, 0, 0, berlin) // a Thursday; still Wednesday in UTC
	at := func(d time.Duration) time.Time { return now.Add(d).UTC() }
	en, us, de, fi, fr := In("en-GB"), In("en-US"), In("de"), In("fi"), In("fr")
	for _, c := range []struct{ got, want string }{
		{en.When(time.Time{}, now), ""},
		{en.When(at(-10*time.Minute), now), "00:20"},
		{us.When(at(13*time.Hour), now), "1:30 PM"},
		{fi.When(at(13*time.Hour), now), "13.30"},
		{en.When(at(-time.Hour), now), "Wed 23:30"},
		{de.When(at(-time.Hour), now), "Mi 23:30"},
		{en.When(at(-30*24*time.Hour), now), "10 Feb 2026 00:30"},
		{us.When(at(-30*24*time.Hour), now), "Feb 10, 2026 12:30 AM"},
		{de.When(at(-30*24*time.Hour), now), "10. Feb. 2026 00:30"},
		{en.Until(at(time.Hour), now), "01:30"},
		{en.Until(at(23*time.Hour+30*time.Minute), now), "tomorrow"},
		{de.Until(at(23*time.Hour+30*time.Minute), now), "morgen"},
		{en.Until(at(24*time.Hour), now), "Fri 13 Mar, 00:30"},
		{fr.Until(at(24*time.Hour), now), "ven. 13 mars, 00:30"},
		{en.Day(at(0), now), "Today"},
		{en.Day(at(-time.Hour), now), "Yesterday"},
		{us.Day(at(-72*time.Hour), now), "Monday March 9"},
		{fi.Day(at(-72*time.Hour), now), "maanantai 9. maaliskuuta"},
		{en.Exact(now), "00:30:00"},
		{Left(at(14*time.Minute+32*time.Second), now), "14:32"},
		{Left(at(-time.Second), now), "0:00"},
		{en.Took(0), ""},
		{en.Took(7 * time.Millisecond), "7 ms"},
		{en.Took(380 * time.Millisecond), "0.4 s"},
		{de.Took(380 * time.Millisecond), "0,4 s"},
		{en.Took(90 * time.Second), "2 min"},
		{en.Took(90 * time.Minute), "1 h 30 min"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// A decision is told in each language with the same parts, and one that is not known as the resident told it.
func TestReasons(t *testing.T) {
	now := time.Date(2026, 3, 12, 14, 0, 0, 0, time.UTC)
	name := Names([]local.Phone{{ID: "desk", Title: "Tischtelefon"}})
	mirrored := local.Reason{Kind: "mirrored", Where: "teams", Sentence: "in English",
		With: map[string]any{"source": "desk", "state": "On a call", "shows": "Busy/InACall"}}
	if got, want := In("de").Reason(mirrored, name, now), "Tischtelefon: Im Gespräch, also zeigt Teams jetzt: In einem Anruf."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := In("de").Reason(local.Reason{Kind: "juggled", Sentence: "it juggled"}, name, now), "It juggled."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What went wrong is told in the person's language; a place in the words of others is not filled.
func TestProblems(t *testing.T) {
	p := local.Tell(&problem.Problem{What: problem.Say("{phone} cannot be reached now", "phone", "Desk {file}"), Do: problem.Say("Check the network connection")}, "desk")
	if got, want := In("en").Problem(p), (Told{What: "Desk {file} cannot be reached now", Do: "Check the network connection"}); got != want {
		t.Errorf("in English: %+v", got)
	}
	if got, want := In("de").Problem(p), (Told{What: "Desk {file} ist jetzt nicht erreichbar", Do: "Prüfen Sie die Netzwerkverbindung"}); got != want {
		t.Errorf("in German: %+v", got)
	}
	older := &local.Problem{What: "no answer from 10.0.0.1 within 5 seconds", Do: "look"} // told by an Offhook that had no phrases
	if got, want := In("de").Problem(older), (Told{What: older.What, Do: older.Do}); got != want {
		t.Errorf("of another version: %+v", got)
	}
}
