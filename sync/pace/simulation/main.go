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

// tenant simulates one size of an organisation with every policy, and tells each row's place.
func tenant(desktops int, tell func(place int, r row)) []func() {
	return []func(){
		func() { // the first day of those who have to find their share, a later one, and one with a storm
			days := simulate(desktops, policy{hints: true, days: 3, storm: true}, 0)
			tell(1, days[1].row(desktops, "unknown", false))
			tell(2, days[0].row(desktops, "unknown, first day", false))
			tell(6, days[2].row(desktops, "storm", false))
		},
		func() {
			tell(0, simulate(desktops, policy{known: true, hints: true, days: 1}, 0)[0].row(desktops, "known", true))
			tell(5, simulate(desktops, policy{known: true, hints: true, days: 1, storm: true}, 0)[0].row(desktops, "storm", true))
		},
		func() {
			without := simulate(desktops, policy{known: true, days: 1}, 0)[0].row(desktops, "no hints", true)
			tell(3, without)
			every := moment(float64(hour) / without.ReadsPerHour)
			tell(4, simulate(desktops, policy{days: 1}, every)[0].row(desktops, "fixed polling, equal cost", false))
		},
	}
}

const rowsOfTenant = 7

func table(sizes []int) []row {
	rows := make([]row, rowsOfTenant*len(sizes))
	var working sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := len(sizes) - 1; i >= 0; i-- { // the large ones take longest
		for _, job := range tenant(sizes[i], func(place int, r row) { rows[rowsOfTenant*i+place] = r }) {
			free <- struct{}{}
			working.Go(func() {
				defer func() { <-free }()
				job()
			})
		}
	}
	working.Wait()
	return rows
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
	part := oracle(4000)
	fmt.Printf("%s\nHalf of all changes fall into %.0f %% of the time for who knows at each moment what Teams shows and since when:\n"+
		"so no pace without hints has a median more than %.1f times as soon as fixed polling at equal cost.\n\n", distribution, 100*part, 0.5/part)
	const head = "%8s  %-25s  %-5s  %10s  %9s  %9s  %11s  %8s  %8s  %8s  %7s\n"
	fmt.Printf(head, "desktops", "policy", "known", "reads/hour", "requests", "throttled", "after storm", "median s", "p95 s", "p99 s", "unseen")
	for _, r := range rows {
		fmt.Printf("%8d  %-25s  %-5t  %10.1f  %9d  %9d  %11d  %8.2f  %8.1f  %8.1f  %6.1f%%\n", r.Desktops, r.Policy, r.SizeKnown,
			r.ReadsPerHour, r.Requests, r.Throttled, r.AfterStorm, r.Median, r.P95, r.P99, r.Unseen)
	}
}
