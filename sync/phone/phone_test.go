package phone

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/presence"
)

// What cannot be written is not offered, and the tables that it stands in stay as they are.
func TestOffered(t *testing.T) {
	table := func(row presence.Row[presence.Pair, string], writable bool) presence.Mapping {
		return presence.Mapping{
			Statuses: []presence.Status{{Name: "In use", Means: presence.MeansBusy, Activity: true, Writable: writable}},
			ToPhone:  []presence.Row[presence.Pair, string]{row, {From: presence.Away, Why: "it comes by itself"}},
			ToTeams:  []presence.Row[string, presence.Pair]{{From: "In use", To: presence.InACall}},
		}
	}
	vendors := table(presence.Row[presence.Pair, string]{From: presence.InACall, To: "In use"}, true)
	readOnly := table(presence.Row[presence.Pair, string]{From: presence.InACall, Why: presence.OneWay}, false)
	for name, c := range map[string]struct {
		writes, only bool
		want         presence.Mapping
	}{
		"written":      {true, false, vendors},
		"read only":    {false, false, readOnly},
		"mapping only": {false, true, vendors},
	} {
		s := System{Title: "Cloud", Capabilities: Capabilities{Writes: c.writes}, MappingOnly: c.only, Mapping: vendors}
		if diff := cmp.Diff(c.want, s.Offered()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if err := s.Offered().Check(); err != nil || s.Mapping.ToPhone[0].To != "In use" {
			t.Errorf("%s: %v, %+v", name, err, s.Mapping.ToPhone)
		}
	}
}
