package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/simulate"
)

// The scripts in testdata use the command line as a person or a script of theirs does. The programs beside
// offhook are the person: at the sign-in page, at the phone, in Teams, and in front of the status.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"offhook":   main,
		"browse":    person(browse),
		"cancel":    person(cancelSignIn),
		"type-code": person(typeCode),
		"play":      person(play),
		"shown":     person(shown),
		"await":     person(await),
		"until":     person(until),
		"vendor":    vendor,
		"visit":     person(visit),
		"has-phone": person(func(ctx context.Context, _ []string) error { _, err := worldPage(ctx); return err }),
		"edit":      person(edit),
		"try-phone": person(tryPhone),
	})
}

func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               alone,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"jq":    jq,
		},
	})
}

// alone keeps a script from the person's own settings, keyring, screen and running Offhook.
func alone(e *testscript.Env) error {
	runtime, err := os.MkdirTemp("", "oh") // a socket's path is short
	if err != nil {
		return err
	}
	e.Defer(func() { _ = os.RemoveAll(runtime) })
	config := filepath.Join(e.WorkDir, "config")
	if err := os.MkdirAll(config, 0o700); err != nil {
		return err
	}
	e.Setenv("XDG_RUNTIME_DIR", runtime)
	e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	e.Setenv("OFFHOOK_CONFIG_DIR", config)
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("BROWSER", "browse")
	e.Setenv("OFFHOOK_SECRET_DESK_PASSWORD", simulate.DefaultPassword)
	return nil
}

// exits CODE PROGRAM ARGUMENTS… wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENTS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// jq EXPRESSION wants it to be true of every JSON value the last program printed, and at least one.
func jq(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jq EXPRESSION")
	}
	query, err := gojq.Parse(args[0])
	ts.Check(err)
	values := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	for n := 0; ; n++ {
		var v any
		if err := values.Decode(&v); errors.Is(err, io.EOF) && n > 0 {
			return
		} else if err != nil {
			ts.Fatalf("value %d is no JSON: %v", n+1, err)
		}
		if got, _ := query.Run(v).Next(); got != true {
			ts.Fatalf("%s is %v of value %d", args[0], got, n+1)
		}
	}
}

// patience is how long the person waits for anything.
const patience = 20 * time.Second

// person makes a program of something the person does.
func person(do func(ctx context.Context, args []string) error) func() {
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := do(ctx, os.Args[1:]); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[0], err)
			os.Exit(1)
		}
	}
}

// browse URL signs in on the sign-in page.
func browse(ctx context.Context, args []string) error { return simulate.Browse(ctx, nil, args[0]) }

// cancel URL presses Cancel there.
func cancelSignIn(ctx context.Context, args []string) error {
	return simulate.BrowseAndCancel(ctx, nil, args[0])
}

// type-code types the device code that the status shows.
func typeCode(ctx context.Context, _ []string) error {
	s, err := followed(ctx, func(s local.Status) bool { return s.Account.Code != "" })
	if err != nil {
		return err
	}
	return simulate.BrowseDevice(ctx, nil, s.Account.CodeURL, s.Account.Code)
}

// play PATH [BODY] plays in the simulated worlds, once they are there.
func play(ctx context.Context, args []string) error {
	page, err := worldPage(ctx)
	if err != nil {
		return err
	}
	body := strings.Join(args[1:], " ")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page+"world/"+args[0], strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		said, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s: %s", resp.Status, said)
	}
	return nil
}

// shown [TEAMS STATUS] waits until the worlds show both; without them, until the worlds are there.
func shown(ctx context.Context, args []string) error {
	page, err := worldPage(ctx)
	if err != nil || len(args) == 0 {
		return err
	}
	var got []string
	err = again(ctx, func() (bool, error) {
		resp, err := http.Get(page + "world/state")
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		var s simulate.State
		err = json.NewDecoder(resp.Body).Decode(&s)
		got = []string{s.Teams.Shows.String(), s.Phone.Status}
		return cmp.Equal(got, args), err
	})
	if err != nil {
		return fmt.Errorf("%w: they show %q", err, got)
	}
	return nil
}

// await REGEXP waits until the status' sentence matches.
func await(ctx context.Context, args []string) error {
	want, err := regexp.Compile(args[0])
	if err != nil {
		return err
	}
	s, err := followed(ctx, func(s local.Status) bool { return want.MatchString(s.Sentence) })
	if err != nil {
		return fmt.Errorf("%w: the status says %q", err, s.Sentence)
	}
	fmt.Println(s.Sentence)
	return nil
}

// until EXPRESSION waits until it is true of the status. What the worlds show, Offhook may know a moment later.
func until(ctx context.Context, args []string) error {
	query, err := gojq.Parse(args[0])
	if err != nil {
		return err
	}
	s, err := followed(ctx, func(s local.Status) bool {
		var v any
		text, err := json.Marshal(s)
		if err == nil {
			err = json.Unmarshal(text, &v)
		}
		got, _ := query.Run(v).Next()
		return err == nil && got == true
	})
	if err != nil {
		return fmt.Errorf("%w: the status says %q", err, s.Sentence)
	}
	return nil
}

// edit OLD NEW edits the settings; in NEW, \n stands for a new line.
func edit(_ context.Context, args []string) error {
	file := filepath.Join(os.Getenv("OFFHOOK_CONFIG_DIR"), settings.File)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), args[0]); n != 1 {
		return fmt.Errorf("%q stands %d times in\n%s", args[0], n, text)
	}
	return os.WriteFile(file, []byte(strings.Replace(string(text), args[0], strings.ReplaceAll(args[1], `\n`, "\n"), 1)), 0o600)
}

// followed follows the running Offhook, once there is one, until its status is as wanted.
func followed(ctx context.Context, right func(local.Status) bool) (last local.Status, err error) {
	client := local.Dial(os.Getenv("OFFHOOK_CONFIG_DIR"))
	err = again(ctx, func() (bool, error) {
		following, stop := context.WithCancel(ctx)
		defer stop()
		seen := false
		err := client.Follow(following, func(s local.Status) {
			if last = s; right(s) {
				seen = true
				stop()
			}
		})
		if errors.Is(err, local.ErrNotRunning) {
			err = nil
		}
		return seen, err
	})
	return last, err
}

// worldPage waits for settings that point at simulated worlds, and answers the worlds' page.
func worldPage(ctx context.Context) (page string, err error) {
	return page, again(ctx, func() (bool, error) {
		s, err := settings.Load(os.Getenv("OFFHOOK_CONFIG_DIR"))
		if err != nil || len(s.Phones) == 0 {
			return false, err
		}
		page = strings.TrimSuffix(s.Phones[0].Fields["server"], "phone/v1")
		return true, nil
	})
}

// tryPhone FILE ARGUMENTS… tries a phone system's file out with the simulated phone.
func tryPhone(ctx context.Context, args []string) error {
	page, err := worldPage(ctx)
	if err != nil {
		return err
	}
	args = append([]string{"phones", "try", "--field", "server=" + page + "phone/v1", "--field", "user=" + simulate.DefaultUser}, args...)
	c := exec.CommandContext(ctx, "offhook", args...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	var failed *exec.ExitError
	if err := c.Run(); errors.As(err, &failed) {
		os.Exit(failed.ExitCode())
	} else if err != nil {
		return err
	}
	return nil
}

// again tries until it is so, every few milliseconds.
func again(ctx context.Context, try func() (bool, error)) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := try(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not within %s", patience)
		}
	}
}
