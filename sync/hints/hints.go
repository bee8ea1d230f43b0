// Package hints listens to what the operating system tells every program without asking: that the screen was
// locked, that nobody is there, that the PC woke up, that the network is back, that a microphone is in use. It
// must not know Teams or a phone, it hears and keeps nothing, and what it tells is never a status: a hint means
// "read now" or "slow down".
//
// Each hint is one small file a system. What a system does not have costs nothing but pace.
package hints

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/pace"
)

// Name is a hint's name, as its switch in the settings has it.
type Name string

// The hints.
const (
	Lock       Name = "lock"
	Idle       Name = "idle"
	Sleep      Name = "sleep"
	Network    Name = "network"
	Microphone Name = "microphone"
)

// Names lists them.
func Names() []Name { return []Name{Lock, Idle, Sleep, Network, Microphone} }

// Source listens for one hint until ctx ends. It returns why it cannot, or can no longer; it may be asked again.
type Source interface {
	Listen(ctx context.Context, tell func(pace.Hint)) error
}

// listen is a Source of one function.
type listen func(ctx context.Context, tell func(pace.Hint)) error

func (l listen) Listen(ctx context.Context, tell func(pace.Hint)) error { return l(ctx, tell) }

// named is one of a system's sources; a hint may have several.
type named struct {
	name   Name
	from   string // for the log
	source Source
}

// How long until a source that ended is asked again: a sound server or a bus may come later, or start anew.
const (
	firstRest = 5 * time.Second
	lastRest  = 10 * time.Minute
)

// Listen listens to every source whose hint is not switched off, until ctx ends. tell is called by one at a time.
func Listen(ctx context.Context, off func(Name) bool, log *slog.Logger, tell func(pace.Hint)) {
	run(ctx, sources(), off, log, tell)
}

func run(ctx context.Context, all []named, off func(Name) bool, log *slog.Logger, tell func(pace.Hint)) {
	var (
		mu        sync.Mutex
		listening sync.WaitGroup
		last      = map[string]pace.Hint{} // of each source: what it tells twice is told once
	)
	defer listening.Wait()
	for _, s := range all {
		if off(s.name) {
			continue
		}
		listening.Go(func() {
			again(ctx, s, log, func(h pace.Hint) {
				mu.Lock()
				defer mu.Unlock()
				key := fmt.Sprintf("%s/%s", s.name, s.from)
				if ctx.Err() != nil || last[key] == h && lasts(h) || last[key] == "" && usual(h) {
					return
				}
				last[key] = h
				log.Debug("a hint", "hint", h, "from", s.from)
				tell(h)
			})
		})
	}
}

// lasts tells whether a hint is the beginning or the end of something, so that the same again is no news.
func lasts(h pace.Hint) bool { return h != pace.Woke && h != pace.Online }

// usual tells whether a hint says that all is as it is without any.
func usual(h pace.Hint) bool {
	return h == pace.Unlocked || h == pace.Back || h == pace.MicrophoneOff
}

// errNever is why a source need not be asked again.
var errNever = errors.New("this system does not tell it")

func again(ctx context.Context, s named, log *slog.Logger, tell func(pace.Hint)) {
	for rest := firstRest; ; rest = min(2*rest, lastRest) {
		began := time.Now()
		err := s.source.Listen(ctx, tell)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errNever) {
			log.Debug("a hint is never to be had here", "hint", s.name, "from", s.from, "why", err)
			return
		}
		log.Debug("a hint is not to be had", "hint", s.name, "from", s.from, "why", err)
		if time.Since(began) > lastRest {
			rest = firstRest
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(rest):
		}
	}
}
