package asterisk_test

import (
	"slices"
	"testing"

	"github.com/offhook/offhook/sync/phone/asterisk"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/presence"
)

// The preset and the connector know each other by names only: they must be the same.
func TestPresetFitsTheConnector(t *testing.T) {
	all, err := catalog.Load("")
	if all == nil {
		t.Fatal(err)
	}
	system, err := all.System("asterisk")
	if err != nil {
		t.Fatal(err)
	}
	writable, activities := []string{asterisk.Available, asterisk.DoNotDisturb}, []string{asterisk.Ringing, asterisk.OnACall, asterisk.OnHold}
	for _, name := range slices.Concat(writable, activities) {
		s, ok := system.Mapping.Status(name)
		if !ok || s.Name != name || s.Writable != slices.Contains(writable, name) || s.Activity != slices.Contains(activities, name) {
			t.Errorf("the preset has %+v for %q", s, name)
		}
		if row := system.Mapping.Teams(name); row.Unchanged() && row.Why == "" || !slices.ContainsFunc(system.Mapping.ToTeams, func(r presence.Row[string, presence.Pair]) bool { return r.From == name }) {
			t.Errorf("%q has no row, or no reason", name)
		}
	}
	if len(system.Mapping.Statuses) != len(writable)+len(activities) {
		t.Errorf("the preset has other statuses: %+v", system.Mapping.Statuses)
	}
	for _, state := range presence.TeamsStates() {
		if !slices.ContainsFunc(system.Mapping.ToPhone, func(r presence.Row[presence.Pair, string]) bool { return r.From == state.Pair }) {
			t.Errorf("%s has no row", state.Pair)
		}
	}
	_, err = all.Open("asterisk", catalog.Options{Fields: map[string]string{
		"server": "http://127.0.0.1:8088", "user": "offhook", "password": "offhook-ari", "extension": "100",
	}})
	if err != nil {
		t.Errorf("the preset's defaults do not open: %v", err)
	}
}
