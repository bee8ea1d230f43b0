package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/offhook/offhook/app/autostart"
	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/notice"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/app/tray"
	language "github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
)

// service is the name under which the keyring knows Offhook's key.
const service = "offhook"

func (p *program) start(ctx context.Context, flags *flag.FlagSet, args []string) error {
	return p.reside(ctx, flags, args, true)
}

func (p *program) runWithoutTray(ctx context.Context, flags *flag.FlagSet, args []string) error {
	return p.reside(ctx, flags, args, false)
}

// reside runs a resident; where one runs already, its window is opened instead.
func (p *program) reside(ctx context.Context, flags *flag.FlagSet, args []string, withTray bool) error {
	verbose := flags.Bool("verbose", false, "log more")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	if err := os.MkdirAll(p.folder, 0o700); err != nil {
		return fmt.Errorf("the configuration folder: %w", err)
	}
	door, err := local.Listen(p.folder)
	if errors.Is(err, local.ErrRunning) {
		return p.second(ctx, withTray)
	}
	if err != nil {
		return err
	}
	log := p.logger(*verbose)
	if withTray {
		leaveConsole()
	}
	store, err := openSecrets(ctx, p.folder)
	if err != nil {
		log.Warn("the sign-in will not survive a restart", "problem", err)
	}
	o := resident.Options{Folder: p.folder, Version: version, Secrets: store, Log: log, Policy: settings.PolicyFile(),
		OpenURL: openURL, OpenWindow: func() error { return openWindow(p.folder) }}
	if at, err := p.atLogin(); err == nil {
		o.Autostart = at
	}
	r := resident.New(o)
	p.serve(ctx, r, door, log, withTray)
	return nil
}

// keyringTime is how long the start may wait for the keyring. One that takes longer, behind a prompt perhaps,
// is followed while Offhook runs.
const keyringTime = 2 * time.Second

func openSecrets(ctx context.Context, folder string) (*secrets.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	return secrets.Open(ctx, folder, secrets.System(service))
}

// second is what a second start does.
func (p *program) second(ctx context.Context, withTray bool) error {
	if !withTray {
		return local.ErrRunning
	}
	r, err := local.Dial(p.folder).Settings(ctx)
	return p.acted("Offhook runs already: its window is opened", r, err)
}

// serve runs the resident with its door, and its tray, until ctx ends or the person quits.
func (p *program) serve(ctx context.Context, r *resident.Resident, door net.Listener, log *slog.Logger, withTray bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()

	atDoor, closeDoor := context.WithCancel(context.WithoutCancel(ctx))
	running.Go(func() {
		if err := local.Serve(atDoor, door, r, log); err != nil {
			log.Error("the local API has ended", "problem", err)
		}
	})
	running.Go(func() {
		defer closeDoor()
		defer cancel()
		r.Run(ctx)
	})
	if withTray {
		if firstRun(r.Status()) && hasDisplay() {
			if result := r.OpenWindow(ctx, local.Open{}); !result.OK {
				log.Warn(result.Problem.What, "do", result.Problem.Do)
			}
		}
		running.Go(func() { p.notify(ctx, r, log) })
		spoken := language.Follow(func() string { return r.ReadSettings(ctx).General.Language })
		err := tray.Run(ctx, r, tray.Options{Log: log, OpenURL: openURL, Words: spoken, NoHost: func(why local.Problem) {
			log.Warn(why.What, "do", why.Do)
			r.NoTray(&why)
			if result := r.OpenWindow(ctx, local.Open{}); !result.OK { // it serves in the icon's place
				log.Warn(result.Problem.What, "do", result.Problem.Do)
			}
		}, Host: func() { r.NoTray(nil) }})
		if err != nil {
			log.Error("the tray icon has ended; Offhook goes on without it", "problem", err)
		}
	}
	<-ctx.Done()
}

// firstRun tells whether the window is to lead the person through setting up: it has not done so, and something
// is missing. The demo has pages of its own.
func firstRun(s local.Status) bool {
	missing := s.Setup.Missing
	return s.DemoPage == "" && slices.Contains(missing, "look") && len(missing) > 1
}

// notify tells the person what they must see to, where the desktop lets it.
func (p *program) notify(ctx context.Context, r *resident.Resident, log *slog.Logger) {
	desktop, err := notice.Open()
	if err != nil {
		log.Info("no notifications", "why", err)
		return
	}
	following, end := context.WithCancel(ctx)
	notice.Run(following, r, desktop, log)
	end()
	if err := desktop.Close(); err != nil {
		log.Debug("the notifications", "error", err)
	}
}

// atLogin is the switch that starts this program, with this configuration, when the person logs in.
func (p *program) atLogin() (autostart.Switch, error) {
	usual, err := settings.Folder("")
	if err == nil && usual == p.folder && os.Getenv("OFFHOOK_CONFIG_DIR") == "" {
		return autostart.This()
	}
	return autostart.This("--config", p.folder)
}

func (p *program) logger(verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level}))
}
