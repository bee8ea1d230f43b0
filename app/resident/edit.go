package resident

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

// ReadSettings is the settings as the person may see and change them.
func (r *Resident) ReadSettings(context.Context) local.Settings {
	r.mu.Lock()
	set, stray := r.set, r.stray
	r.mu.Unlock()
	s := local.Settings{File: cmp.Or(set.File, settings.File), Policy: set.Policy, Locked: set.Locked,
		Problem: cmp.Or(stray, set.problem), Phones: []local.OwnPhone{},
		Account: local.AccountSettings{ClientID: set.Account.ClientID, Tenant: set.Account.Tenant, Authority: set.Account.Authority,
			Graph: set.Account.Graph, RootCertificate: set.Account.RootCertificate},
		Hours:         local.HoursSettings{Zone: set.Hours.Zone, Days: maps.Clone(set.Hours.Days)},
		StatusMessage: set.StatusMessage,
		Timing:        local.TimingSettings{Session: text(set.Timing.Session), Preferred: text(set.Timing.Preferred), Settle: text(set.Timing.Settle)},
		General: local.GeneralSettings{Language: set.General.Language, Notifications: set.General.Notifies(),
			KeepDays: set.General.Days(), Hints: set.Hints.Any()}}
	if s.Locked == nil {
		s.Locked = []string{}
	}
	if s.Hours.Days == nil {
		s.Hours.Days = map[string]string{}
	}
	if r.o.Autostart != nil {
		on, err := r.o.Autostart.Enabled()
		if err != nil {
			r.o.Log.Debug("whether Offhook starts at login is not known", "error", err)
		}
		s.General.StartAtLogin = on
	}
	for i, p := range set.Phones {
		s.Phones = append(s.Phones, r.ownPhone(set, p, set.phones, i))
	}
	return s
}

func (r *Resident) ownPhone(set *setup, p settings.Phone, lines []line, i int) local.OwnPhone {
	shown := local.OwnPhone{ID: p.ID, System: p.System, Title: p.Title, Fields: map[string]string{}, Secrets: map[string]bool{}}
	secret := map[string]bool{}
	if i < len(lines) {
		for _, f := range lines[i].system.Fields {
			if f.Secret {
				secret[f.Name] = true
				_, shown.Secrets[f.Name] = secretOf(r.o.Secrets, p.ID, f.Name)
			}
		}
		toPhone, toTeams := set.ownRows(lines[i])
		for _, row := range slices.Concat(toPhone, toTeams) {
			if row.Changed {
				shown.Changed++
			}
		}
	}
	for name, value := range p.Fields {
		if !secret[name] {
			shown.Fields[name] = value
		}
	}
	shown.Locked = slices.ContainsFunc(set.Locked, func(key string) bool { return strings.HasPrefix(key, "phones."+p.ID+".") })
	return shown
}

func text(d time.Duration) string {
	if d == 0 {
		return ""
	}
	s := d.String() // 1h0m0s
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// EditSettings changes settings, all that is asked or nothing, and follows them at once.
func (r *Resident) EditSettings(_ context.Context, e local.Edit) local.Result {
	r.changing.Lock()
	defer r.changing.Unlock()
	edit := &editing{set: r.now(), secrets: map[string]string{}}
	edit.all(e)
	if edit.problem != nil {
		return local.Result{Problem: edit.problem}
	}
	if len(edit.changes) > 0 {
		if err := settings.Save(r.o.Folder, r.o.Policy, edit.changes...); err != nil {
			p := show(problem.Of(err), whereSettings, time.Time{})
			p.Key = edit.guess(p.What)
			return local.Result{Problem: p}
		}
	}
	done := local.Result{OK: true, ID: edit.id}
	for name, value := range edit.secrets {
		if err := r.seal(name, value); err != nil {
			done.Add(problem.Of(err).What) // it is kept in memory, until Offhook ends
		}
	}
	if on := edit.atLogin; on != nil && r.o.Autostart != nil {
		if err := r.o.Autostart.Set(*on); err != nil {
			p := local.Tell(&problem.Problem{Kind: problem.Refused, What: problem.Say("Starting at login cannot be switched: {error}", "error", err)}, whereSettings)
			p.Key = "general.start_at_login"
			return local.Result{Problem: p}
		}
	}
	if e.ChangePhone != nil {
		profile.Entered(r.o.Secrets, e.ChangePhone.ID)
	}
	r.follow(r.prepare(r.now()))
	return done
}

func (r *Resident) seal(name, value string) error {
	if value == "" {
		return r.o.Secrets.Delete(name)
	}
	return r.o.Secrets.Set(name, []byte(value))
}

// editing is an Edit on its way to the file.
type editing struct {
	set     *setup
	changes []settings.Change
	secrets map[string]string // by their names in the store; empty: to be deleted
	atLogin *bool
	id      string
	problem *local.Problem // the first
}

func (e *editing) fail(key string, what problem.Text) {
	if e.problem == nil {
		e.problem = wrong(what)
		e.problem.Key = key
	}
}

// wrong is a problem with what the settings are asked to become.
func wrong(what problem.Text) *local.Problem {
	return local.Tell(&problem.Problem{Kind: problem.Settings, What: what}, whereSettings)
}

// put has a key become a value, unless the administrator's policy sets it; nil: it goes.
func (e *editing) put(value any, path ...string) {
	key := strings.Join(path, ".")
	if e.set.locks(key) {
		e.fail(key, problem.Say("Your administrator has set {key}, so it cannot be changed here", "key", key))
		return
	}
	e.changes = append(e.changes, settings.Change{Path: path, Value: value})
}

// text is put of a text, whose being empty is the default.
func (e *editing) text(value *string, path ...string) {
	switch {
	case value == nil:
	case strings.TrimSpace(*value) == "":
		e.put(nil, path...)
	default:
		e.put(strings.TrimSpace(*value), path...)
	}
}

func (e *editing) all(edit local.Edit) {
	if a := edit.Account; a != nil {
		e.text(a.ClientID, "account", "client_id")
		e.text(a.Tenant, "account", "tenant")
		e.text(a.Authority, "account", "authority")
		e.text(a.Graph, "account", "graph")
		e.text(a.RootCertificate, "account", "root_certificate")
	}
	if h := edit.Hours; h != nil {
		e.hours(*h)
	}
	e.text(edit.StatusMessage, "status_message")
	if t := edit.Timing; t != nil {
		for key, value := range map[string]*string{"session": t.Session, "preferred": t.Preferred, "settle": t.Settle} {
			if value != nil && *value != "" {
				if _, err := time.ParseDuration(*value); err != nil {
					e.fail("timing."+key, problem.Say("“{text}” is no length of time, such as 5m or 1h", "text", *value))
				}
			}
			e.text(value, "timing", key)
		}
	}
	if g := edit.General; g != nil {
		e.general(*g)
	}
	if p := edit.AddPhone; p != nil {
		e.add(*p)
	}
	if p := edit.ChangePhone; p != nil {
		e.change(*p)
	}
	if edit.RemovePhone != "" {
		e.remove(edit.RemovePhone)
	}
	if id := edit.ResetMapping; id != "" {
		if _, _, missing := e.set.phone(id); missing != nil {
			e.problem = cmp.Or(e.problem, missing)
		}
		e.put(nil, "phones", id, "mapping")
	}
	e.rows(edit.Rows)
}

func (e *editing) hours(h local.HoursSettings) {
	value := yaml.MapSlice{}
	if h.Zone != "" {
		value = append(value, yaml.MapItem{Key: "zone", Value: h.Zone})
	}
	days := yaml.MapSlice{}
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if h.Days[day] != "" {
			days = append(days, yaml.MapItem{Key: day, Value: h.Days[day]})
		}
	}
	for day := range h.Days {
		if _, err := (settings.Hours{Days: map[string]string{day: h.Days[day]}}).Week(); h.Days[day] != "" && err != nil {
			e.fail("hours.days."+day, problem.Of(err).What)
		}
	}
	if len(days) > 0 {
		value = append(value, yaml.MapItem{Key: "days", Value: days})
	}
	if len(value) == 0 {
		e.put(nil, "hours")
		return
	}
	e.put(value, "hours")
}

func (e *editing) general(g local.GeneralEdit) {
	e.text(g.Language, "general", "language")
	if g.Notifications != nil {
		e.put(*g.Notifications, "general", "notifications")
	}
	if g.Hints != nil {
		for name := range (settings.Hints{}).Switches() {
			if *g.Hints {
				e.put(nil, "hints", name) // on is the default
			} else {
				e.put(false, "hints", name)
			}
		}
	}
	if g.KeepDays != nil {
		if *g.KeepDays < 1 || *g.KeepDays > 3660 {
			e.fail("general.keep_days", problem.Say("{key} is {value}, which is not between {least} and {most}", "key", "keep_days", "value", *g.KeepDays, "least", 1, "most", 3660))
		}
		e.put(*g.KeepDays, "general", "keep_days")
	}
	e.atLogin = g.StartAtLogin
}

func (e *editing) add(p local.PhoneEdit) {
	if e.set.Only || e.set.locks("phones") {
		e.fail("phones", problem.Say("Your administrator has set the phones, so none can be added here"))
		return
	}
	system, err := e.set.systems.System(p.System)
	if err != nil {
		e.fail("system", problem.Of(err).Text())
		return
	}
	id := p.ID
	taken := func(id string) bool { _, _, missing := e.set.phone(id); return missing == nil }
	if id == "" {
		id = system.ID
		for n := 2; taken(id); n++ {
			id = system.ID + "-" + strconv.Itoa(n)
		}
	}
	if taken(id) {
		e.fail("phones."+id, problem.Say("There is a phone “{phone}” already", "phone", id))
		return
	}
	e.id = id
	value := yaml.MapSlice{{Key: "system", Value: system.ID}, {Key: "id", Value: id}}
	if p.Title != nil && *p.Title != "" {
		value = append(value, yaml.MapItem{Key: "title", Value: *p.Title})
	}
	fields := yaml.MapSlice{}
	e.fields(id, system, p, func(name, v string) {
		if v != "" {
			fields = append(fields, yaml.MapItem{Key: name, Value: v})
		}
	})
	if len(fields) > 0 {
		value = append(value, yaml.MapItem{Key: "fields", Value: fields})
	}
	e.put(value, "phones", id)
}

// fields checks the fields and secrets of a phone, in the system's order, and has set take the open ones.
func (e *editing) fields(id string, system phone.System, p local.PhoneEdit, set func(name, value string)) {
	known := map[string]bool{}
	for _, f := range system.Fields {
		known[f.Name] = true
		if v, ok := p.Fields[f.Name]; ok && f.Secret {
			e.fail("phones."+id+".fields."+f.Name, problem.Say("{field} is secret: it is not kept in the settings file", "field", problem.Say(f.Label)))
		} else if ok {
			set(f.Name, strings.TrimSpace(v))
		}
		if v, ok := p.Secrets[f.Name]; ok {
			e.secrets[SecretName(id, f.Name)] = v
		}
	}
	for _, given := range []map[string]string{p.Fields, p.Secrets} {
		for name := range given {
			if !known[name] {
				e.fail("phones."+id+".fields."+name, problem.Say("{phone} has no field “{field}”", "phone", system.Title, "field", name))
			}
		}
	}
}

func (e *editing) change(p local.PhoneEdit) {
	_, l, missing := e.set.phone(p.ID)
	if missing != nil {
		e.problem = cmp.Or(e.problem, missing)
		return
	}
	if p.System != "" && p.System != l.system.ID {
		e.fail("phones."+p.ID+".system", problem.Say("The system of a phone stays; add another phone instead"))
		return
	}
	e.text(p.Title, "phones", p.ID, "title")
	e.fields(p.ID, l.system, p, func(name, v string) { e.text(&v, "phones", p.ID, "fields", name) })
}

func (e *editing) remove(id string) {
	_, l, missing := e.set.phone(id)
	if missing != nil {
		e.problem = cmp.Or(e.problem, missing)
		return
	}
	for _, key := range e.set.Locked {
		if strings.HasPrefix(key, "phones."+id+".") {
			e.fail("phones."+id, problem.Say("Your administrator has set up this phone, so it cannot be removed here"))
			return
		}
	}
	for _, f := range l.system.Fields {
		if f.Secret {
			e.secrets[SecretName(id, f.Name)] = ""
		}
	}
	e.put(nil, "phones", id)
}

// rows changes rows of mappings. What the whole mapping would be is checked before anything is saved.
func (e *editing) rows(rows []local.RowEdit) {
	byPhone := map[string][]local.RowEdit{}
	for _, row := range rows {
		byPhone[row.Phone] = append(byPhone[row.Phone], row)
	}
	for id, rows := range byPhone {
		p, l, missing := e.set.phone(id)
		if missing != nil {
			e.problem = cmp.Or(e.problem, missing)
			continue
		}
		for _, row := range rows {
			table, have := keyToPhone, p.Mapping.TeamsToPhone
			if row.Direction == local.ToTeams {
				table, have = keyToTeams, p.Mapping.PhoneToTeams
			}
			path := []string{"phones", id, "mapping", table, sameName(have, row.From)}
			one, wrong := withRows(settings.Mapping{}, []local.RowEdit{row})
			if wrong != nil {
				e.problem = cmp.Or(e.problem, wrong)
				continue
			}
			if _, err := one.Apply(presence.Mapping{Statuses: l.system.Mapping.Statuses}); err != nil {
				e.fail(strings.Join(path, "."), problem.Plain(err.Error()))
				continue
			}
			if row.To == nil {
				e.put(nil, path...)
			} else {
				e.put(*row.To, path...)
			}
		}
	}
}

// guess finds which of the keys that were to change a problem speaks of.
func (e *editing) guess(what string) string {
	for _, c := range e.changes {
		if key := strings.Join(c.Path, "."); strings.Contains(what, key) {
			return key
		}
	}
	if len(e.changes) == 1 {
		return strings.Join(e.changes[0].Path, ".")
	}
	return ""
}
