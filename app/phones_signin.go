package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/problem"
)

// This file holds the sign-in to a phone whose system has a page of its own for that.

// signInPhone begins a sign-in to a phone and follows it to its end.
func (p *program) signInPhone(ctx context.Context, id string) error {
	client := local.Dial(p.folder)
	r, err := client.SignInPhone(ctx, id)
	if err != nil || !r.OK {
		return cmp.Or(noPhone(r), p.acted("", r, err), error(exit(exitFailed)))
	}
	fmt.Fprintln(p.err, "Sign in on the page that opens in your browser.")
	asked := ctx // ends with Ctrl+C
	defer func() {
		if asked.Err() != nil { // whoever gave up here does not go on there
			_, _ = client.CancelSignInPhone(context.WithoutCancel(asked), id)
		}
	}()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var last local.Phone
	err = client.Follow(ctx, func(s local.Status) {
		last = local.Phone{}
		for _, phone := range s.Phones {
			if phone.ID == id {
				last = phone
			}
		}
		if last.SignIn != local.PhoneSignInUnderWay {
			stop()
		}
	})
	if ctx.Err() == nil {
		return err
	}
	if p.json {
		p.printJSON(last, true)
	}
	switch {
	case asked.Err() != nil:
		return exit(exitSignedOut)
	case last.ID == "":
		return errors.New("the phone was removed meanwhile")
	case last.Problem != nil && !p.json:
		p.tell(sentence(last.Problem))
	case last.Problem == nil && !p.json:
		fmt.Fprintln(p.out, "Signed in to "+last.Title)
	}
	switch {
	case last.Problem == nil:
		return nil
	case last.SignIn == local.PhoneSignInNeeded, last.Problem.Kind == string(problem.PhoneSignedOut):
		return exit(exitSignedOut)
	}
	return exit(exitTrouble)
}

// signOutPhone forgets the sign-in to a phone.
func (p *program) signOutPhone(ctx context.Context, id string) error {
	r, err := local.Dial(p.folder).SignOutPhone(ctx, id)
	return cmp.Or(noPhone(r), p.acted("Signed out", r, err))
}

// noPhone tells that a name does not exist, where that is why the door refused.
func noPhone(r local.Result) error {
	if r.Problem != nil && r.Problem.Key == "phones" {
		return usage("%s", r.Problem.What)
	}
	return nil
}
