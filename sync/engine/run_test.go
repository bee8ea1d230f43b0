package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// graphModel is a Teams side in memory, read every ten seconds; writes and reads take their time.
type graphModel struct {
	mu       sync.Mutex
	session  presence.Pair
	wrote    []string
	slow     time.Duration
	fail     error
	lookings int
}

func (g *graphModel) Watch(ctx context.Context, report func(presence.Presence, time.Time, error)) {
	every := time.NewTicker(10 * time.Second)
	defer every.Stop()
	for {
		asked := time.Now()
		g.mu.Lock()
		shows := presence.Available
		if g.session != (presence.Pair{}) {
			shows = g.session
		}
		g.mu.Unlock()
		report(presence.Presence{Pair: shows}, asked, nil)
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

func (g *graphModel) Nudge(string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lookings++
}

func (g *graphModel) write(ctx context.Context, what string, do func()) error {
	select {
	case <-time.After(g.slow):
	case <-ctx.Done():
		return ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fail != nil {
		return g.fail
	}
	g.wrote = append(g.wrote, what)
	do()
	return nil
}

func (g *graphModel) SetSession(ctx context.Context, p presence.Pair, _ time.Duration) error {
	return g.write(ctx, "set "+p.String(), func() { g.session = p })
}

func (g *graphModel) ClearSession(ctx context.Context) error {
	return g.write(ctx, "clear", func() { g.session = presence.Pair{} })
}

func (g *graphModel) SetPreferred(ctx context.Context, p presence.Pair, _ time.Duration) error {
	return g.write(ctx, "prefer "+p.String(), func() {})
}

func (g *graphModel) ClearPreferred(ctx context.Context) error {
	return g.write(ctx, "prefer nothing", func() {})
}

func (g *graphModel) SetMessage(ctx context.Context, text string, _ time.Duration) error {
	return g.write(ctx, "say "+text, func() {})
}

func (g *graphModel) ClearMessage(ctx context.Context) error {
	return g.write(ctx, "say nothing", func() {})
}

// phoneModel is a phone whose readings the test makes.
type phoneModel struct{ readings chan presence.Reading }

func (p phoneModel) Watch(ctx context.Context, report func(presence.Reading, error)) {
	for {
		select {
		case r := <-p.readings:
			report(r, nil)
		case <-ctx.Done():
			return
		}
	}
}

func (phoneModel) Write(context.Context, string) error    { return nil }
func (phoneModel) GiveBack(context.Context, string) error { return nil }

// disk is a journal in memory that notes what had been written to Graph when it was saved.
type disk struct {
	mu    sync.Mutex
	graph *graphModel
	saved []Journal
	after []int // how many writes Graph had seen at each save
	full  bool
}

func (d *disk) Save(j Journal) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("the disk is full")}
	}
	d.graph.mu.Lock()
	defer d.graph.mu.Unlock()
	d.saved, d.after = append(d.saved, j), append(d.after, len(d.graph.wrote))
	return nil
}

// running plays with a runner in virtual time, then ends it.
func running(t *testing.T, prepare func(*graphModel, *disk), play func(*Runner, chan presence.Reading, context.CancelFunc)) (*graphModel, *disk, []Reason) {
	t.Helper()
	graph := &graphModel{slow: 100 * time.Millisecond}
	journal := &disk{graph: graph}
	prepare(graph, journal)
	var reasons []Reason
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		phone := phoneModel{make(chan presence.Reading)}
		r := &Runner{Config: Config{Phones: []PhoneConfig{desk("desk")}}.Defaults(), Teams: graph, Phones: []Phone{phone},
			Keeper: journal, Observe: func(_ State, why []Reason) { reasons = append(reasons, why...) }}
		var ended sync.WaitGroup
		ended.Go(func() { r.Run(ctx) })
		phone.readings <- presence.Reading{Chosen: "Available"}
		time.Sleep(time.Second)
		play(r, phone.readings, cancel)
		cancel()
		ended.Wait()
	})
	return graph, journal, reasons
}

// TestRunnerShowsACallAndGivesItBack holds the order of things: the journal first, then the write; a call is
// renewed while it lasts; ending in the middle of it gives it back.
func TestRunnerShowsACallAndGivesItBack(t *testing.T) {
	graph, journal, _ := running(t, func(*graphModel, *disk) {}, func(_ *Runner, phone chan presence.Reading, _ context.CancelFunc) {
		phone <- presence.Reading{Happening: "On a call", Chosen: "Available"}
		time.Sleep(10 * time.Minute)
	})
	want := []string{"set Busy/InACall", "set Busy/InACall", "set Busy/InACall", "set Busy/InACall", "clear"}
	if !slices.Equal(graph.wrote, want) {
		t.Errorf("written: %q, want %q", graph.wrote, want)
	}
	if len(journal.saved) == 0 || journal.saved[0].Session.Shows != presence.InACall || journal.after[0] != 0 {
		t.Errorf("the hold is not on disk before it is written: %+v, after %v writes", journal.saved, journal.after)
	}
	if last := journal.saved[len(journal.saved)-1]; !last.Empty() {
		t.Errorf("at the end something is held: %+v", last)
	}
}

// TestRunnerWritesNothingWithoutAJournal holds that what could not be given back is not written.
func TestRunnerWritesNothingWithoutAJournal(t *testing.T) {
	graph, _, reasons := running(t, func(_ *graphModel, d *disk) { d.full = true }, func(_ *Runner, phone chan presence.Reading, _ context.CancelFunc) {
		phone <- presence.Reading{Happening: "On a call", Chosen: "Available"}
		time.Sleep(time.Minute)
	})
	if len(graph.wrote) != 0 {
		t.Errorf("written without a journal: %q", graph.wrote)
	}
	if !slices.ContainsFunc(reasons, func(r Reason) bool { return r.Kind == Failed }) {
		t.Errorf("not told: %v", reasons)
	}
}

// TestRunnerEndsInTime holds that a side that never answers does not keep Offhook from ending.
func TestRunnerEndsInTime(t *testing.T) {
	var took time.Duration
	graph, journal, _ := running(t, func(*graphModel, *disk) {}, func(r *Runner, phone chan presence.Reading, cancel context.CancelFunc) {
		phone <- presence.Reading{Happening: "On a call", Chosen: "Available"}
		time.Sleep(time.Second)
		graph := r.Teams.(*graphModel)
		graph.mu.Lock()
		graph.slow = time.Hour
		graph.mu.Unlock()
		began := time.Now()
		cancel()
		for range 100 {
			time.Sleep(100 * time.Millisecond)
		}
		took = time.Since(began)
	})
	if took > farewell+3*time.Second {
		t.Errorf("ending took %s", took)
	}
	if !slices.Equal(graph.wrote, []string{"set Busy/InACall"}) {
		t.Errorf("written: %q", graph.wrote)
	}
	if last := journal.saved[len(journal.saved)-1]; !last.Session.Is() {
		t.Error("what could not be given back is not in the journal any more")
	}
}

// TestRunnerPauses holds that a pause gives back and a failing side is retried, not hammered at.
func TestRunnerPauses(t *testing.T) {
	graph, _, _ := running(t, func(*graphModel, *disk) {}, func(r *Runner, phone chan presence.Reading, _ context.CancelFunc) {
		phone <- presence.Reading{Happening: "On a call", Chosen: "Available"}
		time.Sleep(time.Second)
		r.Tell(context.Background(), PauseUntil{time.Now().Add(time.Minute)})
		time.Sleep(30 * time.Second)
		phone <- presence.Reading{Chosen: "Available"}
		phone <- presence.Reading{Happening: "On a call", Chosen: "Available"}
		time.Sleep(45 * time.Second)
	})
	if want := []string{"set Busy/InACall", "clear", "set Busy/InACall", "clear"}; !slices.Equal(graph.wrote, want) {
		t.Errorf("written: %q, want %q", graph.wrote, want)
	}
}

func TestRunnerRetriesWithPatience(t *testing.T) {
	_, _, reasons := running(t, func(g *graphModel, _ *disk) { g.fail = errors.New("broken") }, func(_ *Runner, phone chan presence.Reading, _ context.CancelFunc) {
		phone <- presence.Reading{Happening: "On a call", Chosen: "Available"}
		time.Sleep(30 * time.Minute)
	})
	failed := 0
	for _, r := range reasons {
		if r.Kind == Failed {
			failed++
		}
	}
	if failed < 5 || failed > 16 {
		t.Errorf("%d attempts in half an hour", failed)
	}
}
