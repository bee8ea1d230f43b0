package profile

import (
	"regexp"
	"slices"
	"strings"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/presence"
)

var (
	idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	proofs = []string{"run against the real system", "built from documents", "simulated", "mapping only"}
	// Names of placeholders that are filled in by the engine, not by the person.
	reserved = []string{"token", "refresh_token", "device", "value", "status", "item", "cursor", "unique"}
)

// profile checks what the file says and turns it into what the rest of Offhook knows.
func (f *file) profile(native []string, bad *mistakes) *Profile {
	p := &Profile{file: f, Connector: ByProfile, byName: map[string]*status{}}
	if f.Connector.s != "" {
		p.Connector = f.Connector.s
	}
	if all := append([]string{ByProfile, NoneYet}, native...); !slices.Contains(all, p.Connector) {
		bad.add(f.Connector.wrong("there is no connector %q; write one of: %s", p.Connector, strings.Join(all, ", ")))
	} else {
		f.connector(p.Connector, bad)
	}
	if !idForm.MatchString(f.ID.s) {
		bad.add(f.ID.wrong("the id %q may only be made of small letters, digits and single dashes; change it", f.ID.s))
	}
	if !slices.Contains(proofs, f.Proof.s) {
		bad.add(f.Proof.wrong("%q is no proof; write one of: %s", f.Proof.s, strings.Join(proofs, ", ")))
	}
	p.System = phone.System{
		ID:           f.ID.s,
		Title:        f.Title.s,
		Fields:       f.fields(bad),
		Capabilities: phone.Capabilities{ReadsLine: f.Capabilities.ReadsLine, ReadsStatus: f.Capabilities.ReadsStatus, Writes: f.Capabilities.Writes, Events: f.Capabilities.Events},
		Proof:        f.Proof.s,
		Documents:    []string{},
		MappingOnly:  p.Connector == NoneYet,
		ByBrowser:    p.Connector == ByProfile && f.SignIn.byBrowser(),
	}
	for _, d := range f.Documents {
		p.System.Documents = append(p.System.Documents, d.s)
	}
	p.System.Mapping = f.mapping(bad)
	for i := range f.Statuses {
		p.byName[strings.ToLower(f.Statuses[i].Name.s)] = &f.Statuses[i]
	}
	return p
}

func (f *file) usesReserved() bool { return f.Connector.s == "" || f.Connector.s == ByProfile }

// mapping builds the two tables piece by piece, so that the piece with which they no longer hold is the one
// to name.
func (f *file) mapping(bad *mistakes) presence.Mapping {
	var m presence.Mapping
	// holds tells whether the mapping still does, and where not, says so of a place.
	holds := func(where place) bool {
		err := m.Check()
		if err != nil {
			bad.add(where.wrong("%v; correct or remove it", err))
		}
		return err == nil
	}
	for _, s := range f.Statuses {
		var means presence.Means
		if err := means.UnmarshalText([]byte(s.Means.s)); err != nil {
			bad.add(s.Means.wrong("%v; write one of them", err))
		}
		m.Statuses = append(m.Statuses, presence.Status{Name: s.Name.s, Means: means, Activity: s.Activity, Writable: s.Writable})
		if !holds(s.Name.place) {
			m.Statuses = m.Statuses[:len(m.Statuses)-1]
		}
	}
	for _, r := range f.Mapping.ToPhone {
		teams, err := presence.ParsePair(r.Teams.s)
		if err != nil {
			bad.add(r.Teams.wrong("%v; correct it", err))
			continue
		}
		last := len(m.ToPhone)
		m.ToPhone = append(m.ToPhone, presence.Row[presence.Pair, string]{From: teams, Why: r.Unchanged.s})
		if !holds(r.Teams.place) {
			m.ToPhone = m.ToPhone[:last]
			continue
		}
		bad.add(oneOf(r.place, "phone", r.Phone, r.Unchanged))
		m.ToPhone[last].To = r.Phone.s
		if s, known := m.Status(r.Phone.s); known {
			m.ToPhone[last].To = s.Name
		}
		if !holds(r.Phone.place) {
			m.ToPhone = m.ToPhone[:last]
		}
	}
	for _, r := range f.Mapping.ToTeams {
		last := len(m.ToTeams)
		m.ToTeams = append(m.ToTeams, presence.Row[string, presence.Pair]{From: r.Phone.s, Why: r.Unchanged.s})
		if !holds(r.Phone.place) {
			m.ToTeams = m.ToTeams[:last]
			continue
		}
		s, _ := m.Status(r.Phone.s)
		m.ToTeams[last].From = s.Name
		bad.add(oneOf(r.place, "teams", r.Teams, r.Unchanged))
		if r.Teams.s == "" {
			continue
		}
		teams, err := presence.ParsePair(r.Teams.s)
		if err != nil {
			bad.add(r.Teams.wrong("%v; correct it", err))
			continue
		}
		m.ToTeams[last].To = teams
		if !holds(r.Teams.place) {
			m.ToTeams = m.ToTeams[:last]
		}
	}
	return m
}

// oneOf demands a target or a reason for having none, not both.
func oneOf(row place, key string, target, unchanged text) error {
	if (target.s == "") == (unchanged.s == "") {
		return row.wrong("the row needs either %s: and a target, or unchanged: and why; write one of the two", key)
	}
	return nil
}
