package profile

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

const (
	defaultPoll = 10 * time.Second
	// A stream that lived for this long was a good one: the next attempt is the first again.
	steady = 30 * time.Second
)

// Watch reads at once, then follows the events where there are some, and reads at intervals where there are
// none or they fail. However things were missed, what it reports is how they are.
func (d *device) Watch(ctx context.Context, report func(presence.Reading, error)) {
	poll := defaultPoll
	var events source
	if e := d.p.file.Events; e != nil {
		poll, events = e.Poll.or(defaultPoll), e.source()
	}
	report = whileOpen(ctx, report)
	failed, lost := 0, 0 // readings and streams, in a row
	var again time.Time  // when to try the stream next
	for {
		signedIn := d.nextSignIn()
		reading, err := d.read(ctx)
		if ctx.Err() != nil {
			return
		}
		report(reading, err)
		if err != nil && !errors.Is(err, errNotKnown) {
			p := problem.Of(err)
			if p.Kind == problem.BadLogin || p.Kind == problem.SignedOut {
				select {
				case <-signedIn:
					failed = 0
					continue
				case <-ctx.Done():
					return
				}
			}
			failed++
			if remote.Sleep(ctx, remote.Pause(failed, p)) != nil {
				return
			}
			continue
		}
		failed = 0
		if events != nil && !time.Now().Before(again) {
			began := time.Now()
			err := d.follow(ctx, events, unless(reading, report))
			if ctx.Err() != nil {
				return
			}
			if time.Since(began) >= steady {
				lost = 0
			}
			lost++
			again = time.Now().Add(remote.Pause(lost, problem.Of(err)))
			d.log.Log(ctx, level(lost), "the phone's events stopped; it is polled meanwhile", "phone", d.p.System.ID, "because", err)
			continue // something may have been missed
		}
		wait := remote.Jitter(poll)
		if events != nil {
			wait = min(wait, time.Until(again))
		}
		if remote.Sleep(ctx, wait) != nil {
			return
		}
	}
}

// level keeps a phone system that never has events from filling the log.
func level(lost int) slog.Level {
	if lost == 1 {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// whileOpen drops what would be reported after ctx has ended.
func whileOpen(ctx context.Context, report func(presence.Reading, error)) func(presence.Reading, error) {
	return func(r presence.Reading, err error) {
		if ctx.Err() == nil {
			report(r, err)
		}
	}
}

// unless drops the first report where it only repeats what was told just before.
func unless(told presence.Reading, report func(presence.Reading, error)) func(presence.Reading, error) {
	first := true
	return func(r presence.Reading, err error) {
		if again := first && err == nil && r == told; !again {
			report(r, err)
		}
		first = false
	}
}
