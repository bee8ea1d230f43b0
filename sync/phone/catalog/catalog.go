// Package catalog is the list of all phone systems: the shipped presets and the person's own files. It knows
// which connector runs which; it must not know the engine, Teams, the settings or a screen.
package catalog

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/offhook/offhook/assets"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/asterisk"
	"github.com/offhook/offhook/sync/phone/baresip"
	"github.com/offhook/offhook/sync/phone/bria"
	"github.com/offhook/offhook/sync/phone/freepbx"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// The connectors in Go that a file may name.
const (
	byAsterisk = "asterisk"
	byFreePBX  = "freepbx"
	byBaresip  = "baresip"
	byBria     = "bria"
	bySIP      = "sip"
)

// mostBytes is how long a profile's file may be.
const mostBytes = 1 << 20

// Catalog is all phone systems there are.
type Catalog struct {
	profiles []*profile.Profile // sorted by title
}

// Options is what a phone needs besides its system's id.
type Options struct {
	ID     string            // the phone's, by which its sign-in is kept
	Fields map[string]string // what the person entered, secrets included
	HTTP   *http.Client      // carries the trusted certificates; a plain one when nil
	Log    *slog.Logger      // nowhere when nil

	Secrets profile.Secrets                                 // keeps the sign-in; where nil it ends with the program
	Browse  func(ctx context.Context, address string) error // shows a sign-in page; nil: nobody can sign in by one

	// Frame is told of each frame of a WebSocket that a profile sends or hears; nobody is when nil.
	Frame func(sent bool, frame []byte)
}

// Load reads the shipped presets and the files phones/*.yaml of a configuration folder; no folder, no files
// of one's own. A file of one's own comes before a preset of the same id. What is wrong with files is
// answered as one error; the catalog holds all others nevertheless.
func Load(userDir string) (*Catalog, error) {
	byID := map[string]*profile.Profile{}
	var bad []error
	shipped, err := fs.Glob(assets.Presets, "presets/*.yaml")
	if err != nil {
		bad = append(bad, err)
	}
	for _, name := range shipped {
		data, err := assets.Presets.ReadFile(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		p, err := profile.Parse(name, data, natives()...)
		if err != nil {
			bad = append(bad, broken(name, err))
			continue
		}
		byID[p.System.ID] = p
	}
	own := map[string]string{}
	for _, name := range ownFiles(userDir) {
		p, err := readOwn(name)
		if err != nil {
			bad = append(bad, broken(name, err))
			continue
		}
		id := p.System.ID
		if first, twice := own[id]; twice {
			bad = append(bad, &problem.Problem{Kind: problem.Settings,
				What: problem.Say("The files {first} and {second} both have the id {id}, and only the first is used", "first", first, "second", name, "id", id),
				Do:   problem.Say("Give the second another id")})
			continue
		}
		own[id] = name
		byID[id] = p
	}
	c := &Catalog{}
	for _, p := range byID {
		c.profiles = append(c.profiles, p)
	}
	slices.SortFunc(c.profiles, func(a, b *profile.Profile) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.System.Title), strings.ToLower(b.System.Title)), strings.Compare(a.System.ID, b.System.ID))
	})
	return c, errors.Join(bad...)
}

func ownFiles(userDir string) []string {
	if userDir == "" {
		return nil
	}
	var names []string
	inside := os.DirFS(userDir) // so that the folder's own name is never read as a pattern
	for _, form := range []string{"phones/*.yaml", "phones/*.yml"} {
		found, _ := fs.Glob(inside, form)
		for _, name := range found {
			names = append(names, filepath.Join(userDir, filepath.FromSlash(name)))
		}
	}
	slices.Sort(names)
	return names
}

func readOwn(name string) (*profile.Profile, error) {
	data, err := contents(name)
	if err != nil {
		return nil, err
	}
	return profile.Parse(filepath.ToSlash(name), data, natives()...)
}

func broken(name string, err error) error {
	why := problem.Plain(err.Error())
	if p := new(problem.Problem); errors.As(err, &p) {
		why = p.What
	}
	return &problem.Problem{Kind: problem.Settings,
		What: problem.Say("The phone system's file {file} cannot be used: {problem}", "file", name, "problem", why),
		Do:   problem.Say("Correct the file, or remove it"), Err: err}
}

// Systems lists all phone systems, by title.
func (c *Catalog) Systems() []phone.System {
	systems := make([]phone.System, len(c.profiles))
	for i, p := range c.profiles {
		systems[i] = p.System
	}
	return systems
}

// System finds a phone system by its id.
func (c *Catalog) System(id string) (phone.System, error) {
	p, err := c.find(id)
	if err != nil {
		return phone.System{}, err
	}
	return p.System, nil
}

func (c *Catalog) find(id string) (*profile.Profile, error) {
	ids := make([]string, len(c.profiles))
	for i, p := range c.profiles {
		if strings.EqualFold(p.System.ID, id) {
			return p, nil
		}
		ids[i] = p.System.ID
	}
	slices.Sort(ids)
	return nil, &problem.Problem{Kind: problem.Settings,
		What: problem.Say("There is no phone system “{id}”", "id", id),
		Do:   problem.Say("Choose one of: {list}", "list", strings.Join(ids, ", "))}
}

// Open makes a phone of a system. It talks to nobody yet; errors are *problem.Problem.
func (c *Catalog) Open(id string, o Options) (phone.Phone, error) {
	p, err := c.find(id)
	if err != nil {
		return nil, err
	}
	switch p.Connector {
	case profile.ByProfile:
		return profile.Open(p, profile.Options{ID: o.ID, Fields: o.Fields, HTTP: o.HTTP, Log: o.Log, Secrets: o.Secrets, Browse: o.Browse, Frame: o.Frame})
	case byAsterisk, byFreePBX, byBaresip, byBria:
		return openNative(p, o)
	case bySIP:
		return openSIP(p, o)
	}
	return nil, &problem.Problem{Kind: problem.Settings,
		What: problem.Say("{phone}: Offhook knows only its mapping and cannot talk to it yet", "phone", remote.Known(p.System.Title)),
		Do:   problem.Say("Choose another phone system, or describe this one's API in a file of your own")}
}

// openNative makes a phone by a connector in Go.
func openNative(p *profile.Profile, o Options) (phone.Phone, error) {
	fields, err := profile.Fill(p.System, o.Fields)
	if err != nil {
		return nil, err
	}
	switch p.Connector {
	case byFreePBX:
		return freepbx.Open(freepbx.Options{Fields: fields, HTTP: o.HTTP, Log: o.Log})
	case byBaresip:
		return baresip.Open(baresip.Options{Fields: fields, Log: o.Log})
	case byBria:
		return bria.Open(bria.Options{Fields: fields, HTTP: o.HTTP, Log: o.Log})
	}
	return asterisk.Open(asterisk.Options{Fields: fields, HTTP: o.HTTP, Log: o.Log})
}
