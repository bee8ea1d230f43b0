package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Error is something wrong in a profile's file, at its place.
type Error struct {
	File   string
	Line   int
	Column int
	What   string // what is wrong and what to do
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.What)
}

// place is where something stands in the file.
type place struct{ line, column int }

func (p place) where() place    { return p }
func (p *place) stand(at place) { *p = at }

// wrong makes an error at a place; its file is filled in by mistakes.
func (p place) wrong(format string, args ...any) error {
	return &Error{Line: max(p.line, 1), Column: max(p.column, 1), What: fmt.Sprintf(format, args...)}
}

// at tells where a node begins. A block mapping's own token is the colon after its first key.
func at(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return at(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return at(n.Key)
	}
	pos := n.GetToken().Position
	return place{pos.Line, pos.Column}
}

// mistakes gathers everything that is wrong with one file.
type mistakes struct {
	file string
	list []*Error
}

func (m *mistakes) add(err error) {
	if err == nil {
		return
	}
	var mine *Error
	if !errors.As(err, &mine) {
		mine = &Error{Line: 1, Column: 1, What: err.Error()}
		var theirs yaml.Error
		if errors.As(err, &theirs) {
			mine.What = "this cannot be read as YAML: " + theirs.GetMessage() + "; correct it"
			if t := theirs.GetToken(); t != nil {
				mine.Line, mine.Column = t.Position.Line, t.Position.Column
			}
		}
	}
	mine.File = m.file
	m.list = append(m.list, mine)
}

// sorted is the mistakes in the order in which they stand in the file.
func (m *mistakes) sorted() []*Error {
	slices.SortStableFunc(m.list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return m.list
}

func (m *mistakes) err() error {
	var errs []error
	for _, e := range m.sorted() {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}
