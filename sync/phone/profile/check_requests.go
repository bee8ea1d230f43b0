package profile

import (
	"maps"
	"slices"
	"strings"
)

func (f *file) checkSignIn(bad *mistakes) {
	s := f.SignIn
	if s == nil {
		return
	}
	kinds := 0
	for _, there := range []bool{s.Basic != nil, s.Bearer != nil, s.Key != nil, s.Login != nil, s.OAuth != nil} {
		if there {
			kinds++
		}
	}
	if kinds != 1 {
		bad.add(s.wrong("the sign-in needs exactly one of basic, bearer, key, login and oauth; where there is none, remove sign_in"))
	}
	if in := s.Login; in != nil {
		if in.Token == nil && !in.Cookies {
			bad.add(in.wrong("%q is missing; add it: a jq expression that gives the token, such as .token", "token"))
		}
		if (in.Refresh == nil) != (in.RefreshToken == nil) {
			bad.add(in.wrong("refresh and refresh_token go together; add or remove the one or the other"))
		}
		if in.Send != nil && in.Token == nil {
			bad.add(in.Send.wrong("there is no token to send; remove send or add token"))
		}
	}
	if in := s.OAuth; in != nil {
		bad.add(oneOfWords(in.Grant, "grant", "code", "password"))
		bad.add(oneOfWords(in.ClientAuth, "client_auth", "body", "basic"))
		if in.byPassword() && (in.User == nil || in.Password == nil) {
			bad.add(in.wrong("the grant password needs user and password; add them"))
		}
		if !in.byPassword() && in.Authorize == nil {
			bad.add(in.wrong("the grant code needs authorize, the address of the sign-in page; add it"))
		}
	}
}

func (o *oauth) byPassword() bool { return o.Grant.s == "password" }

func oneOfWords(t text, key string, words ...string) error {
	if t.s == "" || slices.Contains(words, t.s) {
		return nil
	}
	return t.wrong("%q is no %s; write one of: %s", t.s, key, strings.Join(words, ", "))
}

// scope is the placeholders that have a value at one place of the file.
type scope struct {
	names []string
	bad   *mistakes
}

func (s scope) with(names ...string) scope {
	return scope{slices.Concat(s.names, names), s.bad}
}

// introduce adds names that the file gives to values itself.
func (s *scope) introduce(where place, names ...string) {
	slices.Sort(names)
	for _, name := range names {
		switch {
		case !placeholderName.MatchString(name):
			s.bad.add(where.wrong("the name %q may only be made of small letters, digits and underlines; change it", name))
		case slices.Contains(reserved, name) || slices.Contains(s.names, name):
			s.bad.add(where.wrong("the name %q is taken already; choose another", name))
		}
		s.names = append(s.names, name)
	}
}

func (s scope) templates(list ...*template) {
	for _, t := range list {
		if t == nil {
			continue
		}
		for _, name := range t.names() {
			if !slices.Contains(s.names, name) {
				s.bad.add(t.wrong("${%s} has no value here; there are: ${%s}", name, strings.Join(s.names, "}, ${")))
			}
		}
	}
}

func (s scope) addresses(list ...*template) {
	s.templates(list...)
	for _, t := range list {
		if t != nil && !strings.HasPrefix(t.source, "${") && !strings.HasPrefix(t.source, "http://") && !strings.HasPrefix(t.source, "https://") {
			s.bad.add(t.wrong("%q is no whole address; begin it with https:// or with a placeholder that holds one", t.source))
		}
	}
}

// request checks one request; a step is one of a write.
func (s scope) request(r *request, step bool) {
	switch {
	case r.Path == nil && r.URL == nil:
		s.bad.add(r.wrong("%q is missing; add it: what follows the base address, such as /api/me", "path"))
	case r.Path != nil && r.URL != nil:
		s.bad.add(r.wrong("path and url exclude each other; remove one"))
	case r.Path != nil && !strings.HasPrefix(r.Path.source, "/"):
		s.bad.add(r.Path.wrong("the path %q does not begin with a slash; write what follows the base address", r.Path.source))
	case r.URL != nil:
		s.addresses(r.URL)
	}
	contents := 0
	for _, there := range []bool{r.Body != nil, r.JSON != nil, r.Form != nil, r.XML != nil, r.Text != nil} {
		if there {
			contents++
		}
	}
	if contents > 1 {
		s.bad.add(r.wrong("body, json, form, xml and text exclude each other; keep one"))
	}
	if !step && (r.When != nil || r.Each != nil) {
		s.bad.add(r.wrong("when and each are for the steps of a write, and when for one of several requests of a reading; remove them"))
	}
	s.bad.add(oneOfWords(r.Answer, "answer", answerJSON, answerXML, answerText))
	if p := r.Pages; p != nil && (p.Next == nil) == (p.Token == nil || p.Query.s == "") {
		s.bad.add(p.wrong("the pages need either next, or token and query; write one of the two"))
	}
	if r.Each != nil {
		s = s.with("item")
	}
	s.templates(r.templates()...)
}

// checkRequests demands that each request is whole and that each placeholder has a value where it stands.
func (f *file) checkRequests(bad *mistakes) {
	s := scope{bad: bad}
	for _, d := range f.Fields {
		s.names = append(s.names, d.Name.s)
	}
	bad.add(oneOfWords(f.Answers, "answer", answerJSON, answerXML, answerText))
	s.templates(f.Base)
	s = s.with("device")
	s.introduce(f.place, slices.Collect(maps.Keys(f.Let))...)
	if in := f.SignIn; in != nil {
		s = f.signInScope(s)
	}
	s.templates(inOrder(f.Headers)...)
	for i := range f.Once {
		o := &f.Once[i]
		s.request(&o.Request, false)
		s.introduce(o.place, slices.Collect(maps.Keys(o.Keep))...)
	}
	switch {
	case (f.Read.Request == nil) == (len(f.Read.Requests) == 0):
		bad.add(f.Read.wrong("the read needs either request or requests; write one of the two"))
	case f.Read.Request != nil:
		s.request(f.Read.Request, false)
	}
	for i := range f.Read.Requests {
		r := f.Read.Requests[i].Value
		r.When = nil // one of several may be left out
		s.request(&r, false)
	}
	f.Events.placeholders(s)
	for _, w := range []*steps{f.Write, f.GiveBack} {
		if w == nil {
			continue
		}
		for i := range w.List {
			s.with("value", "status").request(&w.List[i], true)
		}
	}
}

// signInScope checks the sign-in's templates and answers the scope after it.
func (f *file) signInScope(s scope) scope {
	in := f.SignIn
	switch {
	case in.Basic != nil:
		s.templates(&in.Basic.User, &in.Basic.Password)
	case in.Bearer != nil:
		s.templates(&in.Bearer.Token)
	case in.Key != nil:
		s.templates(in.Key.templates()...)
	case in.Login != nil:
		s.request(&in.Login.Request, false)
		if in.Login.Refresh != nil {
			s.with("refresh_token").request(in.Login.Refresh, false)
		}
		s = s.with("token")
		s.introduce(in.Login.place, slices.Collect(maps.Keys(in.Login.Keep))...)
		if in.Login.Send != nil {
			s.templates(in.Login.Send.templates()...)
		}
	case in.OAuth != nil:
		o := in.OAuth
		s.addresses(o.Authorize, &o.Token)
		s.templates(&o.ClientID, o.ClientSecret, o.Scope, o.Redirect, o.User, o.Password)
		s.templates(inOrder(o.Extra)...)
		s = s.with("token")
	}
	return s
}

func (s *send) templates() []*template {
	return append(inOrder(s.Headers), inOrder(s.Query)...)
}

// templates lists the templates of a request.
func (r *request) templates() []*template {
	list := []*template{r.Path, r.XML, r.Text}
	for _, m := range []map[string]template{r.Query, r.Headers, r.Form} {
		list = append(list, inOrder(m)...)
	}
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
