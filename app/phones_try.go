package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/phone/transcript"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

// trying is what was said on the command line of `phones try`.
type trying struct {
	fields fieldFlags
	write  bool
	status string
	listen time.Duration
}

// fieldFlags are the --field NAME=VALUE.
type fieldFlags map[string]string

func (f fieldFlags) String() string { return "" }

func (f fieldFlags) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return errors.New("write it as NAME=VALUE")
	}
	f[name] = value
	return nil
}

func tryFlags(flags *flag.FlagSet) *trying {
	t := &trying{fields: fieldFlags{}}
	flags.Var(t.fields, "field", "try: what is entered, as `NAME=VALUE`; may stand several times")
	flags.BoolVar(&t.write, "write", false, "try: write a status, too, and give it back")
	flags.StringVar(&t.status, "status", "", "try: the `STATUS` to write; one that is writable when left out")
	flags.DurationVar(&t.listen, "listen", 0, "try: go on for so `LONG` and print what changes")
	return t
}

// none refuses what only try understands.
func (t *trying) none(flags *flag.FlagSet) (err error) {
	flags.Visit(func(f *flag.Flag) {
		if slices.Contains([]string{"field", "write", "status", "listen"}, f.Name) {
			err = usage("--%s belongs to: offhook phones try FILE", f.Name)
		}
	})
	return err
}

// tryPhone signs in and reads, and writes where asked to, with everything that is said.
func (p *program) tryPhone(ctx context.Context, name string, t *trying) error {
	systems, system, err := p.toTry(name)
	if err != nil {
		return err
	}
	if system.MappingOnly {
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("{phone} is known by its mapping only, and nothing can be tried", "phone", system.Title),
			Do: problem.Say("Describe its API in the file")}
	}
	if err := p.askSecrets(system, t.fields); err != nil {
		return err
	}
	var secrets []string
	for _, f := range system.Fields {
		if f.Secret {
			secrets = append(secrets, t.fields[f.Name])
		}
	}
	said := transcript.New(secrets...)
	client, err := p.clientForTrying(said)
	if err != nil {
		return err
	}
	opened, err := systems.Open(system.ID, catalog.Options{Fields: t.fields, HTTP: client, Frame: said.Frame, Browse: p.browse})
	if err != nil {
		return err
	}
	if b, ok := opened.(interface{ Blank(string) string }); ok {
		said.Blank(b.Blank)
	}
	defer client.CloseIdleConnections()
	return (&trial{p, said, system, opened}).run(ctx, t)
}

// toTry finds a file, or a phone system by its id.
func (p *program) toTry(name string) (*catalog.Catalog, phone.System, error) {
	if _, err := os.Stat(name); err != nil {
		systems, bad := p.systems()
		if system, err := systems.System(name); err == nil {
			return systems, system, nil
		}
		if bad != nil {
			return nil, phone.System{}, bad
		}
	}
	return catalog.File(name)
}

// askSecrets asks for the secrets that were not given: the command line is no place for them, everybody on the
// computer can read it.
func (p *program) askSecrets(system phone.System, fields fieldFlags) error {
	in := bufio.NewReader(p.in)
	for _, f := range system.Fields {
		if _, given := fields[f.Name]; given || !f.Secret {
			continue
		}
		if value, set := os.LookupEnv(resident.SecretVariable(system.ID, f.Name)); set {
			fields[f.Name] = value
			continue
		}
		fmt.Fprintf(p.err, "%s, then Enter: ", f.Label)
		text, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("the secret cannot be read: %w", err)
		}
		fmt.Fprintln(p.err)
		if text = strings.TrimRight(text, "\r\n"); text != "" {
			fields[f.Name] = text
		}
	}
	return nil
}

func (p *program) clientForTrying(said *transcript.Transcript) (*http.Client, error) {
	set, err := settings.Load(p.folder)
	if err != nil {
		return nil, err
	}
	client, err := resident.HTTPClient(set.Account)
	if err != nil {
		return nil, err
	}
	client.Timeout = 0 // a phone's connector has its own patience
	if t, ok := client.Transport.(*http.Transport); ok {
		t.ResponseHeaderTimeout = 0
	}
	return said.Client(client), nil
}

// browse shows a sign-in page.
func (p *program) browse(_ context.Context, address string) error {
	fmt.Fprintln(p.err, "Sign in on the page that opens in your browser.")
	if err := openURL(address); err != nil {
		fmt.Fprintf(p.err, "offhook: no browser could be opened (%v); open this page yourself: %s\n", err, address)
	}
	return nil
}
