package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/offhook/offhook/app/demo"
	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/simulate"
)

func (p *program) demo(ctx context.Context, flags *flag.FlagSet, args []string) error {
	script := flags.Bool("script", false, "play a scripted day to the terminal, without tray and browser")
	fresh := flags.Bool("first-run", false, "begin as a new person does: in the window, signed out and without a phone")
	verbose := flags.Bool("verbose", false, "log what Offhook does")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	if !*script && !p.json && !hasDisplay() {
		fmt.Fprintln(p.err, "There is no display here, so a scripted day is played; where there is one, this shows the tray and a page.")
		*script = true
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := resident.Options{Version: version, Log: demo.Quiet(), OpenWindow: func() error { return errors.New("a scripted day has no window") }}
	if *verbose {
		o.Log = p.logger(true)
	}
	if *script || p.json {
		return p.script(ctx, o)
	}
	return p.play(ctx, o, *fresh)
}

// script plays the scripted day.
func (p *program) script(ctx context.Context, o resident.Options) error {
	d, err := demo.New(ctx, o)
	if err != nil {
		return err
	}
	defer d.Close()
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Resident.Run(running)
	}()
	all, err := d.Script(ctx, p.out, p.json)
	stop()
	<-ended
	if err != nil {
		return err
	}
	if !all {
		return exit(exitFailed)
	}
	return nil
}

// play shows the tray, the sign-in page and the page on which the outside is played.
func (p *program) play(ctx context.Context, o resident.Options, fresh bool) error {
	var d *demo.Demo
	o.OpenURL = openURL
	o.OpenWindow = func() error { return openWindow(d.Folder) }
	o.Log = p.logger(false)
	begin := demo.New
	if fresh {
		begin = demo.FirstRun
	}
	d, err := begin(ctx, o)
	if err != nil {
		return err
	}
	defer d.Close()
	door, err := local.Listen(d.Folder)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, `The simulated tenant and phone are played on %s
Sign in on the simulated sign-in page first; later with: offhook sign-in --config %s
See how things are with: offhook status --config %[2]s
Ctrl+C or the tray's menu ends it.
`, d.World.PageURL(), d.Folder)
	if fresh {
		fmt.Fprintf(p.out, "The simulated phone: server %s, user %s, password %s\n", d.World.PhoneURL(), simulate.DefaultUser, simulate.DefaultPassword)
	}
	var opening sync.WaitGroup
	defer opening.Wait()
	opening.Go(func() {
		if fresh {
			d.Resident.Settings(ctx)
		} else {
			awaitSignIn(ctx, d.Resident)
		}
		if err := openURL(d.World.PageURL()); err != nil {
			fmt.Fprintf(p.err, "offhook: no browser could be opened (%v); open that page yourself\n", err)
		}
	})
	p.serve(ctx, d.Resident, door, o.Log, true)
	return nil
}

// awaitSignIn lets the person sign in, and waits until that is over in one way or another.
func awaitSignIn(ctx context.Context, r *resident.Resident) {
	if !r.SignIn(ctx, local.SignIn{}).OK {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for s := range r.Follow(ctx) {
		if s.Account.SigningIn == "" {
			return
		}
	}
}

// hasDisplay tells whether there is a screen to show a tray on.
func hasDisplay() bool {
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func (p *program) simulate(ctx context.Context, flags *flag.FlagSet, args []string) error {
	httpAddr := flags.String("http", "127.0.0.1:0", "`ADDRESS` of the page and the phone, plain HTTP")
	tlsAddr := flags.String("tls", "127.0.0.1:0", "`ADDRESS` of everything, TLS")
	into := flags.String("write-settings", "", "write settings that point Offhook at these worlds into a `folder`")
	stale := flags.Int("stale-reads", 1, "how many reads of the presence answer the old value after a write; -1: none")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	world, err := simulate.Start(ctx, simulate.Options{HTTPAddr: *httpAddr, TLSAddr: *tlsAddr, StaleReads: *stale})
	if err != nil {
		return err
	}
	if *into != "" {
		if err := os.MkdirAll(*into, 0o700); err != nil {
			return fmt.Errorf("the folder for the settings: %w", err)
		}
		if err := demo.WriteSettings(*into, world); err != nil {
			return err
		}
	}
	about := map[string]string{"page": world.PageURL(), "authority": world.AuthorityURL(), "graph": world.GraphURL(),
		"phone": world.PhoneURL(), "client_id": world.ClientID(), "phone_user": simulate.DefaultUser,
		"phone_password": simulate.DefaultPassword, "root_certificate": string(world.RootPEM())}
	if p.json {
		p.printJSON(about, false)
	} else {
		for _, key := range []string{"page", "authority", "graph", "phone", "client_id", "phone_user", "phone_password", "root_certificate"} {
			fmt.Fprintf(p.out, "%-17s %s\n", key, about[key])
		}
		if *into != "" {
			fmt.Fprintf(p.out, "\nStart Offhook between them with:\n  %s=%s offhook run --config %s\n",
				demo.SecretVariable(), simulate.DefaultPassword, *into)
		}
	}
	return world.Wait()
}
