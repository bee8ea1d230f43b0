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
	"github.com/offhook/offhook/app/words"
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
	page := flags.String("page", "", "the `page` to open, else the one it was left on: "+strings.Join(frame.Names(), ", "))
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "offhook-window: %q is not understood; see offhook-window --help\n", flags.Arg(0))
		return 2
	case *page != "" && !slices.Contains(frame.Names(), *page):
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

	door := local.Dial(config)
	fetched := make(chan frame.First, 1)
	go func() { fetched <- frame.Fetch(ctx, door) }() // while the toolkit starts

	a := app.NewWithID(ID)
	a.SetIcon(fyne.NewStaticResource("offhook.png", assets.AppIcon()))
	size := func(scale float32) { a.Settings().SetTheme(part.NewTheme(scale)) }
	size(1)
	w := a.NewWindow("Offhook")

	// The window's end is the process's end, at once: nothing is kept here that would have to be saved, and
	// Fyne's own way out (2.8.1) sends on a channel that it has just closed, now and then.
	f := frame.New(ctx, frame.Needs{
		Window: w, Door: door, Locale: words.Person(), Now: time.Now, OnMain: fyne.Do, Size: size,
		Copy: a.Clipboard().SetContent, Closed: func() { os.Exit(0) },
	})
	go func() {
		if f.Attend(ctx) != nil { // there is a window already, and it has come to the front
			os.Exit(0)
		}
	}()
	width, height := float32(920), float32(680)
	begun := make(chan struct{})
	begin := func(first frame.First) {
		f.Begin(first, page)
		if first.Window.Width > 0 && first.Window.Height > 0 {
			width, height = first.Window.Width, first.Window.Height
		}
		w.Resize(fyne.NewSize(width, height))
		close(begun)
	}
	w.Resize(fyne.NewSize(width, height))
	select {
	case first := <-fetched:
		begin(first)
	case <-time.After(patience): // it opens all the same, and says that it waits
		go func() {
			first := <-fetched
			fyne.Do(func() { begin(first) })
		}()
	}

	leave := context.AfterFunc(ctx, func() { os.Exit(0) })
	defer leave()
	if !appears(w) {
		fmt.Fprintln(stderr, "offhook-window: no window could be opened: this display has no OpenGL, or cannot be reached. "+
			"Offhook goes on without it; the command “offhook status” tells the same")
		return 1
	}
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			<-begun
			f.Follow(ctx)
		}()
	})
	a.Run()
	return 0
}

// patience is how long the window waits for the resident before it opens.
const patience = 150 * time.Millisecond

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
