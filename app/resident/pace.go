package resident

import (
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/hints"
	"github.com/offhook/offhook/sync/pace"
	"github.com/offhook/offhook/sync/schedule"
	"github.com/offhook/offhook/sync/settings"
)

// paceFile keeps the share of the reads that was found, in the configuration folder.
const paceFile = "pace.json"

// paceOptions is what is known of how often Teams may be read.
func (r *Resident) paceOptions(set settings.Settings, week schedule.Week) pace.Options {
	o := pace.Options{Desktops: set.Pace.Desktops}
	if u, err := url.Parse(set.Account.Graph); o.Desktops == 0 && err == nil && set.Account.Graph != "" {
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			o.Desktops = 1 // a Graph on this PC is this PC's alone
		}
	}
	if text, err := os.ReadFile(filepath.Join(r.o.Folder, paceFile)); err == nil {
		_ = json.Unmarshal(text, &o.Found) // what cannot be read is found again
	}
	if !week.Always() {
		o.Hours = week.At
	}
	return o
}

// keepPace keeps for the next start what was found. Without it the next start begins anew, which is no harm.
func (r *Resident) keepPace() {
	found := r.teams.Pace().Budget.Found()
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

// hintOff tells whether the person has switched a hint off.
func (r *Resident) hintOff(name hints.Name) bool {
	on := map[hints.Name]*bool{hints.Lock: r.hints.Lock, hints.Idle: r.hints.Idle, hints.Sleep: r.hints.Sleep,
		hints.Network: r.hints.Network, hints.Microphone: r.hints.Microphone}[name]
	return on != nil && !*on
}

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
