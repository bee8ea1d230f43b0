// Command offhook is the resident: it sits in the tray and keeps a person's Microsoft Teams presence and
// their phone in step. This package is its command line; what runs all day is app/resident.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
)

// version is set when a release is built.
var version = "dev"

// The exit codes. They are stable; the README lists them.
const (
	exitOK         = 0
	exitFailed     = 1 // it could not be done
	exitUsage      = 2 // wrong words on the command line, or a name that does not exist
	exitNotRunning = 3 // Offhook does not run for this configuration
	exitSignedOut  = 4 // nobody is signed in, or the sign-in failed or has lapsed
	exitTrouble    = 5 // Teams or a phone cannot be read or written
	exitSettings   = 6 // the settings or a profile are wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// program is one call of the command line.
type program struct {
	in       io.Reader
	out, err io.Writer
	folder   string // --config
	json     bool   // --json
}

// command is one word of the command line.
type command struct {
	name, arguments, summary string
	run                      func(p *program, ctx context.Context, flags *flag.FlagSet, arguments []string) error
}

// commands lists them in the order in which help shows them.
func commands() []command {
	return []command{
		{"", "", "start in the tray; a second start opens the first one's window", (*program).start},
		{"run", "", "the same without a tray", (*program).runWithoutTray},
		{"demo", "[--script] [--json]", "try everything against a simulated tenant and a simulated phone", (*program).demo},
		{"simulate", "[--write-settings DIR]", "the simulated worlds alone", (*program).simulate},
		{"status", "[--json] [--follow]", "what both sides show, and whether they are in step", (*program).status},
		{"why", "[--json]", "the latest decisions, each with its reason", (*program).why},
		{"map", "--phone ID [--teams STATE | --status STATUS] [--json]", "what becomes of a state or a status", (*program).mapping},
		{"pause", "[30m | 2h | tomorrow | 15:04]", "give back what is held and be silent", (*program).pause},
		{"resume", "", "end a pause", (*program).resume},
		{"sign-in", "[--device-code]", "sign in in the browser, or with a code", (*program).signIn},
		{"sign-out", "", "give back what is held and forget the sign-in", (*program).signOut},
		{"phones", "list [--json] | secret PHONE FIELD", "the phone systems Offhook knows; keep a phone's password", (*program).phones},
		{"quit", "", "end the running Offhook", (*program).quit},
		{"version", "", "print the version", (*program).version},
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	p := &program{in: in, out: out, err: errs}
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if name == "help" || name == "" && len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
		p.help(out)
		return exitOK
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		flags := flag.NewFlagSet(strings.TrimSpace("offhook "+name), flag.ContinueOnError)
		flags.SetOutput(errs)
		flags.Usage = func() {
			fmt.Fprintf(errs, "offhook %s %s\n  %s\n", c.name, c.arguments, c.summary)
			flags.PrintDefaults()
		}
		flags.StringVar(&p.folder, "config", "", "the configuration `folder`, instead of OFFHOOK_CONFIG_DIR or the system's place")
		flags.BoolVar(&p.json, "json", false, "print JSON")
		return p.report(c.run(p, ctx, flags, args))
	}
	p.help(errs)
	return p.report(usage("there is no command %q", name))
}

func (p *program) help(w io.Writer) {
	fmt.Fprint(w, "offhook keeps your Microsoft Teams presence and your phone in step.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  offhook %-10s %-52s %s\n", c.name, c.arguments, c.summary)
	}
	fmt.Fprint(w, "\nEach takes --config FOLDER. Exit codes: 0 done, 1 failed, 2 wrong words or names, 3 not running,\n"+
		"4 not signed in, 5 Teams or a phone is in trouble, 6 the settings are wrong.\n")
}

// parse reads the flags, before and after the arguments, and the configuration folder.
func (p *program) parse(flags *flag.FlagSet, args []string, most int) ([]string, error) {
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, errUsage{err, true}
		}
		if flags.NArg() == 0 {
			break
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
	if len(words) > most {
		return nil, usage("%q is one word too many", words[most])
	}
	var err error
	p.folder, err = settings.Folder(p.folder)
	return words, err
}

// errUsage is a command line that cannot be understood.
type errUsage struct {
	error
	told bool // the flag package has printed it already
}

func usage(format string, a ...any) error { return errUsage{fmt.Errorf(format, a...), false} }

// exit is an outcome that has been told already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report tells an error in a sentence and answers its exit code.
func (p *program) report(err error) int {
	var bad errUsage
	var code exit
	var trouble *problem.Problem
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &bad):
		if !bad.told {
			fmt.Fprintf(p.err, "offhook: %v\n", err)
		}
		return exitUsage
	case errors.As(err, &trouble):
		fmt.Fprintf(p.err, "offhook: %s.\n", strings.TrimSuffix(trouble.Error(), "."))
		return codeOf(string(trouble.Kind))
	}
	fmt.Fprintf(p.err, "offhook: %v\n", err)
	if isNotRunning(err) {
		return exitNotRunning
	}
	return exitFailed
}

// codeOf is the exit code of a kind of problem.
func codeOf(kind string) int {
	switch problem.Kind(kind) {
	case problem.SignedOut:
		return exitSignedOut
	case problem.Settings, problem.Keyring:
		return exitSettings
	}
	return exitTrouble
}

func (p *program) version(_ context.Context, flags *flag.FlagSet, args []string) error {
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	fmt.Fprintln(p.out, version)
	return nil
}
