// Package profile runs a phone system from one YAML file: how to sign in, to read, to hear of changes and to
// write, what the statuses are, and the preset mapping. It must not know any one phone system, where the
// files come from, the engine, Teams or a screen.
package profile

import (
	"errors"
	"path"
	"reflect"

	"github.com/goccy/go-yaml/parser"

	"github.com/offhook/offhook/sync/phone"
)

// The connectors a file may name besides those in Go.
const (
	ByProfile = "profile" // this package's engine runs it
	NoneYet   = "none"    // the mapping tables only
)

// Profile is one phone system, as its file says.
type Profile struct {
	System    phone.System
	Connector string // ByProfile, NoneYet, or the name of a connector in Go

	file   *file
	byName map[string]*status // by the name in small letters
}

// Parse reads a profile's file; native names the connectors in Go that a file may ask for. Whatever is wrong
// with the file is answered at once, each thing with its line, its column and what to do, as *Error joined.
func Parse(name string, data []byte, native ...string) (*Profile, error) {
	bad := &mistakes{file: path.Base(name)}
	p := parse(data, native, bad)
	if len(bad.list) > 0 {
		return nil, bad.err()
	}
	return p, nil
}

func parse(data []byte, native []string, bad *mistakes) *Profile {
	doc, err := parser.ParseBytes(data, 0)
	if err != nil {
		bad.add(err)
		return nil
	}
	if len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		bad.add(errors.New("the file must hold exactly one profile; begin it with id: and the system's short name"))
		return nil
	}
	f := new(file)
	decode(doc.Docs[0].Body, reflect.ValueOf(f).Elem(), bad)
	if len(bad.list) > 0 {
		return nil
	}
	return f.profile(native, bad)
}
