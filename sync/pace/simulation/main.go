// Command simulation lets desktops of an organisation read Teams for a working day, with the real pace, in
// virtual time, against Graph's limit, and prints how often they read, how many requests were too many, and how
// long after each change somebody looked. It must not know a network.
//
// Simulated are the people, what the system tells of them, and Graph; distribution says how. The reaction time
// of a change runs from when Teams shows it to when the first read after it is served; a change that nobody
// saw before the PC was switched off counts until then.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// row is one line of the table.
type row struct {
	Desktops     int     `json:"desktops"`
	Policy       string  `json:"policy"`
	SizeKnown    bool    `json:"size_known"`
	ReadsPerHour float64 `json:"reads_per_hour"` // a desktop, while its PC runs
	Requests     int     `json:"requests"`
	Throttled    int     `json:"throttled"`
	AfterStorm   int     `json:"throttled_after_storm"` // of these; 0 but for the policy "storm"
	Median       float64 `json:"median_s"`
	P95          float64 `json:"p95_s"`
	P99          float64 `json:"p99_s"`
	Changes      int     `json:"changes"`
	Unseen       float64 `json:"unseen_percent"` // changes that were over before anybody looked
}

func (r result) row(desktops int, policy string, known bool) row {
	slices.Sort(r.reactions)
	at := func(share float64) float64 {
		if len(r.reactions) == 0 {
			return 0
		}
		return float64(r.reactions[int(share*float64(len(r.reactions)-1))])
	}
	return row{desktops, policy, known, float64(r.requests) / r.hours, r.requests, r.throttled, r.afterStorm,
		at(0.5), at(0.95), at(0.99), len(r.reactions), 100 * float64(r.unseen) / float64(max(1, len(r.reactions)))}
}

// tenant simulates one size of an organisation with every policy. The first and the last day of those who have
// to find their share are told.
func tenant(desktops int) []row {
	known := simulate(desktops, policy{known: true, hints: true, days: 1}, 0)[0]
	unknown := simulate(desktops, policy{hints: true, days: 3}, 0)
	without := simulate(desktops, policy{known: true, days: 1}, 0)[0]
	rows := []row{
		known.row(desktops, "known", true),
		unknown[len(unknown)-1].row(desktops, "unknown", false),
		unknown[0].row(desktops, "unknown, first day", false),
		without.row(desktops, "no hints", true),
	}
	for i, cost := range []row{rows[3], rows[0]} {
		every := moment(float64(hour) / cost.ReadsPerHour)
		name := "fixed, cost of no hints"
		if i > 0 {
			name = "fixed, cost of known"
		}
		rows = append(rows, simulate(desktops, policy{days: 1}, every)[0].row(desktops, name, false))
	}
	for _, known := range []bool{true, false} {
		r := simulate(desktops, policy{known: known, hints: true, storm: true, days: 1}, 0)
		rows = append(rows, r[0].row(desktops, "storm", known))
	}
	return rows
}

func table(sizes []int) []row {
	rows := make([][]row, len(sizes))
	var working sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := len(sizes) - 1; i >= 0; i-- { // the large ones take longest
		free <- struct{}{}
		working.Go(func() {
			defer func() { <-free }()
			rows[i] = tenant(sizes[i])
		})
	}
	working.Wait()
	return slices.Concat(rows...)
}

func main() {
	format := flag.String("format", "table", "table, or json for JSON lines")
	list := flag.String("desktops", "100,1000,10000,50000", "how many desktops, with commas between")
	flag.Parse()
	var sizes []int
	for text := range strings.SplitSeq(*list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			fmt.Fprintf(os.Stderr, "simulation: %q is no number of desktops\n", text)
			os.Exit(2)
		}
		sizes = append(sizes, n)
	}
	rows := table(sizes)
	if *format == "json" {
		lines := json.NewEncoder(os.Stdout)
		for _, r := range rows {
			_ = lines.Encode(r) // a closed pipe is its reader's wish
		}
		return
	}
	fmt.Print(distribution, "\n\n")
	const head = "%8s  %-23s  %-5s  %10s  %9s  %9s  %11s  %8s  %8s  %8s  %7s\n"
	fmt.Printf(head, "desktops", "policy", "known", "reads/hour", "requests", "throttled", "after storm", "median s", "p95 s", "p99 s", "unseen")
	for _, r := range rows {
		fmt.Printf("%8d  %-23s  %-5t  %10.1f  %9d  %9d  %11d  %8.2f  %8.1f  %8.1f  %6.1f%%\n", r.Desktops, r.Policy, r.SizeKnown,
			r.ReadsPerHour, r.Requests, r.Throttled, r.AfterStorm, r.Median, r.P95, r.P99, r.Unseen)
	}
}
