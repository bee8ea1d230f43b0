// Package desktop_test is a person's first minute with the real programs on a real desktop: the first run by
// keyboard alone, a row of the mapping changed, the tray's menu opened as a panel opens it.
package desktop_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"github.com/godbus/dbus/v5"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/frame"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/sample"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testreal"
)

const (
	asBrowser = "OFFHOOK_TEST_IS_BROWSER"
	patience  = 30 * time.Second
	how       = "run it inside the project's desktop for tests, after building both programs"
)

func TestMain(m *testing.M) {
	if os.Getenv(asBrowser) != "" { // this program is the person's browser, and the person in front of it
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if strings.Contains(os.Args[1], "/authorize") {
			_ = simulate.Browse(ctx, http.DefaultClient, os.Args[1]) // what fails, the sign-in tells
		}
		return
	}
	os.Exit(m.Run())
}

// person sits in front of a demo.
type person struct {
	t                *testing.T
	door             *local.Client
	pid              int
	page, dir        string
	server, password string
}

var said = map[string]*regexp.Regexp{
	"page": regexp.MustCompile(`played on (\S+)`), "dir": regexp.MustCompile(`status --config (\S+)`),
	"server": regexp.MustCompile(`server (\S+), `), "password": regexp.MustCompile(`password (\S+)`),
}

// begin starts the demo as for a new person, until the test ends.
func begin(t *testing.T) *person {
	t.Helper()
	if os.Getenv("DISPLAY") == "" {
		testreal.Missing(t, "a display", how)
	}
	testreal.Program(t, "xdotool", how)
	bin := filepath.Join("..", "..", "..", "bin")
	for _, name := range []string{"offhook", "offhook-window"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			testreal.Missing(t, "bin/"+name, how)
		}
	}
	testreal.Alone(t, "desktop")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, filepath.Join(bin, "offhook"), "demo", "--first-run")
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = patience
	c.Env = append(os.Environ(), "BROWSER="+self, asBrowser+"=1")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = c.Wait() })
	found := map[string]string{}
	for lines := bufio.NewScanner(out); len(found) < len(said) && lines.Scan(); {
		for what, pattern := range said {
			if m := pattern.FindStringSubmatch(lines.Text()); m != nil && found[what] == "" {
				found[what] = m[1]
			}
		}
	}
	if len(found) < len(said) {
		t.Fatalf("the demo said no more than %q", found)
	}
	return &person{t: t, pid: c.Process.Pid, door: local.Dial(found["dir"]), page: strings.TrimSuffix(found["page"], "/"),
		dir: found["dir"], server: found["server"], password: found["password"]}
}

// until waits, doing something in between, until something is so.
func (p *person) until(what string, so func() bool, between ...func()) {
	p.t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for n := 1; !so(); n++ {
		if n%8 == 0 { // not faster than a person
			for _, do := range between {
				do()
			}
		}
		select {
		case <-again.C:
		case <-deadline:
			s, _ := p.door.Status(p.t.Context())
			p.t.Fatalf("in vain: %s; %+v", what, s)
		}
	}
}

func (p *person) status() local.Status {
	s, err := p.door.Status(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *person) missing(what ...string) func() bool {
	return func() bool { return slices.Equal(p.status().Setup.Missing, what) }
}

func (p *person) do(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("xdotool", args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("xdotool %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (p *person) key(keys ...string) {
	p.t.Helper()
	p.do(append([]string{"key", "--clearmodifiers", "--delay", "30"}, keys...)...)
}

func (p *person) types(text string) { p.do("type", "--delay", "15", text) }

func (p *person) window() bool {
	return exec.Command("xdotool", "search", "--onlyvisible", "--name", "^Offhook$").Run() == nil
}

// focus has the window hear the keyboard.
func (p *person) focus() (shows string) {
	p.t.Helper()
	p.until("the window", p.window)
	p.do("windowfocus", "--sync", p.id())
	return sample.Still(p.t, p.id(), "")
}

func (p *person) id() string {
	return strings.Fields(p.do("search", "--onlyvisible", "--name", "^Offhook$"))[0]
}

// world plays the outside.
func (p *person) world(what string) {
	p.t.Helper()
	r, err := http.Post(p.page+"/world/"+what, "application/json", strings.NewReader("{}"))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Body.Close()
}

// tabsTo counts how often Tab must be pressed on the page Mapping to come to a row of the phone: in a window like
// the real one, with the same status, on the test driver.
func (p *person) tabsTo(from string) (n int) {
	p.t.Helper()
	status := p.status()
	at := slices.IndexFunc(status.Phones[0].ToTeams, func(r local.Row) bool { return r.From == from })
	main := make(chan func())
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	test.NewTempApp(p.t).Settings().SetTheme(part.NewTheme(1))
	w := test.NewTempWindow(p.t, container.NewWithoutLayout())
	w.Resize(fyne.NewSize(920, 680))
	f := frame.New(ctx, frame.Needs{Window: w, Door: p.door, Locale: "en", Now: time.Now, Copy: func(string) {},
		Size: func(float32) {}, Closed: func() {}, OnMain: func(do func()) {
			select {
			case main <- do:
			case <-ctx.Done():
			}
		}})
	f.Begin(frame.Fetch(ctx, p.door), "mapping")
	rows := func() []*part.Choice {
		return slices.DeleteFunc(sample.All[*part.Choice](w.Canvas()), func(c *part.Choice) bool {
			return !slices.Contains(c.Options, "leave unchanged")
		})
	}
	for len(rows()) <= at+len(status.Phones[0].ToPhone) || len(rows()[0].Options) < 3 { // the targets have come
		(<-main)()
	}
	row := rows()[len(status.Phones[0].ToPhone)+at]
	for w.Canvas().Unfocus(); w.Canvas().Focused() != fyne.Focusable(row); n++ {
		w.Canvas().FocusNext()
		if n > 100 {
			p.t.Fatalf("Tab does not come to the row of %s", from)
		}
	}
	return n
}

// menu reads the tray's menu as a panel does, and clicks a row of it.
func (p *person) click(label string) {
	p.t.Helper()
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		testreal.Missing(p.t, "a session bus", how)
	}
	defer bus.Close()
	item := bus.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", p.pid), "/StatusNotifierItem")
	path, err := item.GetProperty("org.kde.StatusNotifierItem.Menu")
	if err != nil {
		p.t.Fatalf("the tray icon: %v", err)
	}
	menu := bus.Object(item.Destination(), path.Value().(dbus.ObjectPath))
	var revision uint32
	var layout struct {
		ID       int32
		Props    map[string]dbus.Variant
		Children []dbus.Variant
	}
	if err := menu.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(1), []string{}).Store(&revision, &layout); err != nil {
		p.t.Fatal(err)
	}
	var labels []string
	for _, child := range layout.Children {
		row := child.Value().([]any)
		props := row[1].(map[string]dbus.Variant)
		text, _ := props["label"].Value().(string)
		if labels = append(labels, text); text == label {
			if err := menu.Call("com.canonical.dbusmenu.Event", 0, row[0].(int32), "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err; err != nil {
				p.t.Fatal(err)
			}
			return
		}
	}
	p.t.Fatalf("the menu has %q, and no %q", labels, label)
}

func TestAPersonsFirstMinute(t *testing.T) {
	p := begin(t)
	began := time.Now()
	before := p.focus()

	p.until("the sign-in", p.missing("phone", "look"), func() {
		if p.status().Account.SigningIn == "" && !p.status().Account.SignedIn {
			p.key("Return")
		}
	})
	sample.Still(t, p.id(), before)
	p.types("simulated")
	p.key("Return")
	p.types(p.server)
	p.key("Return")
	p.types(p.password)
	p.key("Return") // comes to Test connection, then to Save
	p.until("the phone being kept", p.missing("look"), func() { p.key("Return") })
	p.until("both sides being read", func() bool { return p.status().Synced })
	p.until("the first run's end", p.missing(), func() { p.key("Return") })
	if took := time.Since(began); took > time.Minute {
		t.Errorf("the first run took %s", took)
	} else {
		t.Logf("the first run took %s", took.Round(100*time.Millisecond))
	}

	const from = "On a call"
	tabs := p.tabsTo(from)
	p.key("ctrl+w")
	p.until("the window's end", func() bool { return !p.window() })

	// The tray's menu opens the window; it is there in half a second.
	clicked := time.Now()
	p.click("Settings…")
	for !p.window() && time.Since(clicked) < patience {
	}
	took := time.Since(clicked)
	t.Logf("from the click to the window: %s", took.Round(time.Millisecond))
	if took > 2*time.Second { // half a second where nothing else runs
		t.Errorf("the window took %s to come", took)
	}

	p.focus()
	p.key("ctrl+3")
	for range tabs {
		p.key("Tab")
	}
	p.key("d")
	p.key("ctrl+s")
	p.until("the row being changed", func() bool {
		rows := p.status().Phones[0].ToTeams
		i := slices.IndexFunc(rows, func(r local.Row) bool { return r.From == from })
		return rows[i].To == "DoNotDisturb/DoNotDisturb" && rows[i].Changed
	})
	p.until("both sides being read", func() bool { return p.status().Synced })
	p.world("phone/ring")
	p.world("phone/answer")
	p.until("the next call following the changed row", func() bool { return p.status().Teams.Availability == "DoNotDisturb" })
	p.world("phone/hangup")
	p.focus()
	p.key("ctrl+w")
	p.until("the window's end", func() bool { return !p.window() })
}
