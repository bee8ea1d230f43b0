package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/transcript"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

const (
	firstReading = 30 * time.Second // with the sign-in
	takesEffect  = 15 * time.Second // what was written is read back
)

// trial is one time of trying out.
type trial struct {
	*program
	said   *transcript.Transcript
	system phone.System
	phone  phone.Phone
}

func (t *trial) run(ctx context.Context, how *trying) error {
	t.step("Signing in and reading %s", t.system.Title)
	anything := func(presence.Reading) bool { return true }
	before, err := t.await(ctx, firstReading, anything)
	if in, can := t.phone.(phone.SignsIn); can && err != nil && problem.Of(err).Kind == problem.SignedOut {
		if err = in.SignIn(ctx); err == nil {
			before, err = t.await(ctx, firstReading, anything)
		}
	}
	if err != nil {
		return err
	}
	t.step("It shows %s", words(before))
	if how.write {
		if err := t.writeAndGiveBack(ctx, how.status, before); err != nil {
			return err
		}
	}
	if how.listen > 0 {
		return t.listen(ctx, how.listen)
	}
	return nil
}

// step says what is done or what came of it, after all that was said until then.
func (t *trial) step(format string, a ...any) {
	_, _ = t.said.WriteTo(t.out)
	fmt.Fprintf(t.out, format+".\n\n", a...)
}

func words(r presence.Reading) string {
	parts := []string{}
	if r.Happening != "" {
		parts = append(parts, "“"+r.Happening+"” (it happens)")
	}
	if r.Chosen != "" {
		parts = append(parts, "“"+r.Chosen+"” (it was chosen)")
	}
	if len(parts) == 0 {
		return "nothing in particular"
	}
	return strings.Join(parts, " and ")
}

// await watches the phone until a reading fits, and answers that one; else the last one and what went wrong.
func (t *trial) await(ctx context.Context, within time.Duration, fits func(presence.Reading) bool) (last presence.Reading, err error) {
	watching, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	read, found := false, false
	t.phone.Watch(watching, func(r presence.Reading, failed error) {
		if err = failed; failed == nil {
			last, read, found = r, true, fits(r)
		}
		if failed != nil || found {
			cancel()
		}
	})
	_, _ = t.said.WriteTo(t.out)
	switch {
	case found:
		return last, nil
	case err != nil:
		return last, err
	case ctx.Err() != nil:
		return last, ctx.Err()
	case read:
		return last, errNotYet
	}
	return last, &problem.Problem{Kind: problem.Unreachable, What: problem.Say("{phone} gave no reading within {time}", "phone", t.system.Title, "time", within)}
}

var errNotYet = errors.New("it is not so")

func (t *trial) writeAndGiveBack(ctx context.Context, status string, before presence.Reading) error {
	target, err := t.target(status, before)
	if err != nil {
		return err
	}
	t.step("Writing “%s”", target)
	if err := t.phone.Write(ctx, target); err != nil {
		_, _ = t.said.WriteTo(t.out)
		if !problem.Of(err).Unsure {
			return err
		}
	}
	shown, err := t.await(ctx, takesEffect, func(r presence.Reading) bool { return r.Chosen == target || r.Happening == target })
	switch {
	case errors.Is(err, errNotYet):
		t.step("It was taken, and yet the phone shows %s", words(shown))
	case err == nil:
		t.step("It shows %s", words(shown))
	}

	// Whatever came of it and whoever has lost patience: what was written is taken back.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), firstReading)
	defer cancel()
	t.step("Giving back “%s”", before.Chosen)
	if failed := t.phone.GiveBack(ending, before.Chosen); failed != nil {
		_, _ = t.said.WriteTo(t.out)
		return errors.Join(failed, err)
	}
	back, again := t.await(ending, takesEffect, func(r presence.Reading) bool { return r.Chosen == before.Chosen })
	if again == nil {
		t.step("It shows %s, as before", words(back))
	}
	for _, err := range []error{err, again} {
		if errors.Is(err, errNotYet) {
			return &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} does not show what was written or given back", "phone", t.system.Title),
				Do: problem.Say("Compare what was sent and answered above with the vendor's documents")}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// target is the status to write: one that is not there already.
func (t *trial) target(status string, before presence.Reading) (string, error) {
	var names []string
	for _, s := range t.system.Mapping.Statuses {
		if !s.Writable {
			continue
		}
		names = append(names, s.Name)
		if strings.EqualFold(s.Name, status) || status == "" && s.Name != before.Chosen && s.Name != before.Happening {
			return s.Name, nil
		}
	}
	if len(names) == 0 {
		return "", &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} has no status that can be written", "phone", t.system.Title)}
	}
	return "", usage("%s has no writable status %q to change to; there are: %s", t.system.Title, status, strings.Join(names, ", "))
}

func (t *trial) listen(ctx context.Context, long time.Duration) error {
	t.step("Listening for %s", long)
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var failed error
	t.phone.Watch(ctx, func(r presence.Reading, err error) {
		if failed = err; err == nil {
			t.step("It shows %s", words(r))
		} else {
			t.step("%v", err)
		}
	})
	t.step("That was all")
	return failed
}
