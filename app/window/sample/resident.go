package sample

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/local/standin"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
)

// Resident stands behind the door with what a test gives it, and notes what it is asked.
type Resident struct {
	*standin.Resident
	mu       sync.Mutex
	settings local.Settings
	window   local.Window
	edits    []local.Edit
	tests    []local.Test
	tries    []local.Try
	queries  []local.ActivityQuery
	tested   local.Tested
	shows    chan local.Show
}

var _ local.Resident = (*Resident)(nil)

// NewResident makes one with a status.
func NewResident(s local.Status) *Resident {
	return &Resident{Resident: standin.New(s), settings: Settings(), shows: make(chan local.Show, 1),
		tested: local.Tested{Found: "Extension 100, available, not in a call"}}
}

func with[T any](r *Resident, f func() T) T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f()
}

// SetSettings changes the settings.
func (r *Resident) SetSettings(s local.Settings) { with(r, func() any { r.settings = s; return nil }) }

// Finds has every connection test answered so.
func (r *Resident) Finds(t local.Tested) { with(r, func() any { r.tested = t; return nil }) }

// Edits are the changes of settings that were asked for.
func (r *Resident) Edits() []local.Edit {
	return with(r, func() []local.Edit { return slices.Clone(r.edits) })
}

// Tests are the connections that were tried.
func (r *Resident) Tests() []local.Test {
	return with(r, func() []local.Test { return slices.Clone(r.tests) })
}

// Tries are what was tried of the mapping.
func (r *Resident) Tries() []local.Try {
	return with(r, func() []local.Try { return slices.Clone(r.tries) })
}

// Kept is what the window wanted remembered.
func (r *Resident) Kept() local.Window { return with(r, func() local.Window { return r.window }) }

// Fronts asks the window to come to the front.
func (r *Resident) Fronts(s local.Show) { r.shows <- s }

// ReadSettings and what follows are the door's.
func (r *Resident) ReadSettings(context.Context) local.Settings {
	return with(r, func() local.Settings { return r.settings })
}

func (r *Resident) EditSettings(_ context.Context, e local.Edit) local.Result {
	return with(r, func() local.Result {
		r.edits = append(r.edits, e)
		return r.Answer()
	})
}

func (r *Resident) Systems(context.Context) local.Systems { return Systems() }

func (r *Resident) Test(_ context.Context, t local.Test) local.Tested {
	return with(r, func() local.Tested { r.tests = append(r.tests, t); return r.tested })
}

func (r *Resident) Targets(_ context.Context, _ string) local.Targets {
	t := local.Targets{ToPhone: []local.Target{{}}, ToTeams: []local.Target{{}}}
	for _, s := range []string{"Available", "Busy", "Do not disturb", "Away", "In a meeting"} {
		t.ToPhone = append(t.ToPhone, local.Target{To: s, Title: s})
	}
	for _, p := range presence.LegalTargets() {
		state, _ := presence.Lookup(p)
		t.ToTeams = append(t.ToTeams, local.Target{To: p.String(), Title: state.Title})
	}
	return t
}

func (r *Resident) Try(_ context.Context, t local.Try) local.Tried {
	return with(r, func() local.Tried {
		r.tries = append(r.tries, t)
		return local.Tried{Where: "desk", Shows: "Busy", Sentence: "Teams: In a call, so Desk phone now shows Busy",
			Then: "Afterwards Desk phone is as before again"}
	})
}

// Activity looks through the status's reasons, as far as a window is concerned.
func (r *Resident) Activity(_ context.Context, q local.ActivityQuery) local.ActivityPage {
	return with(r, func() local.ActivityPage {
		r.queries = append(r.queries, q)
		page := local.ActivityPage{Days: []string{"2026-03-12"}}
		for _, reason := range slices.Backward(r.Status().Reasons) {
			if strings.Contains(strings.ToLower(reason.Sentence), strings.ToLower(q.Search)) &&
				(len(q.Kinds) == 0 || slices.Contains(q.Kinds, reason.Kind)) && (q.Where == "" || q.Where == reason.Where) {
				page.Entries = append(page.Entries, local.Entry{ID: reason.At.String(), Reason: reason})
			}
		}
		return page
	})
}

func (r *Resident) Attend(ctx context.Context) (<-chan local.Show, bool) {
	out := make(chan local.Show)
	go func() {
		defer close(out)
		for {
			select {
			case s := <-r.shows:
				select {
				case out <- s:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, true
}

func (r *Resident) ReadWindow(context.Context) local.Window { return r.Kept() }

func (r *Resident) KeepWindow(_ context.Context, w local.Window) local.Result {
	return with(r, func() local.Result { r.window = w; return r.Answer() })
}

// Settings are what a person has set who has one phone.
func Settings() local.Settings {
	return local.Settings{File: "/home/ada/.config/offhook/settings.yaml",
		Phones: []local.OwnPhone{{ID: "desk", System: "simulated", Fields: map[string]string{"server": "https://phone.example.com", "user": "100"},
			Secrets: map[string]bool{"password": true}, Changed: 1}},
		Account: local.AccountSettings{ClientID: "11111111-2222-3333-4444-555555555555"},
		General: local.GeneralSettings{Notifications: true, Hints: true, KeepDays: 30}}
}

// Systems is a short catalog.
func Systems() local.Systems {
	field := func(name, label, help string) phone.Field { return phone.Field{Name: name, Label: label, Help: help} }
	password := phone.Field{Name: "password", Label: "Password", Secret: true}
	extra := phone.Field{Name: "read_only", Label: "Only read", Help: "With yes nothing is ever set on the PBX.", Default: "no", Optional: true}
	region := phone.Field{Name: "region", Label: "Region", Type: phone.Choice, Default: "eu",
		Options: []phone.Option{{Value: "eu", Label: "Europe"}, {Value: "us", Label: "United States"}}}
	system := func(id, title, proof string, fields ...phone.Field) local.System {
		return local.System{System: phone.System{ID: id, Title: title, Proof: proof, Fields: fields, MappingOnly: proof == "mapping only",
			Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true}}}
	}
	browser := system("blue", "Blue", "built from documents", field("client_id", "Client id", ""))
	browser.ByBrowser = true
	return local.Systems{Systems: []local.System{
		system("asterisk", "Asterisk", "run against the real system", field("server", "Server address", "The address of ARI, such as https://pbx.example.com:8089/ari."),
			field("user", "User", ""), password, field("extension", "Extension", "Your extension, such as 100."), extra),
		browser,
		system("simulated", "Simulated phone", "simulated", field("server", "Server", ""), field("user", "User", ""), password),
		system("openscape-uc", "OpenScape UC", "mapping only"),
		system("univerge-blue", "Univerge Blue", "built from documents", field("server", "Server", ""), region, password),
	}}
}
