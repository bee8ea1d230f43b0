package resident

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

// The names of the two tables in the settings file.
const (
	keyToPhone = "teams_to_phone"
	keyToTeams = "phone_to_teams"
)

// Rows makes a mapping's two tables ready to show, a row for each Teams state and each status.
func Rows(m presence.Mapping) (toPhone, toTeams []local.Row) {
	for _, state := range presence.TeamsStates() {
		row := m.Phone(state.Pair)
		toPhone = append(toPhone, local.Row{From: state.Pair.String(), FromTitle: state.Title,
			To: row.To, ToTitle: row.To, Unchanged: row.Unchanged(), Why: row.Why})
	}
	for _, status := range m.Statuses {
		row := m.Teams(status.Name)
		shown := local.Row{From: status.Name, FromTitle: status.Name, Unchanged: row.Unchanged(), Why: row.Why}
		if !row.Unchanged() {
			shown.To = row.To.String()
			shown.ToTitle = title(row.To)
		}
		toTeams = append(toTeams, shown)
	}
	return toPhone, toTeams
}

// ownRows are a phone's rows, compared with its preset's.
func (s *setup) ownRows(l line) (toPhone, toTeams []local.Row) {
	toPhone, toTeams = Rows(l.mapping)
	presetPhone, presetTeams := Rows(l.system.Mapping)
	compare := func(rows, preset []local.Row, table string) {
		for i := range rows {
			if i < len(preset) {
				rows[i].Preset, rows[i].PresetTitle = preset[i].To, preset[i].ToTitle
				rows[i].Changed = rows[i].To != preset[i].To
			}
			rows[i].Locked = s.locks("phones." + l.id + ".mapping." + table + "." + rows[i].From)
		}
	}
	compare(toPhone, presetPhone, keyToPhone)
	compare(toTeams, presetTeams, keyToTeams)
	return toPhone, toTeams
}

// locks tells whether the administrator's policy sets a key.
func (s *setup) locks(key string) bool {
	return local.Settings{Locked: s.Locked}.Locks(key)
}

// phone finds a phone of the settings.
func (s *setup) phone(id string) (settings.Phone, line, *local.Problem) {
	for i, p := range s.Phones {
		if p.ID == id && i < len(s.phones) {
			return p, s.phones[i], nil
		}
	}
	none := wrong(problem.Say("There is no phone “{phone}” in the settings", "phone", id))
	none.Key = "phones"
	return settings.Phone{}, line{}, none
}

// Targets are what the rows of a phone's mapping may name.
func (r *Resident) Targets(_ context.Context, id string) local.Targets {
	_, l, missing := r.now().phone(id)
	if missing != nil {
		return local.Targets{Problem: missing}
	}
	return targets(l.system)
}

// unchanged is the first target of every list.
func unchanged() local.Target { return local.Target{Title: "Leave unchanged"} }

func targets(system phone.System) local.Targets {
	t := local.Targets{ToPhone: []local.Target{unchanged()}, ToTeams: []local.Target{unchanged()}}
	for _, s := range system.Mapping.Statuses {
		if s.Writable {
			t.ToPhone = append(t.ToPhone, local.Target{To: s.Name, Title: s.Name})
		}
	}
	for _, p := range presence.LegalTargets() {
		t.ToTeams = append(t.ToTeams, local.Target{To: p.String(), Title: title(p)})
	}
	return t
}

// withRows is a person's own rows with changes that are not saved.
func withRows(m settings.Mapping, edits []local.RowEdit) (settings.Mapping, *local.Problem) {
	m = settings.Mapping{TeamsToPhone: maps.Clone(m.TeamsToPhone), PhoneToTeams: maps.Clone(m.PhoneToTeams)}
	for _, e := range edits {
		table := &m.TeamsToPhone
		switch e.Direction {
		case local.ToPhone:
		case local.ToTeams:
			table = &m.PhoneToTeams
		default:
			return m, wrong(problem.Say("“{text}” is no direction of a mapping; there are {to_phone} and {to_teams}", "text", e.Direction, "to_phone", local.ToPhone, "to_teams", local.ToTeams))
		}
		from := sameName(*table, e.From)
		if e.To == nil {
			delete(*table, from)
			continue
		}
		if *table == nil {
			*table = map[string]string{}
		}
		(*table)[from] = *e.To
	}
	return m, nil
}

// sameName finds a row by its name, in whatever spelling of upper and lower case the file has it.
func sameName(table map[string]string, from string) string {
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if strings.EqualFold(key, from) {
			return key
		}
	}
	return from
}
