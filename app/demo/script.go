package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
)

// scene is one thing that happens in a simulated world, and what is then to be seen in the other.
type scene struct {
	cause string
	do    func(*simulate.World) error
	teams string // what Teams is to show, as Graph says it
	phone string // which status the phone is to have chosen
	still bool   // nothing is to change: watched for a while
}

// day is the scripted day.
func day() []scene {
	choose := func(status string) func(*simulate.World) error {
		return func(w *simulate.World) error { return w.Phone.Choose(status) }
	}
	start := func(k simulate.Kind) func(*simulate.World) error {
		return func(w *simulate.World) error { return w.Teams.Start(k) }
	}
	end := func(k simulate.Kind) func(*simulate.World) error {
		return func(w *simulate.World) error { return w.Teams.End(k) }
	}
	return []scene{
		{"the phone rings", func(w *simulate.World) error { return w.Phone.Ring() }, "Available/Available", "available", true},
		{"the call is answered", func(w *simulate.World) error { return w.Phone.Answer() }, "Busy/InACall", "available", false},
		{"the call is put on hold", func(w *simulate.World) error { return w.Phone.Hold() }, "Busy/InACall", "available", true},
		{"the phone is hung up", func(w *simulate.World) error { return w.Phone.HangUp() }, "Available/Available", "available", false},
		{"a meeting begins in Teams", start(simulate.Calendar), "Busy/InAMeeting", "meeting", false},
		{"the phone dials out in the meeting", func(w *simulate.World) error { return w.Phone.Dial() }, "Busy/InACall", "meeting", false},
		{"the phone is hung up, the meeting goes on", func(w *simulate.World) error { return w.Phone.HangUp() }, "Busy/InAMeeting", "meeting", false},
		{"the meeting ends", end(simulate.Calendar), "Available/Available", "available", false},
		{"do not disturb is chosen on the phone", choose("dnd"), "DoNotDisturb/DoNotDisturb", "dnd", false},
		{"and taken back there", choose("available"), "Available/Available", "available", false},
		{"do not disturb is chosen in Teams", func(w *simulate.World) error { return w.Teams.Choose(presence.DoNotDisturb) },
			"DoNotDisturb/DoNotDisturb", "dnd", false},
		{"and the status is reset in Teams", func(w *simulate.World) error { return w.Teams.Reset() }, "Available/Available", "available", false},
		{"on vacation is chosen on the phone", choose("vacation"), "Available/Available", "vacation", true},
		{"a call begins in Teams", start(simulate.Call), "Busy/InACall", "dnd", false},
		{"the call ends: still on vacation", end(simulate.Call), "Available/Available", "vacation", false},
	}
}

// How long an effect may take to be seen, and how long nothing is watched happening.
const (
	patience = 15 * time.Second
	wholeDay = 27 * time.Second // what has not been played by then is not
	stillFor = 600 * time.Millisecond
	glance   = 5 * time.Millisecond
)

// Line is one line of the script's output.
type Line struct {
	Time   time.Time `json:"time"`
	Cause  string    `json:"cause"`
	Effect string    `json:"effect"`
	TookMS int64     `json:"took_ms"`
	OK     bool      `json:"ok"`
}

// Script plays the day and writes a line for each change: as text, or as JSON. It tells whether every
// expected effect was seen.
func (d *Demo) Script(ctx context.Context, out io.Writer, asJSON bool) (bool, error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(whole, wholeDay)
	defer cancel()
	all := true
	tell := func(l Line) error {
		all = all && l.OK
		if asJSON {
			return json.NewEncoder(out).Encode(l)
		}
		mark := "  "
		if !l.OK {
			mark = "✗ "
		}
		_, err := fmt.Fprintf(out, "%s  %s%-44s → %s%s\n", l.Time.Format("15:04:05.000"), mark, l.Cause, l.Effect, took(l.TookMS))
		return err
	}

	began := time.Now()
	if r := d.Resident.SignIn(ctx, local.SignIn{}); !r.OK {
		return false, fmt.Errorf("the sign-in: %s", r.Problem.What)
	}
	d.wait(ctx, patience, func() bool {
		s := d.Resident.Status()
		return signedIn(s) || s.Account.Problem != nil
	})
	now := d.Resident.Status()
	ok, effect := signedIn(now), "signed in as "+now.Account.Name+", both sides are read"
	if !ok {
		effect = now.Sentence
	}
	err := tell(Line{began, "the person signs in on the sign-in page", effect, time.Since(began).Milliseconds(), ok})
	for _, s := range day() {
		if err != nil || whole.Err() != nil {
			break
		}
		l := Line{Time: time.Now(), Cause: s.cause, Effect: "not played: " + why(ok)}
		if ok && ctx.Err() == nil {
			l, err = d.play(ctx, s)
		}
		if err == nil {
			err = tell(l)
		}
	}
	if err != nil {
		return false, err
	}
	return all, whole.Err()
}

// why tells why a scene was not played.
func why(signedIn bool) string {
	if signedIn {
		return "the day took too long"
	}
	return "nobody is signed in"
}

// play lets one thing happen and watches for what follows.
func (d *Demo) play(ctx context.Context, s scene) (Line, error) {
	began := time.Now()
	before := d.World.State()
	if err := s.do(d.World); err != nil {
		return Line{}, fmt.Errorf("%s: %w", s.cause, err)
	}
	right := func() bool {
		now := d.World.State()
		return now.Teams.Shows.String() == s.teams && now.Phone.Status == s.phone
	}
	l := Line{Time: began, Cause: s.cause}
	if s.still {
		l.OK = !d.wait(ctx, stillFor, func() bool { return !right() })
		l.Effect, l.TookMS = "nothing else changes", 0
		if l.OK {
			return l, nil
		}
	} else {
		l.OK = d.wait(ctx, patience, right)
		l.TookMS = time.Since(began).Milliseconds()
	}
	l.Effect = effect(before, d.World.State())
	if !l.OK {
		l.Effect += fmt.Sprintf("; expected: Teams %s, phone %s", s.teams, s.phone)
	}
	return l, nil
}

// effect tells what has changed between two moments.
func effect(before, now simulate.State) string {
	var parts []string
	if before.Teams.Shows != now.Teams.Shows {
		parts = append(parts, "Teams: "+now.Teams.Title+" ("+now.Teams.Shows.String()+")")
	}
	if before.Phone.Status != now.Phone.Status {
		parts = append(parts, "phone: "+now.Phone.StatusTitle)
	}
	if parts == nil {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}

// wait looks again and again until ok, at most for d.
func (d *Demo) wait(ctx context.Context, most time.Duration, ok func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	again := time.NewTicker(glance)
	defer again.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ok()
		case <-again.C:
		}
	}
	return true
}

func took(ms int64) string {
	if ms == 0 {
		return ""
	}
	return fmt.Sprintf("  (%d ms)", ms)
}
