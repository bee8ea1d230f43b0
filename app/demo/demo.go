// Package demo is the whole of Offhook against simulated worlds: the real sign-in, the real Graph client, the
// real profile engine and the real engine, over HTTP on loopback. It sets the worlds up and plays the
// scripted day; what a resident is, it does not know better than anybody else.
package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
)

// phoneID is the demo's phone in the settings.
const phoneID = "desk"

// Demo is simulated worlds with a resident between them.
type Demo struct {
	World    *simulate.World
	Resident *resident.Resident
	Folder   string // the configuration folder, gone after Close
	secrets  *secrets.Store
}

// New starts the worlds and makes a resident for them. The secrets are kept in memory only, so that a demo
// leaves nothing in the person's keyring. The worlds end with ctx.
func New(ctx context.Context, o resident.Options) (*Demo, error) { return begin(ctx, o, WriteSettings) }

// FirstRun is New for a person who has not set anything up: the app registration is there, as in a company that
// gives one to its people, and no phone.
func FirstRun(ctx context.Context, o resident.Options) (*Demo, error) {
	return begin(ctx, o, func(dir string, world *simulate.World) error { return write(dir, world, nil) })
}

func begin(ctx context.Context, o resident.Options, write func(string, *simulate.World) error) (*Demo, error) {
	world, err := simulate.Start(ctx, simulate.Options{Log: o.Log})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "offhook-demo-")
	if err != nil {
		return nil, fmt.Errorf("the demo's folder: %w", err)
	}
	d := &Demo{World: world, Folder: dir}
	if err := write(dir, world); err != nil {
		d.Close()
		return nil, err
	}
	d.secrets, err = secrets.Open(ctx, dir, secrets.InMemory())
	if d.secrets == nil {
		d.Close()
		return nil, err
	}
	if err := d.secrets.Set(resident.SecretName(phoneID, "password"), []byte(simulate.DefaultPassword)); err != nil {
		o.Log.Debug("as meant: the demo's secrets live in memory only", "why", err)
	}
	o.Folder, o.Secrets = dir, d.secrets
	if o.DemoPage == "" {
		o.DemoPage = world.PageURL()
	}
	if o.OpenURL == nil {
		o.OpenURL = func(url string) error {
			go simulate.Browse(ctx, http.DefaultClient, url) //nolint:errcheck // what fails, the sign-in tells
			return nil
		}
	}
	d.Resident = resident.New(o)
	return d, nil
}

// Close removes the demo's folder.
func (d *Demo) Close() error { return os.RemoveAll(d.Folder) }

// SecretVariable is the environment variable for the password of the demo's phone, which no file holds.
func SecretVariable() string { return resident.SecretVariable(phoneID, "password") }

const madeHere = "# Made by offhook: it points at simulated worlds on this PC.\n"

// WriteSettings writes settings that point Offhook at simulated worlds, and their root certificate, into a
// folder. The phone's password is not among them: it is a secret. Settings that a person wrote stay.
func WriteSettings(dir string, world *simulate.World) error {
	return write(dir, world, []any{map[string]any{"id": phoneID, "system": "simulated", "title": "Desk phone",
		"fields": map[string]string{"server": world.PhoneURL(), "user": simulate.DefaultUser}}})
}

func write(dir string, world *simulate.World, phones []any) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("the demo's settings: %w", err)
	}
	file := filepath.Join(dir, settings.File)
	if there, err := os.ReadFile(file); err == nil && !strings.HasPrefix(string(there), madeHere) {
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("{file} holds settings of yours and stays as it is", "file", file),
			Do: problem.Say("Name another folder")}
	}
	root := filepath.Join(dir, "simulated-root.pem")
	if err := os.WriteFile(root, world.RootPEM(), 0o600); err != nil {
		return fmt.Errorf("the simulated root certificate: %w", err)
	}
	set := map[string]any{"account": map[string]string{"client_id": world.ClientID(), "authority": world.AuthorityURL(),
		"graph": world.GraphURL(), "root_certificate": root}}
	if len(phones) > 0 {
		set["phones"] = phones
	}
	text, err := yaml.Marshal(set)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append([]byte(madeHere), text...), 0o600); err != nil {
		return fmt.Errorf("the demo's settings: %w", err)
	}
	return nil
}

// Quiet is a logger for a demo on a terminal.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// signedIn tells whether the resident reads both sides.
func signedIn(s local.Status) bool { return s.Account.SignedIn && s.Synced }
