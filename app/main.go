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
	"slices"
	"strings"
	"syscall"

	"github.com/offhook/offhook/app/local"
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
	exitSettings   = 6 // the settings or a profile are wrong, or the keyring is locked
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
		{"demo", "[--first-run] [--script] [--json]", "try everything against a simulated tenant and a simulated phone", (*program).demo},
		{"simulate", "[--write-settings FOLDER] [--json]", "the simulated tenant and phone alone, to try things with", (*program).simulate},
		{"status", "[--json] [--follow]", "what Teams and the phone show, and whether they are in step", (*program).status},
		{"why", "[--verbose] [--json]", "what was changed and what was left alone lately, and why", (*program).why},
		{"map", "--phone ID [--teams STATE | --status STATUS] [--json]", "what a state in Teams sets on a phone, and a phone's status in Teams", (*program).mapping},
		{"pause", "[30m | 2h | tomorrow | 15:04]", "put both sides back to what you set yourself and change nothing, until then", (*program).pause},
		{"resume", "", "end a pause", (*program).resume},
		{"set", "STATUS", "set your status on both sides: available, busy, do-not-disturb, be-right-back, away, appear-offline", (*program).set},
		{"sign-in", "[--device-code]", "sign in in the browser, or with a code", (*program).signIn},
		{"sign-out", "", "put both sides back to what you set yourself and forget the sign-in", (*program).signOut},
		{"register", "[--check CLIENT_ID [--tenant TENANT]] [--json]", "how to make one's own app registration; or see whether one is right", (*program).register},
		{"phones", "list [--json] | schema | check FILE [--json] | try FILE [--field NAME=VALUE]… [--write] | sign-in PHONE | sign-out PHONE | secret PHONE FIELD", "the phone systems Offhook knows; write, check and try out a file for another; sign in to a phone in the browser; keep a phone's password in the keyring", (*program).phones},
		{"doctor", "[--json] [--bundle FILE [--yes]]", "check everything from the network to the tray, and what to do", (*program).doctor},
		{"autostart", "[on | off] [--json]", "whether Offhook starts when you log in", (*program).autostart},
		{"quit", "", "put both sides back to what you set yourself and end the running Offhook", (*program).quit},
		{"version", "[--json]", "print the version", (*program).version},
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	p := &program{in: in, out: out, err: errs}
	name, args := split(args)
	switch {
	case name == "help" && len(args) > 0: // help COMMAND
		name, args = args[0], []string{"--help"}
	case name == "help" || name == "" && slices.ContainsFunc(args, asksForHelp):
		p.help()
		return exitOK
	}
	for _, c := range commands() {
		if c.name == name {
			flags := flag.NewFlagSet(c.words(), flag.ContinueOnError)
			flags.SetOutput(io.Discard) // report tells what is wrong
			flags.StringVar(&p.folder, "config", "", "the configuration `FOLDER`, instead of OFFHOOK_CONFIG_DIR or the system's place")
			flags.BoolVar(&p.json, "json", false, "print JSON")
			err := c.run(p, ctx, flags, args)
			if errors.Is(err, flag.ErrHelp) {
				p.helpOn(c, flags)
				return exitOK
			}
			return p.report(err)
		}
	}
	return p.report(usage("there is no command %q; offhook help lists them", name))
}

// split finds the command's word: the first that is neither a flag nor a folder's name.
func split(args []string) (name string, others []string) {
	for i := 0; i < len(args); i++ {
		switch word := args[i]; {
		case word == "--config" || word == "-config":
			i++
		case !strings.HasPrefix(word, "-"):
			return word, slices.Concat(args[:i], args[i+1:])
		}
	}
	return "", args
}

func asksForHelp(word string) bool { return word == "-h" || word == "-help" || word == "--help" }

func (c command) words() string { return strings.TrimSpace("offhook " + c.name) }

func (p *program) help() {
	fmt.Fprint(p.out, "offhook keeps your Microsoft Teams presence and your phone in step.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(p.out, "  %s\n      %s\n", strings.TrimSpace(c.words()+" "+c.arguments), c.summary)
	}
	fmt.Fprint(p.out, "\nEach takes --config FOLDER and --help. Exit codes: 0 done, 1 failed, 2 wrong words or names, 3 not running,\n"+
		"4 not signed in, 5 trouble with Teams or a phone, 6 trouble with the settings or the keyring.\n")
}

// helpOn tells of one command and its flags.
func (p *program) helpOn(c command, flags *flag.FlagSet) {
	fmt.Fprintf(p.out, "%s\n  %s\n\n", strings.TrimSpace(c.words()+" "+c.arguments), c.summary)
	flags.VisitAll(func(f *flag.Flag) {
		value, about := flag.UnquoteUsage(f)
		fmt.Fprintf(p.out, "  %-25s %s\n", strings.TrimSpace("--"+f.Name+" "+value), about)
	})
}

// parse reads the flags, before and after the arguments, and the configuration folder.
func (p *program) parse(flags *flag.FlagSet, args []string, most int) ([]string, error) {
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, errUsage{err}
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
type errUsage struct{ error }

func (e errUsage) Unwrap() error { return e.error }

func usage(format string, a ...any) error { return errUsage{fmt.Errorf(format, a...)} }

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
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &bad):
		fmt.Fprintf(p.err, "offhook: %v\n", err)
		return exitUsage
	case errors.As(err, &trouble):
		p.tell(trouble.Error())
		return codeOf(string(trouble.Kind))
	case errors.Is(err, local.ErrNotRunning):
		p.tell("Offhook does not run with the settings in " + p.folder + ". Start it with: offhook")
		return exitNotRunning
	case errors.Is(err, local.ErrRunning):
		p.tell("Offhook runs already with the settings in " + p.folder + ". See how it is with: offhook status")
		return exitFailed
	}
	p.tell(err.Error())
	return exitFailed
}

// tell says what is wrong, as a sentence with its full stop.
func (p *program) tell(what string) {
	fmt.Fprintf(p.err, "offhook: %s.\n", strings.TrimRight(what, ". "))
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
	if p.json {
		p.printJSON(map[string]string{"version": version}, false)
		return nil
	}
	fmt.Fprintln(p.out, "offhook "+version)
	return nil
}
