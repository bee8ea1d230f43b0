package catalog

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSimulatedConforms(t *testing.T) {
	c := load(t)
	system, err := c.System("simulated")
	if err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, conformance.Harness{
		System:   "Simulated phone",
		Alone:    true,
		Patience: 5 * time.Second, // as the preset says
		Start: func(t *testing.T) conformance.World {
			ctx, cancel := context.WithCancel(context.Background())
			world, err := simulate.Start(ctx, simulate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				cancel()
				if err := world.Wait(); err != nil {
					t.Errorf("the simulated world ended badly: %v", err)
				}
			})
			s := simulated{world}
			return conformance.World{
				Server: world.PhoneURL(), Statuses: system.Mapping.Statuses, Capabilities: system.Capabilities, Other: "In a meeting",
				Open: func(t *testing.T, server string, wrongPassword bool) phone.Phone {
					password := simulate.DefaultPassword
					if wrongPassword {
						password = "wrong"
					}
					p, err := c.Open("simulated", Options{Fields: map[string]string{
						"server": server, "user": simulate.DefaultUser, "password": password}})
					if err != nil {
						t.Fatal(err)
					}
					return p
				},
				Expire: func(*testing.T) { world.Phone.Restart() }, // it forgets its logins
				Choose: s.choose, Happen: s.happen, Shown: s.shown,
				Plays: []string{"Available", "Busy", "Do not disturb", "Away", "On vacation", "In a meeting", "Ringing", "On a call", "On hold"},
			}
		},
	})
}

// simulated plays the simulated phone by the words of its preset.
type simulated struct{ *simulate.World }

var apiNames = map[string]string{"Available": "available", "Busy": "busy", "Do not disturb": "dnd", "Away": "away",
	"On vacation": "vacation", "In a meeting": "meeting"}

func (s simulated) choose(t *testing.T, status string) {
	t.Helper()
	if err := s.Phone.Choose(apiNames[status]); err != nil {
		t.Fatal(err)
	}
}

func (s simulated) happen(t *testing.T, status string) {
	t.Helper()
	for _, act := range map[string][]func() error{
		"Ringing":   {s.Phone.Ring},
		"On a call": {s.Phone.Ring, s.Phone.Answer},
		"On hold":   {s.Phone.Dial, s.Phone.Hold},
		"":          {s.Phone.HangUp},
	}[status] {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
}

func (s simulated) shown(t *testing.T) presence.Reading {
	t.Helper()
	state := s.State().Phone
	r := presence.Reading{Chosen: state.StatusTitle, Happening: state.LineTitle}
	if state.Line == "idle" {
		r.Happening = ""
	}
	return r
}
