package tray

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"fyne.io/systray"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/words"
	"github.com/offhook/offhook/assets"
)

// view is what the desktop's tray shows now. It changes only what differs: every change costs the desktop work,
// and an open menu its calm.
type view struct {
	do    func(context.Context, Action) // what a click asks for
	words func() *words.Words           // the person's, which may change

	look    local.Look
	title   string
	tooltip string
	rows    []Row
	items   []*item
	clicks  sync.WaitGroup
}

// item is a row in the desktop's menu; a line has no MenuItem.
type item struct {
	*systray.MenuItem
	action atomic.Value // of Action: what a click on it asks for now
	under  []*item
}

// show brings the tray in step with a status and, where a click did not work, with why. One goroutine at a time.
func (v *view) show(ctx context.Context, s local.Status, failure *local.Problem) {
	w := v.words()
	s = w.Named(s)
	if v.look != s.Look || v.rows == nil {
		systray.SetIcon(assets.Icon(string(s.Look)))
		v.look = s.Look
	}
	if tooltip := Tooltip(w, s); tooltip != v.tooltip {
		systray.SetTooltip(tooltip)
		v.tooltip = tooltip
	}
	if title := Title(w, s); title != v.title {
		setTitle(title)
		v.title = title
	}
	rows := withFailure(w, Menu(w, s), failure)
	if sameShape(v.rows, rows) {
		update(v.items, v.rows, rows)
	} else {
		if v.rows != nil {
			systray.ResetMenu() // closes the old items' channels
		}
		v.items = v.build(ctx, nil, rows)
	}
	v.rows = rows
}

// sameShape tells whether one menu can become the other by changing rows in place.
func sameShape(a, b []Row) bool {
	return slices.EqualFunc(a, b, func(a, b Row) bool {
		return isLine(a) == isLine(b) && sameShape(a.Under, b.Under)
	})
}

// build adds rows to the menu, or to a parent's submenu.
func (v *view) build(ctx context.Context, parent *systray.MenuItem, rows []Row) []*item {
	items := make([]*item, len(rows))
	for i, row := range rows {
		it := &item{}
		items[i] = it
		switch {
		case isLine(row):
			systray.AddSeparator()
			continue
		case parent == nil:
			it.MenuItem = systray.AddMenuItem(escape(row.Label), "")
		default:
			it.MenuItem = parent.AddSubMenuItem(escape(row.Label), "")
		}
		it.action.Store(row.Action)
		if !clickable(row) {
			it.Disable()
		}
		if len(row.Under) > 0 {
			it.under = v.build(ctx, it.MenuItem, row.Under)
		} else {
			v.clicks.Go(func() { v.listen(ctx, it) })
		}
		if row.Hidden {
			it.Hide()
		}
	}
	return items
}

// listen does what clicks on an item ask for, one at a time, until the item is removed or ctx ends. Each item
// has a listener of its own, since a click that finds nobody waiting is lost.
func (v *view) listen(ctx context.Context, it *item) {
	for {
		select {
		case _, ok := <-it.ClickedCh:
			if !ok {
				return
			}
			v.do(ctx, it.action.Load().(Action))
		case <-ctx.Done():
			return
		}
	}
}

// update changes rows in place. A hidden row is left alone until it shows: on Windows a change would show it.
func update(items []*item, before, after []Row) {
	for i, row := range after {
		it, was := items[i], before[i]
		if isLine(row) {
			continue
		}
		it.action.Store(row.Action)
		update(it.under, was.Under, row.Under)
		if row.Hidden {
			if !was.Hidden {
				it.Hide()
			}
			continue
		}
		if was.Hidden || was.Label != row.Label {
			it.SetTitle(escape(row.Label))
		}
		if was.Hidden || clickable(was) != clickable(row) {
			if clickable(row) {
				it.Enable()
			} else {
				it.Disable()
			}
		}
		if was.Hidden {
			it.Show()
		}
	}
}
