package main

import (
	"bufio"
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
)

// This file holds the command that signs in.

// signIn begins a sign-in and follows it to its end. On a terminal a code that has run out is followed by a
// new one, if the person wants.
func (p *program) signIn(ctx context.Context, flags *flag.FlagSet, args []string) error {
	code := flags.Bool("device-code", false, "with a code on any device, instead of the browser here")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	client := local.Dial(p.folder)
	for {
		account, wrong, err := p.signInOnce(ctx, client, *code)
		switch {
		case err != nil:
			return err
		case wrong != nil && wrong.State == "code-expired" && p.wantsNewCode(ctx):
			continue
		}
		if p.json {
			p.printJSON(account, true)
		}
		if wrong == nil && account.SignedIn {
			if !p.json {
				fmt.Fprintln(p.out, "Signed in as "+account.Name)
			}
			return nil
		}
		if wrong != nil {
			p.tell(sentence(wrong))
		}
		if account.Consent != nil && !p.json {
			fmt.Fprintf(p.out, "\nThis can be sent to your administrator as it is:\n\n%s\n", account.Consent.Text)
		}
		return exit(exitSignedOut)
	}
}

// signInOnce is one attempt: who is signed in after it, and what went wrong.
func (p *program) signInOnce(ctx context.Context, client *local.Client, code bool) (a local.Account, wrong *local.Problem, err error) {
	if r, err := client.SignIn(ctx, local.SignIn{DeviceCode: code}); err != nil || !r.OK {
		return a, nil, cmp.Or(p.acted("", r, err), error(exit(exitFailed)))
	}
	if !code {
		fmt.Fprintln(p.err, "Sign in on the page that opens in your browser.")
	}
	asked := ctx // ends with Ctrl+C
	defer func() {
		if asked.Err() != nil { // whoever gave up here does not go on there
			_, _ = client.CancelSignIn(context.WithoutCancel(asked))
		}
	}()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var last local.Status
	told := &codeTold{p: p, live: terminal(p.err)}
	defer told.end()
	err = client.Follow(ctx, func(s local.Status) {
		last = s
		told.show(ctx, s.Account)
		if s.Account.SigningIn == "" {
			stop()
		}
	})
	if ctx.Err() == nil {
		return a, nil, err
	}
	a = last.Account
	if wrong = a.Problem; wrong == nil && !a.SignedIn {
		wrong = last.Problem
	}
	return a, wrong, nil
}

// codeTold tells a device code, once, and on a terminal how long it is still good.
type codeTold struct {
	p     *program
	live  bool // a line may be written over
	code  string
	stop  context.CancelFunc
	ended chan struct{}
}

func (c *codeTold) show(ctx context.Context, a local.Account) {
	if a.Code == c.code {
		return
	}
	c.end()
	c.code = a.Code
	if a.Code == "" {
		return
	}
	if !c.live {
		fmt.Fprintf(c.p.err, "Open %s and type %s (good until %s)\n", a.CodeURL, a.Code, a.CodeUntil.Local().Format("15:04"))
		return
	}
	fmt.Fprintf(c.p.err, "Open %s and type %s\n", a.CodeURL, a.Code)
	ctx, c.stop = context.WithCancel(ctx)
	c.ended = make(chan struct{})
	go func() {
		defer close(c.ended)
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			fmt.Fprintf(c.p.err, "\r%-40s", goodFor(time.Until(a.CodeUntil)))
			select {
			case <-ctx.Done():
				fmt.Fprintf(c.p.err, "\r%-40s\r", "")
				return
			case <-second.C:
			}
		}
	}()
}

func (c *codeTold) end() {
	if c.stop != nil {
		c.stop()
		<-c.ended
		c.stop = nil
	}
}

// goodFor tells how long a code is still good.
func goodFor(left time.Duration) string {
	if left < time.Second {
		return "The code is no longer good."
	}
	left = left.Truncate(time.Second)
	return fmt.Sprintf("Good for another %d:%02d.", left/time.Minute, left%time.Minute/time.Second)
}

// wantsNewCode asks for a key, where somebody is there to press it.
func (p *program) wantsNewCode(ctx context.Context) bool {
	if p.json || !terminal(p.in) || !terminal(p.err) {
		return false
	}
	fmt.Fprint(p.err, "The code is no longer good. Press Enter for a new one, or type q and Enter to leave: ")
	line := make(chan string, 1)
	go func() { // ends with the program, which waits for nothing else
		text, err := bufio.NewReader(p.in).ReadString('\n')
		if err != nil {
			text = "q"
		}
		line <- text
	}()
	select {
	case text := <-line:
		return strings.TrimSpace(text) == ""
	case <-ctx.Done():
		return false
	}
}

// terminal tells whether a person sits at this end.
func terminal(end any) bool {
	f, ok := end.(*os.File)
	if !ok {
		return false
	}
	about, err := f.Stat()
	return err == nil && about.Mode()&os.ModeCharDevice != 0
}
