package resident

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

// Systems is the catalog of phone systems, read anew: a file of the person's own may just have come.
func (r *Resident) Systems(context.Context) local.Systems {
	all, bad := catalog.Load(r.o.Folder)
	answer := local.Systems{Systems: []local.System{}}
	if bad != nil {
		answer.Problem = show(problem.Of(bad), whereSettings, time.Time{})
	}
	for _, s := range all.Systems() {
		shown := local.System{System: s}
		for _, status := range s.Mapping.Statuses {
			shown.Statuses = append(shown.Statuses, local.SystemStatus{Name: status.Name, Means: status.Means.String(),
				Activity: status.Activity, Writable: status.Writable})
		}
		shown.ToPhone, shown.ToTeams = Rows(s.Mapping)
		answer.Systems = append(answer.Systems, shown)
	}
	return answer
}

// testPatience is how long a phone may take to tell how it is.
const testPatience = 20 * time.Second

// Test tries a connection until the phone has told how it is, or why it does not. Nothing is saved.
func (r *Resident) Test(ctx context.Context, t local.Test) local.Tested {
	set := r.now()
	all, _ := catalog.Load(r.o.Folder)
	if system, err := all.System(t.System); err == nil && system.ByBrowser {
		return told(r.o, t, func() (problem.Text, presence.Reading, error) { return set.testSignedIn(ctx, r.o, system, t) })
	}
	return TestPhone(ctx, r.o, set.Loaded, t)
}

// testSignedIn tests a phone that is signed in to with the browser: by the sign-in of the phone at work, since a
// refresh token may be good for one use only, and a second user of it would end the first one's.
func (s *setup) testSignedIn(ctx context.Context, o Options, system phone.System, t local.Test) (problem.Text, presence.Reading, error) {
	fields, err := profile.Fill(system, entered(o, system, t))
	if err != nil {
		return problem.Text{}, presence.Reading{}, err
	}
	own, l, missing := s.phone(t.Phone)
	var kept map[string]string
	if missing == nil {
		kept, err = profile.Fill(system, entered(o, system, local.Test{Phone: own.ID, Fields: own.Fields}))
	}
	if missing != nil || err != nil || l.open == nil || !maps.Equal(fields, kept) {
		return problem.Text{}, presence.Reading{}, &problem.Problem{Kind: problem.PhoneSignedOut,
			What: problem.Say("You sign in to {phone} in the browser, with what is saved", "phone", system.Title), Do: problem.Say("Save this first, then sign in to the phone")}
	}
	reading, err := ask(ctx, l.open)
	if p := problem.Of(err); err != nil && p.Kind == problem.SignedOut {
		err = &problem.Problem{Kind: problem.PhoneSignedOut, What: p.What, Do: p.Do, Err: err}
	}
	if err != nil {
		return problem.Text{}, presence.Reading{}, err
	}
	return found(system, fields, reading), reading, nil
}

// TestPhone is Test without a resident.
func TestPhone(ctx context.Context, o Options, set settings.Loaded, t local.Test) local.Tested {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return told(o, t, func() (problem.Text, presence.Reading, error) { return test(ctx, o, set, t) })
}

// told is what came of a test.
func told(o Options, t local.Test, try func() (problem.Text, presence.Reading, error)) local.Tested {
	begun := time.Now()
	found, reading, err := try()
	tested := local.Tested{Said: found, Happening: reading.Happening, Chosen: reading.Chosen,
		TookMS: time.Since(begun).Milliseconds()}
	if err == nil {
		tested.Found = found.In(func(phrase string) string {
			if phrase != "" && (phrase == reading.Chosen || phrase == reading.Happening) { // no capitals within a sentence
				return strings.ToLower(phrase[:1]) + phrase[1:]
			}
			return phrase
		})
	} else {
		p := problem.Of(err)
		tested.Problem = show(p, cmp.Or(t.Phone, t.System), time.Time{})
		tested.Problem.Key = fieldOf(o, t, p)
	}
	return tested
}

func test(ctx context.Context, o Options, set settings.Loaded, t local.Test) (problem.Text, presence.Reading, error) {
	var none presence.Reading
	all, bad := catalog.Load(o.Folder)
	system, err := all.System(t.System)
	if err != nil {
		return problem.Text{}, none, cmp.Or(bad, err)
	}
	fields := entered(o, system, t)
	client, err := HTTPClient(set.Account)
	if err != nil {
		return problem.Text{}, none, err
	}
	defer client.CloseIdleConnections()
	of := catalog.Options{Fields: fields, HTTP: client, Log: o.Log}
	if system.ByBrowser && t.Phone != "" {
		of.ID, of.Secrets = t.Phone, o.Secrets
	}
	one, err := all.Open(t.System, of)
	if err != nil {
		return problem.Text{}, none, err
	}
	reading, err := ask(ctx, one)
	if err != nil {
		return problem.Text{}, none, err
	}
	return found(system, fields, reading), reading, nil
}

// entered is what was entered for a test, with the kept secrets for those that were not.
func entered(o Options, system phone.System, t local.Test) map[string]string {
	fields := maps.Clone(t.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	for _, f := range system.Fields {
		if !f.Secret {
			continue
		}
		if v := t.Secrets[f.Name]; v != "" {
			fields[f.Name] = v
		} else if v, ok := secretOf(o.Secrets, t.Phone, f.Name); ok && t.Phone != "" {
			fields[f.Name] = v
		}
	}
	return fields
}

// ask takes one reading of a phone.
func ask(ctx context.Context, one phone.Phone) (reading presence.Reading, err error) {
	ctx, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	err = &problem.Problem{Kind: problem.Unreachable, What: problem.Say("The phone has not answered within {time}", "time", testPatience),
		Do: problem.Say("Check the address, and whether this PC can reach it")}
	told := false
	one.Watch(ctx, func(r presence.Reading, e error) {
		if !told {
			told, reading, err = true, r, e
			cancel()
		}
	})
	if !told && errors.Is(ctx.Err(), context.Canceled) {
		err = ctx.Err()
	}
	return reading, err
}

// found puts a reading into a sentence: "Extension 100, available, not in a call".
func found(system phone.System, fields map[string]string, r presence.Reading) problem.Text {
	who := problem.Say(system.Title)
	for _, f := range system.Fields {
		if v := fields[f.Name]; v != "" && (f.Name == "extension" || f.Name == "user") {
			who = problem.Text{Phrase: "{field} {value}", With: map[string]problem.Text{"field": problem.Say(f.Label), "value": problem.Plain(v)}}
			if f.Name == "extension" {
				break
			}
		}
	}
	chosen, happening := problem.Say(r.Chosen), problem.Say(r.Happening)
	switch {
	case r.Chosen == "" && r.Happening == "":
		return problem.Say("{phone}, not in a call", "phone", who)
	case r.Chosen == "":
		return problem.Say("{phone}, now: {activity}", "phone", who, "activity", happening)
	case r.Happening == "":
		return problem.Say("{phone}, {status}, not in a call", "phone", who, "status", chosen)
	}
	return problem.Say("{phone}, {status}, now: {activity}", "phone", who, "status", chosen, "activity", happening)
}

// names tells whether a text has a part that is just this word.
func names(t problem.Text, word string) bool {
	for _, part := range t.With {
		if part.Plain == word || names(part, word) {
			return true
		}
	}
	return false
}

// fieldOf guesses which field a problem is about, for the window to point at.
func fieldOf(o Options, t local.Test, p *problem.Problem) string {
	all, _ := catalog.Load(o.Folder)
	system, err := all.System(t.System)
	if err != nil {
		return "system"
	}
	for _, f := range system.Fields {
		said := p.Error()
		switch {
		case p.Kind == problem.BadLogin && f.Secret,
			p.Kind == problem.Settings && (strings.Contains(said, f.Label) || names(p.What, f.Name) || names(p.Do, f.Name)),
			(p.Kind == problem.Unreachable || p.Kind == problem.Certificate) && f.Name == "server":
			return f.Name
		}
	}
	return ""
}
