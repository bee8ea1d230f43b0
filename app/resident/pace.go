package resident

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/hints"
	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/settings"
)

// paceFile keeps the share of the reads that was found, in the configuration folder.
const paceFile = "pace.json"

// paceOptions is what is known of how often Teams may be read.
func paceOptions(folder string, set settings.Settings, hours func(time.Time) (bool, time.Time)) pace.Options {
	o := pace.Options{Desktops: set.Pace.Desktops, Hours: hours}
	if u, err := url.Parse(set.Account.Graph); o.Desktops == 0 && err == nil && set.Account.Graph != "" {
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			o.Desktops = 1 // a Graph on this PC is this PC's alone
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, paceFile)); err == nil {
		_ = json.Unmarshal(text, &o.Found) // what cannot be read is found again
	}
	return o
}

// keepPace keeps for the next start what was found. Without it the next start begins anew, which is no harm.
func (r *Resident) keepPace() {
	at := r.now().teams
	if at == nil {
		return
	}
	found := at.Pace().Budget.Found()
	if found.Share == 0 {
		return
	}
	text, err := json.Marshal(found)
	if err == nil {
		err = os.WriteFile(filepath.Join(r.o.Folder, paceFile), text, 0o600)
	}
	if err != nil {
		r.o.Log.Debug("the pace that was found is not kept", "why", err)
	}
}

// isOpen tells whether Offhook is to be at work, by the hours as they are now.
func (r *Resident) isOpen(at time.Time) (open bool, until time.Time) {
	if s := r.current.Load(); s != nil && s.config.Hours != nil {
		return s.config.Hours(at)
	}
	return true, time.Time{}
}

// hear listens to the hints that are switched on, until ctx ends.
func (r *Resident) hear(ctx context.Context) {
	for ctx.Err() == nil {
		round, end := context.WithCancel(ctx)
		var listening sync.WaitGroup
		listening.Go(func() { hints.Listen(round, r.hintOff, r.o.Log, r.hint) })
		select {
		case <-ctx.Done():
		case <-r.rehear:
		}
		end()
		listening.Wait()
	}
}

func (r *Resident) hint(h pace.Hint) {
	if at := r.now().teams; at != nil {
		at.Hint(h)
	}
}

// hintOff tells whether the person has switched a hint off.
func (r *Resident) hintOff(name hints.Name) bool { return !r.now().Hints.On(string(name)) }

// showPace is what the time of the next read depends on.
func showPace(k pace.Known) *local.Pace {
	return &local.Pace{Share: k.Budget.Share, SizeKnown: k.Budget.Fixed, Saved: k.Budget.Reads(k.Now), Event: k.Event,
		EventAt: k.EventAt, Shown: k.Shown.String(), Since: k.Since, Microphone: k.Speaking, Locked: k.Locked, Idle: k.Idle,
		OutsideHours: k.Closed, Failures: k.Failures, NotBefore: notPast(k.NotBefore, k.Now)}
}

func notPast(t, now time.Time) time.Time {
	if t.Before(now) {
		return time.Time{}
	}
	return t
}
