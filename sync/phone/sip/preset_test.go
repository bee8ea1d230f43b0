package sip_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/phone/sip"
	"github.com/offhook/offhook/sync/presence"
)

func preset(t *testing.T, id string) *profile.Profile {
	t.Helper()
	name := "presets/" + id + ".yaml"
	data, err := assets.Presets.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(name, data, "sip")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The presets and the connector know each other by words only: they must be the same.
func TestPresetsFitTheConnector(t *testing.T) {
	busy := func(name string) []sip.Status {
		return []sip.Status{{Status: presence.Status{Name: name, Means: presence.MeansBusy, Activity: true, Writable: true},
			Values: []string{"on-the-phone", "call", "hold"}}}
	}
	all, err := catalog.Load("")
	if all == nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]sip.Status{"sip": sip.Statuses(),
		"openscape-uc": busy("Busy (in a call)"), "setera-onecloud": busy("Line busy")} {
		p := preset(t, id)
		var got []sip.Status
		for _, s := range p.System.Mapping.Statuses {
			got = append(got, sip.Status{Status: s, Values: p.Values(s.Name)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-connector's tests +preset):\n%s", id, diff)
		}
		phone, err := all.Open(id, catalog.Options{Fields: map[string]string{"server": "pbx", "extension": "100", "password": "x"}})
		if err != nil {
			t.Fatalf("%s: what must be entered does not open it: %v", id, err)
		}
		limited, ok := phone.(interface{ ReadOnly() bool })
		if !ok || limited.ReadOnly() != (id == "sip") { // where nothing is turned on nothing is set
			t.Errorf("%s: read only is not what its defaults say", id)
		}
	}
}
