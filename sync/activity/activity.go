// Package activity keeps the story of the days on disk: one file a day, one line of JSON an entry, only ever
// added to. It must not know what an entry says.
//
// A page is read from the newest file backwards, so that a year of days costs no more than the days asked for.
package activity

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

const (
	ending = ".jsonl"
	dayOf  = "2006-01-02"
)

// Store keeps entries of one type. Its methods may be called from several goroutines at once.
type Store[E any] struct {
	folder string
	mu     sync.Mutex
	today  string // the day of the last entry
}

// In keeps the story in a folder, which need not be there yet.
func In[E any](folder string) *Store[E] { return &Store[E]{folder: folder} }

// Add keeps an entry. The first of a day removes days older than keep days.
func (s *Store[E]) Add(at time.Time, e E, keep int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("an entry of the activity: %w", err)
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return unkept(err)
	}
	day := at.Local().Format(dayOf)
	if day != s.today {
		s.today = day
		if err := s.forget(at, keep); err != nil {
			return err
		}
	}
	path := filepath.Join(s.folder, day+ending)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return unkept(err)
	}
	if torn(f) { // a crash cut the last line short: it must not swallow this one
		line = append([]byte{'\n'}, line...)
	}
	_, err = f.Write(append(line, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return unkept(err)
	}
	return nil
}

func unkept(err error) error {
	return &problem.Problem{Kind: problem.Refused, What: problem.Say("The activity cannot be kept"), Do: problem.Say("Check the disk"), Err: err}
}

func torn(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	var end [1]byte
	_, err = f.ReadAt(end[:], info.Size()-1)
	return err == nil && end[0] != '\n'
}

// Forget removes the days that are older than keep days.
func (s *Store[E]) Forget(now time.Time, keep int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(now, keep)
}

func (s *Store[E]) forget(now time.Time, keep int) error {
	oldest := now.Local().AddDate(0, 0, 1-keep).Format(dayOf)
	days, err := s.Days()
	for _, day := range days {
		if day < oldest {
			err = errors.Join(err, os.Remove(filepath.Join(s.folder, day+ending)))
		}
	}
	return err
}

// Days lists the days of which anything is kept, newest first.
func (s *Store[E]) Days() ([]string, error) {
	files, err := os.ReadDir(s.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the activity: %w", err)
	}
	var days []string
	for _, f := range files {
		day, ok := strings.CutSuffix(f.Name(), ending)
		if _, err := time.Parse(dayOf, day); ok && err == nil {
			days = append(days, day)
		}
	}
	slices.Sort(days)
	slices.Reverse(days)
	return days, nil
}

// Item is an entry with its lasting id.
type Item[E any] struct {
	ID    string
	Entry E
}

// Query is what a page is to hold.
type Query[E any] struct {
	Before string // the id of an entry: those older than it; empty: from the newest
	Day    string // that day alone, as in Days
	Limit  int
	Keep   func(E) bool // nil: all
}

// Page reads a page, newest first. more tells whether there may be older ones.
func (s *Store[E]) Page(q Query[E]) (items []Item[E], more bool, err error) {
	beforeDay, beforeLine := "", 0
	if q.Before != "" {
		day, line, ok := strings.Cut(q.Before, ".")
		beforeDay = day
		if beforeLine, err = strconv.Atoi(line); !ok || err != nil {
			return nil, false, &problem.Problem{Kind: problem.Refused, What: problem.Say("“{text}” is no place in the activity", "text", q.Before)}
		}
	}
	days, err := s.Days()
	if err != nil {
		return nil, false, err
	}
	for _, day := range days {
		if q.Day != "" && day != q.Day || beforeDay != "" && day > beforeDay {
			continue
		}
		lines, err := s.lines(day)
		if err != nil {
			return nil, false, err
		}
		if day == beforeDay && beforeLine < len(lines) {
			lines = lines[:beforeLine]
		}
		for i, line := range slices.Backward(lines) {
			var e E
			if len(line) == 0 || json.Unmarshal(line, &e) != nil { // torn by a crash
				continue
			}
			if q.Keep != nil && !q.Keep(e) {
				continue
			}
			if len(items) == q.Limit {
				return items, true, nil
			}
			items = append(items, Item[E]{fmt.Sprintf("%s.%d", day, i), e})
		}
	}
	return items, false, nil
}

func (s *Store[E]) lines(day string) (lines [][]byte, err error) {
	text, err := os.ReadFile(filepath.Join(s.folder, day+ending))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // removed meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("reading the activity: %w", err)
	}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, len(text)+1)
	for in.Scan() {
		lines = append(lines, bytes.Clone(in.Bytes()))
	}
	return lines, in.Err()
}
