package resident

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/activity"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// activityFolder holds the story of the days, in the configuration folder.
const activityFolder = "activity"

func story(folder string) *activity.Store[local.Entry] {
	return activity.In[local.Entry](filepath.Join(folder, activityFolder))
}

// keep puts a decision into the story. Its caller holds r.mu.
func (r *Resident) keep(e engine.Reason, shown local.Reason) {
	entry := local.Entry{Reason: shown, Cause: r.seen(e.Source, e.State)}
	if e.Kind == engine.Mirrored || e.Kind == engine.GaveBack || e.Kind == engine.Noted {
		entry.Effect = r.seen(e.Side, e.Shows)
	}
	if err := r.story.Add(e.At, entry, r.set.General.Days()); err != nil && !r.untold {
		r.untold = true // once is enough
		r.o.Log.Warn("the activity is not kept", "problem", err)
	}
}

func (r *Resident) seen(side, state string) *local.Seen {
	if side == "" {
		return nil
	}
	s := &local.Seen{Where: side, WhereTitle: r.name(side), State: state, StateTitle: state}
	if pair, err := presence.ParsePair(state); err == nil && side == engine.TeamsSide {
		s.StateTitle = title(pair)
	}
	return s
}

// Activity is a page of the story.
func (r *Resident) Activity(_ context.Context, q local.ActivityQuery) local.ActivityPage {
	limit := min(max(cmp.Or(q.Limit, 100), 1), 1000)
	words := strings.Fields(strings.ToLower(q.Search))
	items, more, err := r.story.Page(activity.Query[local.Entry]{Before: q.Before, Day: q.Day, Limit: limit, Keep: func(e local.Entry) bool {
		said := strings.ToLower(e.Sentence)
		return (q.Where == "" || e.Where == q.Where) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)) &&
			!slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(said, w) })
	}})
	page := local.ActivityPage{Entries: []local.Entry{}}
	if err != nil {
		page.Problem = show(problem.Of(err), "activity", time.Time{})
		return page
	}
	for _, i := range items {
		i.Entry.ID = i.ID
		page.Entries = append(page.Entries, i.Entry)
	}
	if more {
		page.Next = items[len(items)-1].ID
	}
	page.Days, _ = r.story.Days()
	return page
}
