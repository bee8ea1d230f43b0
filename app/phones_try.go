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
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

const (
	firstReading = 30 * time.Second // with the sign-in
	takesEffect  = 15 * time.Second // what was written is read back
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
		return &problem.Problem{Kind: problem.Settings, What: system.Title + " is known by its mapping only, and nothing can be tried",
			Do: "Describe its API in the file"}
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
	client, err := resident.HTTPClient(set.Account.RootCertificate)
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

// trial is one time of trying out.
type trial struct {
	*program
	said   *transcript.Transcript
	system phone.System
	phone  phone.Phone
}

func (t *trial) run(ctx context.Context, how *trying) error {
	t.step("Signing in and reading %s", t.system.Title)
	anything := func(presence.Reading) bool { return true }
	before, err := t.await(ctx, firstReading, anything)
	if in, can := t.phone.(phone.SignsIn); can && err != nil && problem.Of(err).Kind == problem.SignedOut {
		if err = in.SignIn(ctx); err == nil {
			before, err = t.await(ctx, firstReading, anything)
		}
	}
	if err != nil {
		return err
	}
	t.step("It shows %s", words(before))
	if how.write {
		if err := t.writeAndGiveBack(ctx, how.status, before); err != nil {
			return err
		}
	}
	if how.listen > 0 {
		return t.listen(ctx, how.listen)
	}
	return nil
}

// step says what is done or what came of it, after all that was said until then.
func (t *trial) step(format string, a ...any) {
	_, _ = t.said.WriteTo(t.out)
	fmt.Fprintf(t.out, format+".\n\n", a...)
}

func words(r presence.Reading) string {
	parts := []string{}
	if r.Happening != "" {
		parts = append(parts, "“"+r.Happening+"” (it happens)")
	}
	if r.Chosen != "" {
		parts = append(parts, "“"+r.Chosen+"” (it was chosen)")
	}
	if len(parts) == 0 {
		return "nothing in particular"
	}
	return strings.Join(parts, " and ")
}

// await watches the phone until a reading fits, and answers that one; else the last one and what went wrong.
func (t *trial) await(ctx context.Context, within time.Duration, fits func(presence.Reading) bool) (last presence.Reading, err error) {
	watching, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	read, found := false, false
	t.phone.Watch(watching, func(r presence.Reading, failed error) {
		if err = failed; failed == nil {
			last, read, found = r, true, fits(r)
		}
		if failed != nil || found {
			cancel()
		}
	})
	_, _ = t.said.WriteTo(t.out)
	switch {
	case found:
		return last, nil
	case err != nil:
		return last, err
	case ctx.Err() != nil:
		return last, ctx.Err()
	case read:
		return last, errNotYet
	}
	return last, &problem.Problem{Kind: problem.Unreachable, What: fmt.Sprintf("%s gave no reading within %s", t.system.Title, within)}
}

var errNotYet = errors.New("it is not so")

func (t *trial) writeAndGiveBack(ctx context.Context, status string, before presence.Reading) error {
	target, err := t.target(status, before)
	if err != nil {
		return err
	}
	t.step("Writing “%s”", target)
	if err := t.phone.Write(ctx, target); err != nil {
		_, _ = t.said.WriteTo(t.out)
		if !problem.Of(err).Unsure {
			return err
		}
	}
	shown, err := t.await(ctx, takesEffect, func(r presence.Reading) bool { return r.Chosen == target || r.Happening == target })
	switch {
	case errors.Is(err, errNotYet):
		t.step("It was taken, and yet the phone shows %s", words(shown))
	case err == nil:
		t.step("It shows %s", words(shown))
	}

	// Whatever came of it and whoever has lost patience: what was written is taken back.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), firstReading)
	defer cancel()
	t.step("Giving back “%s”", before.Chosen)
	if failed := t.phone.GiveBack(ending, before.Chosen); failed != nil {
		_, _ = t.said.WriteTo(t.out)
		return errors.Join(failed, err)
	}
	back, again := t.await(ending, takesEffect, func(r presence.Reading) bool { return r.Chosen == before.Chosen })
	if again == nil {
		t.step("It shows %s, as before", words(back))
	}
	for _, err := range []error{err, again} {
		if errors.Is(err, errNotYet) {
			return &problem.Problem{Kind: problem.Refused, What: t.system.Title + " does not show what was written or given back",
				Do: "Compare what was sent and answered above with the vendor's documents"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// target is the status to write: one that is not there already.
func (t *trial) target(status string, before presence.Reading) (string, error) {
	var names []string
	for _, s := range t.system.Mapping.Statuses {
		if !s.Writable {
			continue
		}
		names = append(names, s.Name)
		if strings.EqualFold(s.Name, status) || status == "" && s.Name != before.Chosen && s.Name != before.Happening {
			return s.Name, nil
		}
	}
	if len(names) == 0 {
		return "", &problem.Problem{Kind: problem.Refused, What: t.system.Title + " has no status that can be written"}
	}
	return "", usage("%s has no writable status %q to change to; there are: %s", t.system.Title, status, strings.Join(names, ", "))
}

func (t *trial) listen(ctx context.Context, long time.Duration) error {
	t.step("Listening for %s", long)
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var failed error
	t.phone.Watch(ctx, func(r presence.Reading, err error) {
		if failed = err; err == nil {
			t.step("It shows %s", words(r))
		} else {
			t.step("%v", err)
		}
	})
	t.step("That was all")
	return failed
}
