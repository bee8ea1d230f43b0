package profile

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
		partOf("failed", f.Failed, false),
		partOf("expired", f.Expired, false),
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
	f.checkRequests(bad)
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

// checkValues demands that each API value is told apart: among what happens, and among what is chosen. A status
// that is neither read nor written, but stands in a vendor's table, needs none.
func (f *file) checkValues(bad *mistakes) {
	taken := map[bool]map[string]string{true: {}, false: {}}
	for _, s := range f.Statuses {
		if len(s.Value) == 0 && (s.Writable || s.Activity && f.Read.Happening != nil || !s.Activity && f.Read.Chosen != nil) {
			bad.add(s.wrong("the status %q has no value; add the value it has in the API", s.Name.s))
		}
		for _, v := range s.Value {
			if other, twice := taken[s.Activity][v.s]; twice {
				bad.add(v.wrong("the value %q is that of %q already; remove one", v.s, other))
			}
			taken[s.Activity][v.s] = s.Name.s
		}
	}
}
