package activity_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/activity"
)

type entry struct {
	At   time.Time
	Said string
}

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.Local)

func fill(t testing.TB, s *activity.Store[entry], days, perDay, keep int) {
	t.Helper()
	for d := range days {
		for n := range perDay {
			at := noon.AddDate(0, 0, d).Add(time.Duration(n) * time.Second)
			if err := s.Add(at, entry{at, fmt.Sprintf("day %d entry %d", d, n)}, keep); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func said(items []activity.Item[entry]) (all []string) {
	for _, i := range items {
		all = append(all, i.Entry.Said)
	}
	return all
}

// Page after page leads through everything once, newest first, while new entries come.
func TestPages(t *testing.T) {
	s := activity.In[entry](filepath.Join(t.TempDir(), "story"))
	fill(t, s, 3, 4, 30)
	var all []string
	before := ""
	for pages := 0; ; pages++ {
		items, more, err := s.Page(activity.Query[entry]{Before: before, Limit: 5})
		if err != nil || pages > 3 {
			t.Fatal(pages, err)
		}
		all = append(all, said(items)...)
		if !more {
			break
		}
		before = items[len(items)-1].ID
		if err := s.Add(noon.AddDate(0, 0, 2), entry{Said: "while reading"}, 30); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for d := 2; d >= 0; d-- {
		for n := 3; n >= 0; n-- {
			want = append(want, fmt.Sprintf("day %d entry %d", d, n))
		}
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	items, _, err := s.Page(activity.Query[entry]{Day: "2026-03-11", Limit: 10, Keep: func(e entry) bool { return e.Said != "day 1 entry 2" }})
	if diff := cmp.Diff([]string{"day 1 entry 3", "day 1 entry 1", "day 1 entry 0"}, said(items)); err != nil || diff != "" {
		t.Errorf("one day, filtered: %v\n%s", err, diff)
	}
	if _, _, err := s.Page(activity.Query[entry]{Before: "nonsense", Limit: 1}); err == nil {
		t.Error("a place that is none is no error")
	}
}

func TestOldDaysGo(t *testing.T) {
	s := activity.In[entry](t.TempDir())
	fill(t, s, 10, 1, 7)
	days, err := s.Days()
	if err != nil || len(days) != 7 || days[0] != "2026-03-19" || days[6] != "2026-03-13" {
		t.Errorf("kept: %v, %v", days, err)
	}
	if err := s.Forget(noon.AddDate(0, 0, 9), 2); err != nil {
		t.Fatal(err)
	}
	if days, _ := s.Days(); len(days) != 2 {
		t.Errorf("kept: %v", days)
	}
}

// A line that a crash cut short costs itself alone.
func TestTornLine(t *testing.T) {
	dir := t.TempDir()
	s := activity.In[entry](dir)
	fill(t, s, 1, 1, 30)
	f, err := os.OpenFile(filepath.Join(dir, "2026-03-10.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"At":"2026-`); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if err := s.Add(noon, entry{Said: "after"}, 30); err != nil {
		t.Fatal(err)
	}
	items, _, err := s.Page(activity.Query[entry]{Limit: 10})
	if diff := cmp.Diff([]string{"after", "day 0 entry 0"}, said(items)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// After a year the newest page costs what it costs on the first day.
func BenchmarkAPageAfterAYear(b *testing.B) {
	s := activity.In[entry](b.TempDir())
	fill(b, s, 365, 100, 400)
	for b.Loop() {
		if items, _, err := s.Page(activity.Query[entry]{Limit: 100}); err != nil || len(items) != 100 {
			b.Fatal(len(items), err)
		}
	}
}
