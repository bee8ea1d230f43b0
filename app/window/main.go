//go:build cgo || ci

// Command offhook-window is Offhook's window: what the resident program knows, to be looked at and acted on.
// It is started when the person asks for it and is gone when they close it. This file alone knows Fyne's
// application, which needs a screen; everything it shows lies in the packages below.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/frame"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/settings"
)

// ID names the program to the desktop, as in FyneApp.toml.
const ID = "io.github.offhook.offhook"

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

// run shows the window until it is closed. Exit codes: 0 closed, 1 no screen to show it on, 2 misuse.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("offhook-window", flag.ContinueOnError)
	flags.SetOutput(stderr)
	config := flags.String("config", "", "the configuration `folder` of the Offhook to show; else OFFHOOK_CONFIG_DIR, else the system's place")
	page := flags.String("page", "account", "the `page` to open: "+strings.Join(frame.Names(), ", "))
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "offhook-window: %q is not understood; see offhook-window --help\n", flags.Arg(0))
		return 2
	case !slices.Contains(frame.Names(), *page):
		fmt.Fprintf(stderr, "offhook-window: there is no page %q; there are: %s\n", *page, strings.Join(frame.Names(), ", "))
		return 2
	}
	dir, err := settings.Folder(*config)
	if err != nil {
		fmt.Fprintln(stderr, "offhook-window:", err)
		return 2
	}
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		fmt.Fprintln(stderr, "offhook-window: there is no display to open a window on; the command “offhook status” tells the same")
		return 1
	}
	return show(dir, *page, stderr)
}

func show(config, page string, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	a := app.NewWithID(ID)
	a.Settings().SetTheme(part.NewTheme())
	a.SetIcon(fyne.NewStaticResource("offhook.png", assets.AppIcon()))
	w := a.NewWindow("Offhook")

	// The window's end is the process's end, at once: nothing is kept here that would have to be saved, and
	// Fyne's own way out (2.8.1) sends on a channel that it has just closed, now and then.
	f := frame.New(ctx, frame.Needs{
		Window: w, Resident: local.Dial(config), Now: time.Now, OnMain: fyne.Do,
		Copy: a.Clipboard().SetContent, Closed: func() { os.Exit(0) },
	})
	f.Open(page)
	f.First(ctx)
	w.Resize(fyne.NewSize(860, 640))

	leave := context.AfterFunc(ctx, func() { os.Exit(0) })
	defer leave()
	if !appears(w) {
		fmt.Fprintln(stderr, "offhook-window: no window could be opened: this display has no OpenGL, or cannot be reached. "+
			"Offhook goes on without it; the command “offhook status” tells the same")
		return 1
	}
	a.Lifecycle().SetOnStarted(func() { go f.Follow(ctx) })
	a.Run()
	return 0
}

// appears shows a window and tells whether it is there. Where it cannot be, Fyne only logs that, or panics.
func appears(w fyne.Window) (there bool) {
	defer func() {
		if recover() != nil {
			there = false
		}
	}()
	w.Show()
	w.(driver.NativeWindow).RunNative(func(native any) { there = !reflect.ValueOf(native).IsZero() })
	return there
}
