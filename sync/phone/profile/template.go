package profile

import (
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// template is a text with placeholders: ${name}. They are filled in after the file was read, each value
// escaped for the place in which it stands, so that no value can become a part of the request's form.
type template struct {
	place
	source string
	parts  []piece
}

// piece is either text or the name of a placeholder.
type piece struct{ text, name string }

var placeholderName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (t *template) read(n ast.Node) error {
	var s text
	if err := s.read(n); err != nil {
		return err
	}
	t.place, t.source = s.place, s.s
	rest := s.s
	for {
		before, after, found := strings.Cut(rest, "${")
		if before != "" {
			t.parts = append(t.parts, piece{text: before})
		}
		if !found {
			return nil
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed || !placeholderName.MatchString(name) {
			return s.wrong("a placeholder in %q is not closed or not named; write it as ${name}", s.s)
		}
		t.parts = append(t.parts, piece{name: name})
		rest = after
	}
}

// names lists the placeholders.
func (t *template) names() (names []string) {
	for _, p := range t.parts {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

func (t *template) fill(values map[string]string, escape func(before, value string) string) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(escape(b.String(), values[p.name]))
		}
	}
	return b.String()
}

// plain fills in values as they are: for JSON texts, headers and whatever is encoded as a whole afterwards.
func (t *template) plain(values map[string]string) string {
	return t.fill(values, func(_, value string) string { return value })
}

// path fills in values as segments of a URL's path, or as parts of its query after a question mark.
func (t *template) path(values map[string]string) string {
	return t.fill(values, func(before, value string) string {
		if strings.Contains(before, "?") {
			return url.QueryEscape(value)
		}
		return url.PathEscape(value)
	})
}

// address fills in a whole address: a placeholder at its beginning holds one, any other is a segment.
func (t *template) address(values map[string]string) string {
	return t.fill(values, func(before, value string) string {
		switch {
		case before == "":
			return strings.TrimRight(value, "/")
		case strings.Contains(before, "?"):
			return url.QueryEscape(value)
		}
		return url.PathEscape(value)
	})
}

// markup fills in values as XML's text.
func (t *template) markup(values map[string]string) string {
	return t.fill(values, func(_, value string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(value)) // a Builder never fails
		return b.String()
	})
}

// body is a JSON body: any tree, whose texts are templates.
type body struct {
	place
	tree any // map[string]any, []any, *template, or a number, a boolean, nil
}

func (b *body) read(n ast.Node) (err error) {
	b.place = at(n)
	b.tree, err = bodyTree(n)
	return err
}

func bodyTree(n ast.Node) (any, error) {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		pairs, _ := pairsOf(n)
		tree := make(map[string]any, len(pairs))
		for _, p := range pairs {
			v, err := bodyTree(p.Value)
			if err != nil {
				return nil, err
			}
			tree[keyOf(p)] = v
		}
		return tree, nil
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, v := range n.Values {
			var err error
			if list[i], err = bodyTree(v); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *ast.IntegerNode:
		return n.Value, nil
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.NullNode:
		return nil, nil
	}
	t := new(template)
	return t, t.read(n)
}

func (b *body) fill(values map[string]string) any { return fillTree(b.tree, values) }

func fillTree(tree any, values map[string]string) any {
	switch v := tree.(type) {
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key, inner := range v {
			filled[key] = fillTree(inner, values)
		}
		return filled
	case []any:
		filled := make([]any, len(v))
		for i, inner := range v {
			filled[i] = fillTree(inner, values)
		}
		return filled
	case *template:
		return v.plain(values)
	}
	return tree
}

// templates lists the templates in a body.
func templatesIn(tree any) (list []*template) {
	switch v := tree.(type) {
	case map[string]any:
		for _, inner := range v {
			list = append(list, templatesIn(inner)...)
		}
	case []any:
		for _, inner := range v {
			list = append(list, templatesIn(inner)...)
		}
	case *template:
		list = append(list, v)
	}
	return list
}
