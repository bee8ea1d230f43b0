package resident_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
)

func to[T any](v T) *T { return &v }

// file reads the settings, or has a person change them by hand.
func (d *desk) file(change ...string) string {
	d.t.Helper()
	path := filepath.Join(d.Folder, settings.File)
	text, err := os.ReadFile(path)
	d.do(err)
	if len(change) > 0 {
		next := strings.NewReplacer(change...).Replace(string(text))
		if next == string(text) {
			d.t.Fatalf("nothing is replaced in:\n%s", text)
		}
		d.do(os.WriteFile(path, []byte(next), 0o600))
	}
	return string(text)
}

func (d *desk) edit(e local.Edit) local.Result {
	d.t.Helper()
	return d.Resident.EditSettings(d.t.Context(), e)
}

func row(from, to string) local.RowEdit {
	return local.RowEdit{Phone: "desk", Direction: local.ToPhone, From: from, To: &to}
}

// A row that is changed counts for the call under way, without anything being given back in between.
func TestAMappingRowTakesEffectAtOnce(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Teams.Start(simulate.Calendar))
	d.shows(presence.InAMeeting, "meeting")
	before := len(d.World.Requests())
	d.ok(d.edit(local.Edit{Rows: []local.RowEdit{row("Busy/InAMeeting", "Do not disturb")}}))
	d.shows(presence.InAMeeting, "dnd")
	var phone []string
	for _, r := range d.World.Requests()[before:] {
		if r.Side == "phone" {
			phone = append(phone, r.Method)
		}
		if r.Side == "teams" && r.Method != "GET" {
			t.Errorf("Teams was written: %+v", r)
		}
	}
	if diff := cmp.Diff([]string{"PUT"}, phone); diff != "" {
		t.Errorf("the phone was asked (-want +got):\n%s", diff)
	}
	s := d.await("the row that applies", func(s local.Status) bool {
		i := slices.IndexFunc(s.Phones[0].ToPhone, func(r local.Row) bool { return r.Applies })
		return i >= 0 && s.Phones[0].ToPhone[i].From == "Busy/InAMeeting" && s.Phones[0].ToPhone[i].Changed
	})
	if got := d.Resident.ReadSettings(t.Context()).Phones[0].Changed; got != 1 {
		t.Errorf("%d rows differ from the preset", got)
	}
	_ = s
	if text := d.file(); !strings.HasPrefix(text, "# Made by offhook") || !strings.Contains(text, "Busy/InAMeeting: Do not disturb") {
		t.Errorf("the file:\n%s", text)
	}
	d.ok(d.edit(local.Edit{ResetMapping: "desk"}))
	d.shows(presence.InAMeeting, "meeting")
	d.do(d.World.Teams.EndAll())
	d.shows(presence.Available, "available")
}

// A file changed by hand counts at once; one that is not right changes nothing but what is told.
func TestSettingsChangedByHand(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.file("title: Desk phone", "title: On my desk")
	d.await("the new title", func(s local.Status) bool { return s.Synced && s.Phones[0].Title == "On my desk" })
	good := d.file("phones:", "fones:")
	s := d.await("what is wrong", func(s local.Status) bool { return s.Problem != nil })
	if s.Problem.Where != "settings" || !strings.Contains(s.Problem.What, `unknown field "fones"`) {
		t.Errorf("the problem is %+v", s.Problem)
	}
	if r := d.edit(local.Edit{StatusMessage: to("x")}); r.OK {
		t.Error("a file that is not right is changed")
	}
	d.do(d.World.Phone.Dial())
	d.shows(presence.InACall, "available") // all goes on as before
	d.do(os.WriteFile(filepath.Join(d.Folder, settings.File), []byte(good), 0o600))
	d.await("all is well again", busy)
}

// Phones come and go while Offhook runs; what is held on one that goes is given back.
func TestPhonesComeAndGo(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Teams.Start(simulate.Calendar))
	d.shows(presence.InAMeeting, "meeting")
	d.ok(d.edit(local.Edit{RemovePhone: "desk"}))
	d.shows(presence.InAMeeting, "available")
	s := d.await("no phone", func(s local.Status) bool { return len(s.Phones) == 0 && s.Problem != nil })
	if !slices.Contains(s.Setup.Missing, "phone") {
		t.Errorf("what is missing: %v", s.Setup.Missing)
	}
	add := local.PhoneEdit{System: "simulated", Title: to("Again"), Fields: map[string]string{"server": d.World.PhoneURL(), "user": simulate.DefaultUser},
		Secrets: map[string]string{"password": simulate.DefaultPassword}}
	r := d.edit(local.Edit{AddPhone: &add})
	if !r.OK || r.ID != "simulated" {
		t.Fatalf("adding a phone: %+v, %+v", r, r.Problem)
	}
	d.shows(presence.InAMeeting, "meeting")
	d.await("in step", func(s local.Status) bool { return s.Synced && s.Phones[0].Title == "Again" && s.Account.SignedIn })
	if text := d.file(); strings.Contains(text, simulate.DefaultPassword) {
		t.Error("the password stands in the file")
	}
}

// What is not right is told with its key, and nothing of the edit is saved.
func TestEditsThatAreNotRight(t *testing.T) {
	d := begin(t, resident.Options{})
	was := d.file()
	for key, e := range map[string]local.Edit{
		"timing.session":              {Timing: &local.TimingEdit{Session: to("1m")}, StatusMessage: to("half")},
		"timing.settle":               {Timing: &local.TimingEdit{Settle: to("soon")}},
		"general.keep_days":           {General: &local.GeneralEdit{KeepDays: to(0)}},
		"hours.days.monday":           {Hours: &local.HoursSettings{Days: map[string]string{"monday": "late"}}},
		"phones":                      {RemovePhone: "nobody"},
		"phones.desk.fields.password": {ChangePhone: &local.PhoneEdit{ID: "desk", Fields: map[string]string{"password": "x"}}},
		"phones.desk.fields.colour":   {ChangePhone: &local.PhoneEdit{ID: "desk", Fields: map[string]string{"colour": "x"}}},
		"phones.desk.mapping.teams_to_phone.Busy/Busy": {Rows: []local.RowEdit{row("Busy/Busy", "Bussy")}},
		"phones.desk.mapping.teams_to_phone.Away/Away": {Rows: []local.RowEdit{row("Away/Away", "On a call")}},
		"phones.desk.mapping.phone_to_teams.Busy":      {Rows: []local.RowEdit{{Phone: "desk", Direction: local.ToTeams, From: "Busy", To: to("Busy/InAMeeting")}}},
		"system": {AddPhone: &local.PhoneEdit{System: "nothing"}},
	} {
		r := d.edit(e)
		if r.OK || r.Problem.Key != key || r.Problem.What == "" {
			t.Errorf("%s: %+v", key, r.Problem)
		}
	}
	if now := d.file(); now != was {
		t.Errorf("something was saved:\n%s", now)
	}
}

// What is changed is read back as it was meant, and emptying it leads back to the default.
func TestEditsAreReadBack(t *testing.T) {
	d := begin(t, resident.Options{})
	d.ok(d.edit(local.Edit{
		Hours:         &local.HoursSettings{Zone: "Europe/Helsinki", Days: map[string]string{"monday": "8:00-12:00, 13:00-17:00"}},
		StatusMessage: to("On the phone: back soon # really"),
		Timing:        &local.TimingEdit{Session: to("1h"), Preferred: to("90m")},
		General:       &local.GeneralEdit{Language: to("de"), Notifications: to(false), KeepDays: to(7), Hints: to(false)},
		ChangePhone:   &local.PhoneEdit{ID: "desk", Title: to("Söder's phone"), Fields: map[string]string{"user": "101"}},
	}))
	got := d.Resident.ReadSettings(t.Context())
	want := local.Settings{Hours: local.HoursSettings{Zone: "Europe/Helsinki", Days: map[string]string{"monday": "8:00-12:00, 13:00-17:00"}},
		StatusMessage: "On the phone: back soon # really", Timing: local.TimingSettings{Session: "1h", Preferred: "1h30m"},
		General: local.GeneralSettings{Language: "de", KeepDays: 7}}
	if diff := cmp.Diff([]any{want.Hours, want.StatusMessage, want.Timing, want.General}, []any{got.Hours, got.StatusMessage, got.Timing, got.General}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := got.Phones[0]; p.Title != "Söder's phone" || p.Fields["user"] != "101" || !p.Secrets["password"] {
		t.Errorf("the phone: %+v", p)
	}
	d.ok(d.edit(local.Edit{Hours: &local.HoursSettings{}, StatusMessage: to(""), Timing: &local.TimingEdit{Session: to(""), Preferred: to("")},
		General:     &local.GeneralEdit{Language: to(""), Notifications: to(true), KeepDays: to(30), Hints: to(true)},
		ChangePhone: &local.PhoneEdit{ID: "desk", Title: to(""), Fields: map[string]string{"user": simulate.DefaultUser}}}))
	got = d.Resident.ReadSettings(t.Context())
	if len(got.Hours.Days) != 0 || got.StatusMessage != "" || got.Timing != (local.TimingSettings{}) || !got.General.Hints || !got.General.Notifications || got.Phones[0].Title != "" {
		t.Errorf("the defaults again: %+v", got)
	}
}

// What the administrator has set stands, is told as locked, and is changed nowhere.
func TestPolicyLocks(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	d := begin(t, resident.Options{Policy: policy})
	d.signIn()
	d.do(os.WriteFile(policy, []byte("only_these_phones: true\nlocked:\n  status_message: In a call\n  phones: [{id: desk, mapping: {teams_to_phone: {Busy/InAMeeting: Busy}}}]\n"), 0o600))
	locked := func(s local.Status) bool {
		i := slices.IndexFunc(s.Phones[0].ToPhone, func(r local.Row) bool { return r.Locked })
		return s.Synced && i >= 0 && s.Phones[0].ToPhone[i].From == "Busy/InAMeeting"
	}
	d.await("the locked row", locked)
	for name, e := range map[string]local.Edit{"a row": {Rows: []local.RowEdit{row("Busy/InAMeeting", "Away")}}, "a key": {StatusMessage: to("mine")},
		"another phone": {AddPhone: &local.PhoneEdit{System: "simulated"}}, "removing": {RemovePhone: "desk"}} {
		if r := d.edit(e); r.OK || !strings.Contains(r.Problem.What, "administrator") {
			t.Errorf("%s: %+v", name, r)
		}
	}
	s := d.Resident.ReadSettings(t.Context())
	if !s.Locks("status_message") || !s.Locks("phones") || s.Locks("phones.desk.title") || !s.Phones[0].Locked || s.StatusMessage != "In a call" {
		t.Errorf("the settings: %+v", s)
	}
	d.do(d.World.Teams.Start(simulate.Calendar))
	d.shows(presence.InAMeeting, "busy")
	d.do(os.Remove(policy))
	d.shows(presence.InAMeeting, "meeting")
}

func TestConnectionTest(t *testing.T) {
	d := begin(t, resident.Options{})
	fields := map[string]string{"server": d.World.PhoneURL(), "user": simulate.DefaultUser}
	got := d.Resident.Test(t.Context(), local.Test{System: "simulated", Fields: fields, Secrets: map[string]string{"password": simulate.DefaultPassword}})
	if got.Problem != nil || !strings.HasSuffix(got.Found, ", available, not in a call") {
		t.Errorf("%+v, %+v", got, got.Problem)
	}
	d.do(d.World.Phone.Dial())
	if got := d.Resident.Test(t.Context(), local.Test{System: "simulated", Fields: fields, Phone: "desk"}); !strings.HasSuffix(got.Found, "now: on a call") {
		t.Errorf("with the kept secret: %+v, %+v", got, got.Problem)
	}
	got = d.Resident.Test(t.Context(), local.Test{System: "simulated", Fields: fields, Secrets: map[string]string{"password": "wrong"}})
	if got.Found != "" || got.Problem == nil || got.Problem.Kind != "bad-login" || got.Problem.Key != "password" {
		t.Errorf("a wrong password: %+v, %+v", got, got.Problem)
	}
}

// Try tells what would happen by the engine's own rules, also with rows that are not saved.
func TestTry(t *testing.T) {
	d := begin(t, resident.Options{})
	for _, tt := range []struct {
		try         local.Try
		shows, then string
		says        string
	}{
		{local.Try{Side: "teams", State: "Busy/InAMeeting"}, "In a meeting", "Desk phone is as before again: Available", "so Desk phone now shows In a meeting"},
		{local.Try{Side: "teams", State: "Busy/InAMeeting", Rows: []local.RowEdit{row("Busy/InAMeeting", "Busy")}}, "Busy", "Desk phone is as before again: Available", "shows Busy"},
		{local.Try{Side: "teams", State: "Busy/InAMeeting", Rows: []local.RowEdit{row("Busy/InAMeeting", "")}}, "", "", "left it unchanged"},
		{local.Try{Side: "teams", State: "Busy/InAMeeting", Other: "Do not disturb"}, "", "", "your own Do not disturb there wins"},
		{local.Try{Side: "desk", State: "On a call"}, "Busy/InACall", "Teams is as before again, without Desk phone's On a call", "Teams now shows In a call"},
		{local.Try{Side: "desk", State: "Ringing"}, "", "", "ringing is not talking"},
		{local.Try{Side: "desk", State: "Do not disturb"}, "DoNotDisturb/DoNotDisturb", "", "Teams now shows Do not disturb"},
		{local.Try{Side: "desk", State: "On vacation"}, "", "", "Teams takes absences from your mailbox"},
		{local.Try{Side: "desk", State: "Available"}, "", "", "it shows that already"},
	} {
		tt.try.Phone = "desk"
		got := d.Resident.Try(t.Context(), tt.try)
		if got.Problem != nil || got.Shows != tt.shows || got.Then != tt.then || !strings.Contains(got.Sentence, tt.says) || got.Unchanged != (tt.shows == "") {
			t.Errorf("%+v:\n%+v %+v", tt.try, got, got.Problem)
		}
	}
	if got := d.Resident.Try(t.Context(), local.Try{Phone: "desk", Side: "desk", State: "Bussy"}); got.Problem == nil {
		t.Errorf("a status that is none: %+v", got)
	}
	targets := d.Resident.Targets(t.Context(), "desk")
	if len(targets.ToPhone) != 7 || targets.ToPhone[0].To != "" || len(targets.ToTeams) != 10 {
		t.Errorf("the targets: %+v", targets)
	}
}

// The story of the day is kept on disk, page by page.
func TestActivityIsKept(t *testing.T) {
	d := begin(t, resident.Options{})
	d.signIn()
	d.do(d.World.Phone.Dial())
	d.await("in a call", busy)
	d.do(d.World.Phone.HangUp())
	d.await("as before", func(s local.Status) bool { return s.Look == local.LookSynced && s.Teams.Held == nil })
	page := d.Resident.Activity(t.Context(), local.ActivityQuery{Search: "in a CALL", Kinds: []string{"mirrored"}, Where: "teams"})
	if len(page.Entries) != 1 || len(page.Days) != 1 || page.Problem != nil {
		t.Fatalf("the page: %+v", page)
	}
	e := page.Entries[0]
	want := []*local.Seen{{Where: "desk", WhereTitle: "Desk phone", State: "On a call", StateTitle: "On a call"},
		{Where: "teams", WhereTitle: "Teams", State: "Busy/InACall", StateTitle: "In a call"}}
	if diff := cmp.Diff(want, []*local.Seen{e.Cause, e.Effect}); diff != "" || e.TookMS <= 0 || e.ID == "" {
		t.Errorf("%+v (-want +got):\n%s", e, diff)
	}
	first := d.Resident.Activity(t.Context(), local.ActivityQuery{Limit: 1})
	second := d.Resident.Activity(t.Context(), local.ActivityQuery{Limit: 1, Before: first.Next})
	if first.Entries[0].Kind != "gave-back" || len(second.Entries) != 1 || second.Entries[0].ID == first.Entries[0].ID {
		t.Errorf("two pages: %+v, %+v", first, second)
	}
}

// A status set here is set on both sides and stands as the person's own choice.
func TestSetStatus(t *testing.T) {
	d := begin(t, resident.Options{})
	if r := d.Resident.SetStatus(t.Context(), local.SetStatus{Choice: "busy"}); r.OK || r.Problem.Kind != "signed-out" {
		t.Errorf("signed out: %+v", r)
	}
	d.signIn()
	set := func(c local.Choice, teams presence.Pair, phone string) {
		t.Helper()
		d.ok(d.Resident.SetStatus(t.Context(), local.SetStatus{Choice: c}))
		d.shows(teams, phone)
	}
	set(local.ChooseDoNotDisturb, presence.DoNotDisturb, "dnd")
	set(local.ChooseBusy, presence.Busy, "busy")
	set(local.ChooseBeRightBack, presence.BeRightBack, "away")
	set(local.ChooseAvailable, presence.Available, "available")
	if r := d.Resident.SetStatus(t.Context(), local.SetStatus{Choice: "asleep"}); r.OK {
		t.Error("a status that is none")
	}
}

// A second wish for the window brings the first one to the front.
func TestOneWindow(t *testing.T) {
	started := make(chan struct{}, 10)
	d := begin(t, resident.Options{OpenWindow: func() error { started <- struct{}{}; return nil }})
	ctx := t.Context()
	d.ok(d.Resident.OpenWindow(ctx, local.Open{Page: "mapping"}))
	d.ok(d.Resident.Settings(ctx)) // it is on its way
	d.ok(d.Resident.OpenWindow(ctx, local.Open{Page: "phones"}))
	shows, ok := d.Resident.Attend(ctx)
	if s := <-shows; !ok || s.Page != "phones" {
		t.Errorf("the first thing shown: %+v", s)
	}
	d.ok(d.Resident.OpenWindow(ctx, local.Open{Page: "activity"}))
	if s := <-shows; s.Page != "activity" {
		t.Errorf("then: %+v", s)
	}
	if _, ok := d.Resident.Attend(ctx); ok {
		t.Error("two windows attend")
	}
	<-shows // the first comes to the front instead
	if len(started) != 1 {
		t.Errorf("%d windows were started", len(started))
	}
	d.ok(d.Resident.KeepWindow(ctx, local.Window{Width: 800, Height: 600, Looked: true}))
	if w := d.Resident.ReadWindow(ctx); w.Width != 800 || slices.Contains(d.Resident.Status().Setup.Missing, "look") {
		t.Errorf("remembered: %+v", w)
	}
}
