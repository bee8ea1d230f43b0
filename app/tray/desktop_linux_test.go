package tray

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/testreal"
)

// screen looks at a real desktop and uses its mouse and keyboard.
type screen struct {
	t   *testing.T
	dir string
}

func (s screen) run(name string, args ...string) {
	s.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v: %s", name, err, out)
	}
}

// look takes a picture; with OFFHOOK_PICTURES set to a folder it stays there under its name.
func (s screen) look(name string) image.Image {
	s.t.Helper()
	path := filepath.Join(s.dir, name+".png")
	s.run("import", "-window", "root", path)
	file, err := os.Open(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	img, err := png.Decode(file)
	if err != nil {
		s.t.Fatal(err)
	}
	return img
}

// patch is the middle of what shows in just this colour, and how many pixels do.
func patch(img image.Image, rgb uint32) (middle image.Point, pixels int) {
	var sum image.Point
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8<<16|g>>8<<8|b>>8 == rgb {
				sum, pixels = sum.Add(image.Pt(x, y)), pixels+1
			}
		}
	}
	if pixels > 0 {
		middle = sum.Div(pixels)
	}
	return middle, pixels
}

// differing counts the pixels that are not the same in two pictures of the screen.
func differing(a, b image.Image) (pixels int) {
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				pixels++
			}
		}
	}
	return pixels
}

// still takes a picture once the screen no longer changes.
func (s screen) still(name string) image.Image {
	s.t.Helper()
	for last := s.look(name); ; {
		now := s.look(name)
		if differing(last, now) == 0 {
			return now
		}
		last = now
	}
}

// A real panel shows the icon, its changes and its menu, and a real mouse and keyboard use them.
func TestARealTrayHost(t *testing.T) {
	const how = "run it inside the project's desktop for tests, which has a panel with a tray"
	if os.Getenv("DISPLAY") == "" {
		testreal.Missing(t, "a display", how)
	}
	for _, program := range []string{"import", "xdotool"} {
		testreal.Program(t, program, how)
	}
	bus, err := sessionBus()
	if err != nil {
		testreal.Missing(t, "a session bus", how)
	}
	defer bus.Close()
	if !hosted(t.Context(), bus) {
		testreal.Missing(t, "a panel that shows tray icons", how)
	}
	if !alone(t) {
		return
	}
	testreal.Alone(t, "desktop")

	s := screen{t, os.Getenv("OFFHOOK_PICTURES")}
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	available := with(func(st *local.Status) {
		st.Look = local.LookSynced
		st.Teams.Title, st.Phones[0].Status = "Available", "Available"
		st.DemoPage = "http://127.0.0.1:1/"
	})
	const green, red = 0x1f9d57, 0xd8353f // of the icons for synced and busy
	d := newDesk(available)
	end := start(t, d, Options{NoHost: func(p local.Problem) { t.Error(p.What) }})

	shows := func(name string, ink uint32) (at image.Point) {
		t.Helper()
		eventually(t, "the icon "+name+" shows in the panel", true, func() bool {
			var pixels int
			at, pixels = patch(s.look(name), ink)
			return pixels > 50
		})
		return at
	}
	at := shows("tray-synced", green)
	d.Set(inStep())
	shows("tray-busy", red)
	d.Set(available)
	shows("tray-synced", green)

	p := newPanel(t)
	var items []string
	p.must(p.bus.Object(watcher, watcherPath).StoreProperty(watcher+".RegisteredStatusNotifierItems", &items))
	name := ""
	for _, item := range items {
		owner, _, _ := strings.Cut(item, "/")
		var pid uint32
		p.must(p.bus.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, owner).Store(&pid))
		if int(pid) == os.Getpid() {
			name = owner
		}
	}
	if name == "" {
		t.Fatalf("the panel has %q, and nothing of ours", items)
	}
	eventually(t, "the menu over D-Bus", asDesktop(available), p.iconOf(name).rows)

	// The menu opens by the mouse; the arrow keys pass what cannot be chosen.
	before := s.look("tray-menu")
	s.run("xdotool", "mousemove", fmt.Sprint(at.X), fmt.Sprint(at.Y), "click", "3")
	eventually(t, "the menu opens", true, func() bool { return differing(before, s.look("tray-menu")) > 20000 })
	keys := []string{"key", "--delay", "150"}
	for _, row := range Menu(english(), available) {
		if !row.Hidden && clickable(row) {
			keys = append(keys, "Down")
		}
		if row.Label == "Pause" {
			break
		}
	}
	s.run("xdotool", keys...)
	menu := s.still("tray-menu")
	s.run("xdotool", "key", "Right")
	eventually(t, "the first row under Pause is chosen", true, func() bool { return differing(menu, s.still("tray-menu-pause")) > 2000 })
	s.run("xdotool", "key", "Return")
	d.want(t, "pause for 30m0s")

	if err := end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	eventually(t, "the icon goes", true, func() bool { _, n := patch(s.look("tray-gone"), green); return n == 0 })
}
