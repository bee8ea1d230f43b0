package profile

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
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

// pattern is a regular expression that a whole value must fit.
type pattern struct {
	place
	source string
	re     *regexp.Regexp
}

func (p *pattern) read(n ast.Node) error {
	var t text
	if err := t.read(n); err != nil {
		return err
	}
	re, err := regexp.Compile("^(?:" + t.s + ")$")
	if err != nil {
		return t.wrong("%q is no regular expression; correct it", t.s)
	}
	p.place, p.source, p.re = t.place, t.s, re
	return nil
}

// pace is so many in a time.
type pace struct {
	place
	n     int
	every time.Duration
}

func (p *pace) read(n ast.Node) error {
	var t text
	if err := t.read(n); err != nil {
		return err
	}
	count, every, counted := strings.Cut(t.s, " per ")
	if !counted {
		count, every = "1", t.s
	}
	many, err := strconv.Atoi(count)
	d, err2 := time.ParseDuration(every)
	if err != nil || err2 != nil || many < 1 || many > 10_000 || d <= 0 {
		return t.wrong("%q is no rate; write the least time between two, such as 10s, or so many in a time, such as 50 per 1m", t.s)
	}
	p.place, p.n, p.every = t.place, many, d
	return nil
}

// steps is one request, or a list of them in order.
type steps struct {
	place
	List []request `yaml:"list"` // for those who look for the requests in a file
}

func (s *steps) decode(n ast.Node, bad *mistakes) {
	s.place = at(n)
	if _, ok := n.(*ast.SequenceNode); ok {
		decode(n, reflect.ValueOf(&s.List).Elem(), bad)
		return
	}
	s.List = make([]request, 1)
	decode(n, reflect.ValueOf(&s.List[0]).Elem(), bad)
}

// ordered is a map whose order counts.
type ordered[T any] []named[T]

type named[T any] struct {
	place
	name  string
	Value T `yaml:"value"`
}

func (o *ordered[T]) decode(n ast.Node, bad *mistakes) {
	pairs, ok := pairsOf(n)
	if !ok {
		bad.add(at(n).wrong("keys and values are expected here; write each as key: value"))
		return
	}
	*o = make([]named[T], len(pairs))
	for i, p := range pairs {
		e := &(*o)[i]
		e.place, e.name = at(p.Key), keyOf(p)
		decode(p.Value, reflect.ValueOf(&e.Value).Elem(), bad)
	}
}
