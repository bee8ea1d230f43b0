package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/offhook/offhook/app/doctor"
	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/notice"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/app/tray"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
)

// This file holds the commands that look after Offhook itself: doctor and autostart.

func (p *program) doctor(ctx context.Context, flags *flag.FlagSet, args []string) error {
	bundle := flags.String("bundle", "", "write the report, without anything personal, to a zip `FILE` for those who help")
	yes := flags.Bool("yes", false, "write it without asking")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	o := doctor.Options{Folder: p.folder, Policy: settings.PolicyFile(), Version: version, Secrets: p.openSecrets,
		Tray: tray.Missing, Notices: notifier}
	if at, err := p.atLogin(); err == nil {
		o.Autostart = at
	}
	report := doctor.Examine(ctx, o)
	switch {
	case *bundle != "":
		return p.bundle(*bundle, *yes, doctor.Bundle(o, report))
	case p.json:
		p.printJSON(report, true)
	default:
		for _, c := range report.Checks {
			fmt.Fprintf(p.out, "%-8s %-14s %s\n", mark(c.State), c.Name, c.What)
			if c.Do != "" {
				fmt.Fprintf(p.out, "%24s%s\n", "", c.Do)
			}
		}
	}
	if !report.Well() {
		return exit(exitTrouble)
	}
	return nil
}

func mark(s doctor.State) string {
	if s == doctor.Bad {
		return "BAD"
	}
	return string(s)
}

// bundle shows what a bundle holds, and writes it where the person agrees.
func (p *program) bundle(path string, yes bool, files []doctor.File) error {
	for _, f := range files {
		fmt.Fprintf(p.out, "--- %s\n%s\n", f.Name, f.Text)
	}
	if !yes {
		fmt.Fprintf(p.err, "This is all that %s will hold. Write it? [y/N] ", path)
		answer, err := bufio.NewReader(p.in).ReadString('\n')
		if word := strings.ToLower(strings.TrimSpace(answer)); err != nil && answer == "" || word != "y" && word != "yes" {
			fmt.Fprintln(p.err, "Nothing was written.")
			return exit(exitFailed)
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("the bundle: %w", err)
	}
	if err := errors.Join(doctor.Write(f, files), f.Close()); err != nil {
		return fmt.Errorf("the bundle: %w", err)
	}
	fmt.Fprintln(p.err, "Written: "+path)
	return nil
}

func (p *program) openSecrets(ctx context.Context) (resident.Secrets, error) {
	store, err := secrets.Open(ctx, p.folder, secrets.System(service))
	if store == nil {
		return nil, err
	}
	return store, err
}

// notifier asks the desktop who shows its notifications.
func notifier() (string, error) {
	desktop, err := notice.Open()
	if err != nil {
		return "", err
	}
	name, err := desktop.Name()
	return name, errors.Join(err, desktop.Close())
}

func (p *program) autostart(_ context.Context, flags *flag.FlagSet, args []string) error {
	words, err := p.parse(flags, args, 1)
	if err != nil {
		return err
	}
	at, err := p.atLogin()
	if err != nil {
		return err
	}
	if len(words) == 1 {
		if words[0] != "on" && words[0] != "off" {
			return usage("say: offhook autostart on, or off, or nothing to see how it is")
		}
		if err := at.Set(words[0] == "on"); err != nil {
			return err
		}
	}
	on, err := at.Enabled()
	if err != nil {
		return err
	}
	switch {
	case p.json:
		p.printJSON(map[string]bool{"start_at_login": on}, false)
	case on:
		fmt.Fprintln(p.out, "Offhook starts at login")
	default:
		fmt.Fprintln(p.out, "Offhook does not start at login")
	}
	return nil
}

// set sets the person's status on both sides.
func (p *program) set(ctx context.Context, flags *flag.FlagSet, args []string) error {
	words, err := p.parse(flags, args, 3)
	if err != nil {
		return err
	}
	said := strings.Join(words, " ")
	var names []string
	for _, c := range local.Choices() {
		names = append(names, c.To)
		if !strings.EqualFold(said, c.To) && !strings.EqualFold(said, c.Title) {
			continue
		}
		r, err := local.Dial(p.folder).SetStatus(ctx, local.Choice(c.To))
		done := "Set on both sides: " + c.Title
		if r.Note != "" {
			done = "Set in Teams: " + c.Title + ". " + r.Note
		}
		return p.acted(done, r, err)
	}
	return usage("there is no status %q; there are: %s", said, strings.Join(names, ", "))
}
