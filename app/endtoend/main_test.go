package endtoend_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/simulate"
)

// asBrowser is set where this test program is started as the person's browser: see process.
const asBrowser = "OFFHOOK_TEST_IS_BROWSER"

func TestMain(m *testing.M) {
	if os.Getenv(asBrowser) != "" {
		os.Exit(browse(os.Args[1:]))
	}
	os.Exit(run(m))
}

// run gives the tests a runtime folder of their own and no session bus, so that nothing of the person who runs
// them is touched.
func run(m *testing.M) int {
	home, err := os.MkdirTemp("", "offhook-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(home)
	for name, value := range map[string]string{"XDG_RUNTIME_DIR": home, "OFFHOOK_TEST_HOME": home,
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(home, "no-bus")} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	flag.Parse()
	// These tests wait for servers on loopback, hardly ever for a processor.
	if err := flag.Set("test.parallel", "16"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// browse is a browser, and the person in front of it, for one page.
func browse(args []string) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := simulate.Browse(ctx, http.DefaultClient, args[0]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// program is the offhook that was built for these tests.
func program() string { return filepath.Join(os.Getenv("OFFHOOK_TEST_HOME"), "bin", "offhook") }

func build() error {
	c := exec.Command("go", "build", "-o", program(), "github.com/offhook/offhook/app")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("offhook cannot be built: %w\n%s", err, out)
	}
	return nil
}

// patience is how long anything may take that must happen.
const patience = 20 * time.Second
