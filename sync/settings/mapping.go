package settings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/offhook/offhook/sync/presence"
)

// Apply puts a person's own rows into a preset's tables. The preset itself stays as it is.
func (m Mapping) Apply(preset presence.Mapping) (presence.Mapping, error) {
	preset.ToPhone, preset.ToTeams = slices.Clone(preset.ToPhone), slices.Clone(preset.ToTeams)
	for _, from := range slices.Sorted(maps.Keys(m.TeamsToPhone)) {
		pair, err := presence.ParsePair(from)
		if err != nil {
			return preset, err
		}
		row := presence.Row[presence.Pair, string]{From: pair, To: m.TeamsToPhone[from]}
		if status, ok := preset.Status(row.To); ok {
			row.To = status.Name
		} else if row.Unchanged() {
			row.Why = presence.LeftByPerson
		}
		preset.ToPhone = replace(preset.ToPhone, row)
	}
	for _, from := range slices.Sorted(maps.Keys(m.PhoneToTeams)) {
		status, ok := preset.Status(from)
		row := presence.Row[string, presence.Pair]{From: cmp.Or(status.Name, from), Why: presence.LeftByPerson}
		if target := m.PhoneToTeams[from]; ok && target != "" {
			pair, err := presence.ParsePair(target)
			if err != nil {
				return preset, fmt.Errorf("the row for %q: %w", from, err)
			}
			row.To, row.Why = pair, ""
		}
		preset.ToTeams = replace(preset.ToTeams, row)
	}
	return preset, preset.Check()
}

func replace[From, To comparable](rows []presence.Row[From, To], row presence.Row[From, To]) []presence.Row[From, To] {
	for i, r := range rows {
		if r.From == row.From {
			rows[i] = row
			return rows
		}
	}
	return append(rows, row)
}
