package profile

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/offhook/offhook/sync/presence"
)

// Lint reads a file as Parse does, and says besides what its author may not have meant. Mistakes are to be
// corrected; remarks are to be thought about.
func Lint(name string, data []byte, native ...string) (mistaken, remarks []*Error) {
	bad := &mistakes{file: path.Base(name)}
	p := parse(data, native, bad)
	if p == nil || len(bad.list) > 0 {
		return bad.sorted(), nil
	}
	f, think := p.file, &mistakes{file: bad.file}
	f.lintRows(p.System.Mapping, think)
	if p.Connector == ByProfile {
		f.lintSecrets(bad, think)
		f.lintFields(string(data), think)
		for _, s := range f.Statuses {
			if s.Writable && f.Write == nil {
				think.add(s.wrong("the status %q is writable, but write is missing, so it is never written; add write, or remove writable if no program at all can set it", s.Name.s))
			}
		}
	}
	if f.Proof.s == "built from documents" && len(f.Documents) == 0 {
		think.add(f.Proof.wrong("it is built from documents, but none is named; name them under documents"))
	}
	return bad.sorted(), think.sorted()
}

// lintRows remarks what has no row: it leaves the other side unchanged, without saying why.
func (f *file) lintRows(m presence.Mapping, think *mistakes) {
	var states, statuses []string
	for _, s := range presence.TeamsStates() {
		if !slices.ContainsFunc(m.ToPhone, func(r presence.Row[presence.Pair, string]) bool { return r.From == s.Pair }) {
			states = append(states, s.Pair.String())
		}
	}
	for _, s := range m.Statuses {
		if !slices.ContainsFunc(m.ToTeams, func(r presence.Row[string, presence.Pair]) bool { return r.From == s.Name }) {
			statuses = append(statuses, s.Name)
		}
	}
	for _, missing := range []struct {
		table string
		rows  []string
	}{{"teams_to_phone", states}, {"phone_to_teams", statuses}} {
		if len(missing.rows) > 0 {
			think.add(f.Mapping.wrong("%s has no row for: %s; they leave the other side unchanged; add rows with unchanged: and why", missing.table, strings.Join(missing.rows, ", ")))
		}
	}
}

// lintSecrets finds secrets in addresses, which end in logs of servers and proxies. Where a phone system wants
// that, the file must say so.
func (f *file) lintSecrets(bad, think *mistakes) {
	secrets := append([]string{"token", "refresh_token"}, slices.Collect(maps.Keys(f.Let))...)
	for _, d := range f.fields(&mistakes{}) {
		if d.Secret {
			secrets = append(secrets, d.Name)
		}
	}
	var declared []string
	for _, d := range f.SecretsInURL {
		declared = append(declared, d.s)
	}
	used := map[string]bool{}
	for _, t := range addresses(reflect.ValueOf(f).Elem()) {
		for _, name := range t.names() {
			if !slices.Contains(secrets, name) {
				continue
			}
			if !slices.Contains(declared, name) {
				bad.add(t.wrong("${%s} is secret and stands in an address, which servers write into their logs; send it in a header or the body, or say that the phone system wants it so: secrets_in_url: [%s]", name, name))
			}
			used[name] = true
		}
	}
	for _, d := range f.SecretsInURL {
		if !used[d.s] {
			think.add(d.wrong("%q stands in no address; remove it here", d.s))
		}
	}
}

// addresses finds the templates in a file that become part of a URL.
func addresses(v reflect.Value) (list []*template) {
	switch v.Type() {
	case reflect.TypeFor[template](), reflect.TypeFor[expr](), reflect.TypeFor[body](), reflect.TypeFor[text](), reflect.TypeFor[place]():
		return nil // these hold no requests
	case reflect.TypeFor[steps]():
		return addresses(reflect.ValueOf(v.Interface().(steps).List))
	case reflect.TypeFor[ordered[request]]():
		for _, r := range v.Interface().(ordered[request]) {
			list = append(list, addresses(reflect.ValueOf(r.Value))...)
		}
		return list
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return addresses(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			list = append(list, addresses(v.Index(i))...)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			inner := reflect.New(v.Type().Elem()).Elem()
			inner.Set(v.MapIndex(key))
			list = append(list, addresses(inner)...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch key := f.Tag.Get("yaml"); {
			case key == "path" || key == "url" || key == "query":
				list = append(list, templatesOf(v.Field(i))...)
			case key != "" || f.Anonymous:
				list = append(list, addresses(v.Field(i))...)
			}
		}
	}
	return list
}

// templatesOf lists the templates of a value: one, or the values of a map.
func templatesOf(v reflect.Value) (list []*template) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return templatesOf(v.Elem())
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			list = append(list, templatesOf(v.MapIndex(key))...)
		}
	case reflect.Struct:
		if t, ok := v.Interface().(template); ok {
			return []*template{&t}
		}
	}
	return list
}

// lintFields remarks what a person would have to enter for nothing.
func (f *file) lintFields(text string, think *mistakes) {
	for _, d := range f.Fields {
		name := regexp.QuoteMeta(d.Name.s)
		used := regexp.MustCompile(fmt.Sprintf(`\$\{%s\}|\$(fields|secrets)(\.%s\b|\["%s"\])`, name, name, name))
		if !used.MatchString(text) {
			think.add(d.Name.wrong("nothing uses the field %q; use it as ${%s} or remove it", d.Name.s, d.Name.s))
		}
	}
}
