// Package testlog is a log that a test reads: several goroutines may write it, it is shown where the test fails,
// and no secret may stand in it.
package testlog

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// Log is all that was logged.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// New makes a log that is looked at when the test ends, after all that the test arranges from now on has ended.
func New(t testing.TB, secrets ...string) *Log {
	l := &Log{}
	t.Cleanup(func() {
		for _, secret := range secrets {
			if secret != "" && strings.Contains(l.String(), secret) {
				t.Errorf("the log holds the secret %q", secret)
			}
		}
		if t.Failed() {
			t.Logf("the log:\n%s", l)
		}
	})
	return l
}

// Logger writes everything into it.
func (l *Log) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
