//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	_ "image/png" // the icons
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/testreal"
)

// startBus starts a session bus of the test's own.
func startBus(t *testing.T) (address string) {
	t.Helper()
	daemon := exec.Command(testreal.Program(t, "dbus-daemon", "install the package dbus"),
		"--session", "--nofork", "--print-address", "--address=unix:path="+filepath.Join(t.TempDir(), "bus"))
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = daemon.Process.Kill(), daemon.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "DBUS_SESSION_BUS_ADDRESS=" + strings.TrimSpace(line)
}

// panel is the desktop's side: it collects tray icons as a StatusNotifierWatcher, reads their menus and clicks.
type panel struct {
	t     *testing.T
	bus   *dbus.Conn
	items chan string // the bus names of icons that have come
}

func newPanel(t *testing.T) *panel {
	t.Helper()
	bus, err := sessionBus()
	if err != nil {
		t.Fatal(err)
	}
	p := &panel{t: t, bus: bus, items: make(chan string, 4)}
	t.Cleanup(func() { _ = bus.Close() })
	return p
}

// appear makes the panel the desktop's own.
func (p *panel) appear() {
	p.t.Helper()
	_, err := prop.Export(p.bus, watcherPath, prop.Map{watcher: {"IsStatusNotifierHostRegistered": {Value: true}}})
	p.must(err)
	p.must(p.bus.Export(registry{p.items}, watcherPath, watcher))
	reply, err := p.bus.RequestName(watcher, dbus.NameFlagDoNotQueue)
	p.must(err)
	if reply != dbus.RequestNameReplyPrimaryOwner {
		p.t.Fatalf("the name %s: %v", watcher, reply)
	}
}

type registry struct{ items chan string }

func (r registry) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	r.items <- string(sender)
	return nil
}

func (p *panel) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// icon waits for a tray icon to come.
func (p *panel) icon() *icon {
	p.t.Helper()
	select {
	case name := <-p.items:
		return p.iconOf(name)
	case <-time.After(10 * time.Second):
		p.t.Fatal("no icon has come")
		return nil
	}
}

func (p *panel) iconOf(name string) *icon {
	p.t.Helper()
	i := &icon{panel: p, object: p.bus.Object(name, "/StatusNotifierItem")}
	var path dbus.ObjectPath
	i.property("Menu", &path)
	i.menu = p.bus.Object(name, path)
	return i
}

type icon struct {
	*panel
	object, menu dbus.BusObject
}

func (i *icon) property(name string, into any) {
	i.t.Helper()
	i.must(i.object.StoreProperty("org.kde.StatusNotifierItem."+name, into))
}

// layout is a row as com.canonical.dbusmenu tells it.
type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// read reads the whole menu as a person sees it, and tells find each row that can be clicked.
func (i *icon) read(find func(label string, id int32)) string {
	i.t.Helper()
	var revision uint32
	var root layout
	i.must(i.menu.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root))
	var b strings.Builder
	var write func(l layout, indent string)
	write = func(l layout, indent string) {
		for _, child := range l.Children {
			var row layout
			i.must(dbus.Store([]any{child.Value()}, &row))
			text := func(name string) string { s, _ := row.Props[name].Value().(string); return s }
			is := func(name string) bool { yes, ok := row.Props[name].Value().(bool); return yes || !ok }
			label := strings.ReplaceAll(text("label"), "__", "_")
			switch {
			case !is("visible"):
			case text("type") == "separator":
				b.WriteString(indent + "---\n")
			case !is("enabled"):
				b.WriteString(indent + "[" + label + "]\n")
			default:
				b.WriteString(indent + label + "\n")
				find(label, row.ID)
				write(row, indent+"  ")
			}
		}
	}
	write(root, "")
	return b.String()
}

func (i *icon) rows() string { return i.read(func(string, int32) {}) }

func (i *icon) click(label string) {
	i.t.Helper()
	found := int32(-1)
	i.read(func(l string, id int32) {
		if l == label {
			found = id
		}
	})
	if found < 0 {
		i.t.Fatalf("there is no %q to click", label)
	}
	err := i.menu.Call("com.canonical.dbusmenu.Event", 0, found, "clicked", dbus.MakeVariant(0), uint32(0)).Err
	var said dbus.Error
	if errors.As(err, &said) && said.Name == "org.freedesktop.DBus.Error.NoReply" {
		return // a click on quit may end it before it has answered
	}
	i.must(err)
}

// shows checks that the panel gets the icon of a look. Panels take its colours as not multiplied by alpha.
func (i *icon) shows(look local.Look) {
	i.t.Helper()
	var maps []struct {
		Width, Height int32
		ARGB          []byte
	}
	i.property("IconPixmap", &maps)
	if len(maps) != 1 || maps[0].Width != 64 || maps[0].Height != 64 {
		i.t.Fatalf("the icon is not one picture of 64x64: %d", len(maps))
	}
	img, _, err := image.Decode(bytes.NewReader(assets.Icon(string(look))))
	i.must(err)
	for n := range 64 * 64 {
		argb := maps[0].ARGB[4*n : 4*n+4]
		r, g, b, a := img.At(n%64, n/64).RGBA() // multiplied
		for c, want := range []uint32{r, g, b} {
			onWhite := int(want+0xffff-a) >> 8
			got := (int(argb[c+1])*int(argb[0]) + 255*(255-int(argb[0]))) / 255
			if got-onWhite > 2 || onWhite-got > 2 {
				i.t.Errorf("the icon is not the one for %s: at %d,%d channel %d is %d, want %d", look, n%64, n/64, c, got, onWhite)
				return
			}
		}
	}
}

// asDesktop writes Menu's rows as icon.rows does.
func asDesktop(s local.Status) string {
	var b strings.Builder
	for line := range strings.Lines(visible(Menu(english(), s))) {
		label, _, _ := strings.Cut(strings.TrimRight(line, "\n"), " = ")
		b.WriteString(label + "\n")
	}
	return b.String()
}
