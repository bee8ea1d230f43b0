package catalog

import (
	"os"
	"path/filepath"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/problem"
)

// natives are the connectors in Go that a file may name.
func natives() []string { return []string{byAsterisk, byFreePBX, byBaresip, byBria, bySIP} }

// File is the catalog of one file alone, wherever it lies, and its phone system: for trying it out.
func File(name string) (*Catalog, phone.System, error) {
	data, err := contents(name)
	if err != nil {
		return nil, phone.System{}, err
	}
	p, err := profile.Parse(filepath.ToSlash(name), data, natives()...)
	if err != nil {
		return nil, phone.System{}, broken(name, err)
	}
	return &Catalog{profiles: []*profile.Profile{p}}, p.System, nil
}

// Check says what is wrong with a file, and what its author may not have meant.
func Check(name string) (mistaken, remarks []*profile.Error, err error) {
	data, err := contents(name)
	if err != nil {
		return nil, nil, err
	}
	mistaken, remarks = profile.Lint(filepath.ToSlash(name), data, natives()...)
	return mistaken, remarks, nil
}

func contents(name string) ([]byte, error) {
	wrong := func(what problem.Text, err error) error {
		return &problem.Problem{Kind: problem.Settings, What: what, Do: problem.Say("Name a phone system's file"), Err: err}
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, wrong(problem.Say("The file {file} is not there", "file", name), err)
	}
	if info.Size() > mostBytes || !info.Mode().IsRegular() {
		return nil, wrong(problem.Say("The file {file} is no ordinary file, or longer than 1 MB", "file", name), nil)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, wrong(problem.Say("The file {file} cannot be read", "file", name), err)
	}
	return data, nil
}
