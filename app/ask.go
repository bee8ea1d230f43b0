package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/problem"
)

// This file holds the commands that ask the running resident.

func (p *program) status(ctx context.Context, flags *flag.FlagSet, args []string) error {
	follow := flags.Bool("follow", false, "go on, one status at each change")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	client := local.Dial(p.folder)
	if *follow {
		err := client.Follow(ctx, func(s local.Status) { p.showStatus(s, false) })
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	s, err := client.Status(ctx)
	if err != nil {
		return err
	}
	p.showStatus(s, true)
	return codeOfStatus(s)
}

// codeOfStatus is nil when all is well, also while paused.
func codeOfStatus(s local.Status) error {
	switch p := s.Problem; {
	case p != nil && codeOf(p.Kind) == exitSettings:
		return exit(exitSettings)
	case !s.Account.SignedIn:
		return exit(exitSignedOut)
	case p != nil:
		return exit(codeOf(p.Kind))
	}
	return nil
}

func (p *program) showStatus(s local.Status, indent bool) {
	if p.json {
		p.printJSON(s, indent)
		return
	}
	fmt.Fprintln(p.out, s.Sentence)
	if s.Problem != nil && s.Problem.Do != "" {
		fmt.Fprintln(p.out, "  "+s.Problem.Do+hint(s.Problem))
	}
	if s.Account.SignedIn {
		fmt.Fprintln(p.out, "  Signed in as "+s.Account.Name)
	}
	if s.Teams.Known {
		fmt.Fprintf(p.out, "  Teams: %s%s\n", s.Teams.Title, held(s.Teams.Held))
	}
	for _, phone := range s.Phones {
		switch {
		case phone.Problem != nil:
			fmt.Fprintf(p.out, "  %s: %s\n", phone.Title, phone.Problem.What)
		case phone.Known:
			fmt.Fprintf(p.out, "  %s: %s%s\n", phone.Title, phone.Status, held(phone.Held))
		}
	}
}

func held(h *local.Hold) string {
	if h == nil {
		return ""
	}
	before := ""
	if h.Before != "" {
		before = "; before: " + h.Before
	}
	return fmt.Sprintf(" (set by Offhook, because of %s%s)", h.Cause, before)
}

// hint names the command that does what is to be done.
func hint(p *local.Problem) string {
	if p.Kind == string(problem.PhoneSignedOut) {
		return ": offhook phones sign-in " + p.Where
	}
	switch p.Do {
	case "Sign in", "Sign in again", "Sign in with the browser":
		return ": offhook sign-in"
	case "Sign in with a code instead", "Sign in again with a new one":
		return ": offhook sign-in --device-code"
	}
	return ""
}

func (p *program) why(ctx context.Context, flags *flag.FlagSet, args []string) error {
	verbose := flags.Bool("verbose", false, "with the ids of requests, by which Microsoft's support finds them")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	s, err := local.Dial(p.folder).Status(ctx)
	if err != nil {
		return err
	}
	if p.json {
		if *verbose {
			p.printJSON(map[string]any{"reasons": s.Reasons, "requests": s.Teams.Requests}, true)
			return nil
		}
		p.printJSON(s.Reasons, true)
		return nil
	}
	if len(s.Reasons) == 0 {
		fmt.Fprintln(p.out, "Nothing has been decided yet.")
	}
	for _, r := range s.Reasons {
		line := r.At.Local().Format(stamp) + "  " + r.Sentence
		if r.TookMS > 0 {
			line += fmt.Sprintf("  (%d ms)", r.TookMS)
		}
		fmt.Fprintln(p.out, line)
		if ids, ok := r.With["support"]; ok && *verbose {
			fmt.Fprintf(p.out, "              %s\n", ids)
		}
	}
	if *verbose && s.Problem != nil && s.Problem.Support != "" {
		fmt.Fprintf(p.out, "\nNow: %s\n              %s\n", s.Problem.What, s.Problem.Support)
	}
	if *verbose {
		p.showRequests(s.Teams.Requests)
	}
	return nil
}

const stamp = "Mon 15:04:05"

// showRequests tells what Microsoft's support asks for.
func (p *program) showRequests(requests []local.Request) {
	if len(requests) == 0 {
		return
	}
	fmt.Fprintln(p.out, "\nThe latest writes and failures at Microsoft Graph:")
	for _, q := range requests {
		fmt.Fprintf(p.out, "%s  %s: %d  (%d ms)\n              request-id %s, client-request-id %s\n", q.At.Local().Format(stamp),
			q.What, q.Status, q.TookMS, cmp.Or(q.RequestID, "none"), q.ClientRequestID)
	}
}

func (p *program) pause(ctx context.Context, flags *flag.FlagSet, args []string) error {
	words, err := p.parse(flags, args, 1)
	if err != nil {
		return err
	}
	var until time.Time
	if len(words) == 1 {
		if until, err = pauseUntil(words[0], time.Now()); err != nil {
			return err
		}
	}
	r, err := local.Dial(p.folder).Pause(ctx, until)
	return p.acted(resident.Paused(until, time.Now())+". Go on with: offhook resume", r, err)
}

// pauseUntil reads 30m, tomorrow (the morning at 6) or 15:04 (the next time the clock shows it).
func pauseUntil(word string, now time.Time) (time.Time, error) {
	day := func(days, hour, minute int) time.Time {
		y, m, d := now.Date()
		return time.Date(y, m, d+days, hour, minute, 0, 0, now.Location())
	}
	if word == "tomorrow" {
		return day(1, 6, 0), nil
	}
	if d, err := time.ParseDuration(word); err == nil && d > 0 {
		return now.Add(d), nil
	}
	if at, err := time.Parse("15:04", word); err == nil {
		until := day(0, at.Hour(), at.Minute())
		if !until.After(now) {
			until = day(1, at.Hour(), at.Minute())
		}
		return until, nil
	}
	return time.Time{}, usage("%q is no pause: say 30m, 2h, tomorrow or a time such as 15:30, or nothing for until you resume", word)
}

func (p *program) resume(ctx context.Context, flags *flag.FlagSet, args []string) error {
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	r, err := local.Dial(p.folder).Resume(ctx)
	return p.acted("Resumed", r, err)
}

func (p *program) signOut(ctx context.Context, flags *flag.FlagSet, args []string) error {
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	r, err := local.Dial(p.folder).SignOut(ctx)
	return p.acted("Signed out", r, err)
}

func (p *program) quit(ctx context.Context, flags *flag.FlagSet, args []string) error {
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	client := local.Dial(p.folder)
	if r, err := client.Quit(ctx); err != nil || !r.OK {
		return p.acted("", r, err)
	}
	_ = client.Follow(ctx, func(local.Status) {}) // ends with Offhook, which first gives back what it holds
	return p.acted("Offhook has ended", local.Result{OK: true}, ctx.Err())
}

// acted tells how an action went: done is what to say when it went well.
func (p *program) acted(done string, r local.Result, err error) error {
	switch {
	case err != nil:
		return err
	case p.json:
		p.printJSON(r, true)
	case r.OK:
		fmt.Fprintln(p.out, done)
	case r.Problem != nil:
		p.tell(sentence(r.Problem))
	}
	switch {
	case r.OK:
		return nil
	case r.Problem == nil || r.Problem.Kind == string(problem.Refused):
		return exit(exitFailed)
	}
	return exit(codeOf(r.Problem.Kind))
}

func sentence(p *local.Problem) string {
	return (&problem.Problem{What: problem.Plain(p.What), Do: problem.Plain(p.Do + hint(p))}).Error()
}

func (p *program) printJSON(v any, indent bool) {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	if indent {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(v); err != nil {
		fmt.Fprintf(p.err, "offhook: %v\n", err)
	}
}
