package asterisk

import (
	"context"
	"slices"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// activities are what a device's state says is happening. The higher one wins where a person has several
// devices: who talks, talks, whatever else rings.
var activities = []struct {
	name   string
	states []string
}{
	{"", []string{
		"NOT_INUSE",
		// No phone is registered. That is nothing the person does or chose, and it is certain that no call is
		// going on: a device with a call is in use even when its registration lapses.
		"UNAVAILABLE",
	}},
	{Ringing, []string{"RINGING"}},
	{OnHold, []string{"ONHOLD"}},
	{OnACall, []string{"INUSE", "BUSY", "RINGINUSE"}},
}

// read asks Asterisk for everything.
func (l *line) read(ctx context.Context) (r presence.Reading, err error) {
	happening := 0
	for _, device := range l.devices {
		state, err := l.ari.state(ctx, device)
		if err != nil {
			return r, err
		}
		rank, err := l.activity(device, state)
		if err != nil {
			return r, err
		}
		happening = max(happening, rank)
	}
	r.Happening = activities[happening].name
	r.Chosen, err = l.chosen(ctx)
	return r, err
}

func (l *line) activity(device, state string) (rank int, err error) {
	for rank, a := range activities {
		if slices.Contains(a.states, state) {
			return rank, nil
		}
	}
	if state == "INVALID" {
		return 0, remote.Wrong(problem.Say("Check the extension; a device is named like {device}", "device", "PJSIP/100"),
			problem.Say("{phone} has no device {device}", "phone", l.ari.who(), "device", device))
	}
	return 0, &problem.Problem{Kind: problem.Server, What: problem.Say("{phone} does not know the state of {device} ({state})",
		"phone", l.ari.who(), "device", device, "state", remote.Quote(state))}
}

// chosen reads do not disturb. It is empty where the settings name nothing to read.
func (l *line) chosen(ctx context.Context) (string, error) {
	if len(l.dndRead) == 0 {
		return "", nil
	}
	chosen := Available
	for _, name := range l.dndRead {
		state, err := l.ari.state(ctx, name)
		if err != nil {
			return "", err
		}
		switch {
		case slices.Contains(l.on, state):
			chosen = DoNotDisturb
		case slices.Contains(l.off, state):
		case state == "UNKNOWN": // so reads a state that nobody has ever set
		default:
			return "", remote.Wrong(problem.Say("Add {state} to dnd_on or to dnd_off", "state", remote.Quote(state)),
				problem.Say("{device} shows {state}, which is neither on ({on}) nor off ({off})", "device", name,
					"state", remote.Quote(state), "on", strings.Join(l.on, ", "), "off", strings.Join(l.off, ", ")))
		}
	}
	return chosen, nil
}
