package profile

import (
	"maps"
	"slices"
	"strings"
)

// connector checks what only this package's engine needs. A file for another connector must have none of it.
func (f *file) connector(name string, bad *mistakes) {
	mine := name == ByProfile
	for _, p := range []part{
		partOf("base", f.Base, true),
		partOf("read", f.Read, true),
		partOf("sign_in", f.SignIn, false),
		partOf("events", f.Events, false),
		partOf("write", f.Write, false),
		partOf("give_back", f.GiveBack, false),
		partOf("error", f.Error, false),
		partOf("rate", f.Rate, false),
	} {
		if mine && p.needed && !p.there {
			bad.add(f.wrong("%q is missing; add it: the connector profile needs it", p.key))
		}
		if !mine && p.there {
			bad.add(p.wrong("%q does nothing with the connector %s; remove it, or the line connector:", p.key, name))
		}
	}
	if !mine || f.Base == nil || f.Read == nil {
		return
	}
	f.checkCapabilities(bad)
	f.checkValues(bad)
	f.checkSignIn(bad)
	f.checkEvents(bad)
	f.checkPlaceholders(bad)
}

// part is one of the file's parts that only this package's engine reads.
type part struct {
	place
	key           string
	there, needed bool
}

func partOf[T any, P interface {
	*T
	where() place
}](key string, value P, needed bool) part {
	if value == nil {
		return part{key: key, needed: needed}
	}
	return part{value.where(), key, true, needed}
}

func (f *file) checkCapabilities(bad *mistakes) {
	c := f.Capabilities
	for _, part := range []struct {
		capability string
		said       bool
		key        string
		there      bool
	}{
		{"reads_line", c.ReadsLine, "read.happening", f.Read.Happening != nil},
		{"reads_status", c.ReadsStatus, "read.chosen", f.Read.Chosen != nil},
		{"writes", c.Writes, "write", f.Write != nil},
		{"events", c.Events, "one of " + eventKinds + " in events", f.Events.source() != nil},
	} {
		if part.said && !part.there {
			bad.add(c.wrong("%s is true, but %s is missing; add it or say false", part.capability, part.key))
		}
		if !part.said && part.there {
			bad.add(c.wrong("%s is false, but %s is there; say true or remove it", part.capability, part.key))
		}
	}
}

// checkValues demands that each API value is told apart: among what happens, and among what is chosen.
func (f *file) checkValues(bad *mistakes) {
	taken := map[bool]map[string]string{true: {}, false: {}}
	for _, s := range f.Statuses {
		if len(s.Value) == 0 {
			bad.add(s.wrong("the status %q has no value; add the value it has in the API", s.Name.s))
		}
		for _, v := range s.Value {
			if other, twice := taken[s.Activity][v.s]; twice {
				bad.add(v.wrong("the value %q is that of %q already; remove one", v.s, other))
			}
			taken[s.Activity][v.s] = s.Name.s
		}
		if s.Writable && f.Write == nil {
			bad.add(s.wrong("the status %q is writable, but write is missing; add it or remove writable", s.Name.s))
		}
	}
}

func (f *file) checkSignIn(bad *mistakes) {
	if s := f.SignIn; s != nil {
		kinds := 0
		for _, there := range []bool{s.Basic != nil, s.Bearer != nil, s.Login != nil} {
			if there {
				kinds++
			}
		}
		if kinds != 1 {
			bad.add(s.wrong("the sign-in needs exactly one of basic, bearer and login; where there is none, remove sign_in"))
		}
	}
}

// checkPlaceholders demands that each placeholder is one that has a value where it stands.
func (f *file) checkPlaceholders(bad *mistakes) {
	var entered []string
	for _, d := range f.Fields {
		entered = append(entered, d.Name.s)
	}
	check := func(also []string, templates ...*template) {
		known := slices.Concat(entered, also)
		for _, t := range templates {
			for _, name := range t.names() {
				if !slices.Contains(known, name) {
					bad.add(t.wrong("${%s} has no value here; there are: ${%s}", name, strings.Join(known, "}, ${")))
				}
			}
		}
	}
	requests := func(also []string, requests ...*request) {
		for _, r := range requests {
			if !strings.HasPrefix(r.Path.source, "/") {
				bad.add(r.Path.wrong("the path %q does not begin with a slash; write what follows the base address", r.Path.source))
			}
			check(also, r.templates()...)
		}
	}
	var token []string
	check(nil, f.Base)
	if s := f.SignIn; s != nil {
		switch {
		case s.Basic != nil:
			check(nil, &s.Basic.User, &s.Basic.Password)
		case s.Bearer != nil:
			check(nil, &s.Bearer.Token)
		case s.Login != nil:
			token = []string{"token"}
			requests(nil, &s.Login.Request)
			check(token, inOrder(s.Login.Send)...)
		}
	}
	check(token, inOrder(f.Headers)...)
	requests(token, &f.Read.Request)
	f.Events.placeholders(token, check, requests)
	for _, r := range []*request{f.Write, f.GiveBack} {
		if r != nil {
			requests(append(token, "value", "status"), r)
		}
	}
}

// templates lists the templates of a request.
func (r *request) templates() []*template {
	list := append([]*template{&r.Path}, inOrder(r.Query)...)
	list = append(list, inOrder(r.Headers)...)
	if r.Body != nil {
		list = append(list, templatesIn(r.Body.tree)...)
	}
	return list
}

func inOrder(m map[string]template) []*template {
	var list []*template
	for _, key := range slices.Sorted(maps.Keys(m)) {
		t := m[key]
		list = append(list, &t)
	}
	return list
}
