package profile

import (
	"time"

	"github.com/goccy/go-yaml/ast"
)

// text is a single value.
type text struct {
	place
	s string
}

func (t *text) read(n ast.Node) error {
	s, ok := scalar(n)
	if !ok {
		return at(n).wrong("a single value is expected here; write it out (anchors and aliases are not read)")
	}
	t.place, t.s = at(n), s
	return nil
}

// values is one value or a list of values.
type values []text

func (v *values) read(n ast.Node) error {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	for _, n := range nodes {
		var t text
		if err := t.read(n); err != nil {
			return err
		}
		*v = append(*v, t)
	}
	return nil
}

// span is a length of time.
type span struct {
	place
	d time.Duration
}

func (s *span) read(n ast.Node) error {
	var t text
	if err := t.read(n); err != nil {
		return err
	}
	d, err := time.ParseDuration(t.s)
	if err != nil || d <= 0 {
		return t.wrong("%q is no length of time; write it with its unit, such as 500ms, 10s or 2m", t.s)
	}
	s.place, s.d = t.place, d
	return nil
}

func (s *span) or(d time.Duration) time.Duration {
	if s == nil {
		return d
	}
	return s.d
}
