// Package settings reads the person's settings: one YAML file in their configuration folder. It must not
// know what the settings are used for, and it never holds a secret: those are sealed (sync/secrets).
package settings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/schedule"
)

// File is the settings file's name in the configuration folder.
const File = "settings.yaml"

// Settings is everything a person may set. Its zero value is what stands when there is no file.
type Settings struct {
	Account Account `yaml:"account"`
	Phones  []Phone `yaml:"phones"`
	Timing  Timing  `yaml:"timing"`
	Hours   Hours   `yaml:"hours"`
	General General `yaml:"general"`
	Pace    Pace    `yaml:"pace"`
	Hints   Hints   `yaml:"hints"`

	// StatusMessage is what Teams' status message says while a phone is in a call; empty: it is left alone.
	StatusMessage string `yaml:"status_message"`
}

// Pace is what decides how often Teams may be read.
type Pace struct {
	Desktops int `yaml:"desktops"` // of the organisation that run Offhook; not said: found out by itself
}

// Hints are the switches of what the system tells; each is on unless it is said to be off.
type Hints struct {
	Lock       *bool `yaml:"lock"`       // the screen was locked or unlocked
	Idle       *bool `yaml:"idle"`       // nobody is at the PC
	Sleep      *bool `yaml:"sleep"`      // the PC woke up
	Network    *bool `yaml:"network"`    // the network came back
	Microphone *bool `yaml:"microphone"` // a program uses a microphone
}

// Switches is each hint's switch, by its name.
func (h Hints) Switches() map[string]*bool {
	return map[string]*bool{"lock": h.Lock, "idle": h.Idle, "sleep": h.Sleep, "network": h.Network, "microphone": h.Microphone}
}

// On tells whether a hint is listened to.
func (h Hints) On(name string) bool {
	on := h.Switches()[name]
	return on == nil || *on
}

// Any tells whether any hint is listened to.
func (h Hints) Any() bool {
	for name := range h.Switches() {
		if h.On(name) {
			return true
		}
	}
	return false
}

// Hours are the hours in which Offhook is to be at work; none: always.
type Hours struct {
	Zone string            `yaml:"zone"` // such as Europe/Helsinki; default the PC's own
	Days map[string]string `yaml:"days"` // by weekday: "8:00-12:00, 13:00-17:00"; one not named is a day off
}

// General is how Offhook behaves on this PC.
type General struct {
	Language      string `yaml:"language"`      // of what a person sees; default the desktop's
	Notifications *bool  `yaml:"notifications"` // say so when the person must act; default yes
	KeepDays      int    `yaml:"keep_days"`     // how long the activity is kept; default 30
}

// Notifies tells whether the person wants to be told when they must act.
func (g General) Notifies() bool { return g.Notifications == nil || *g.Notifications }

// Days is how long the activity is kept.
func (g General) Days() int { return cmp.Or(g.KeepDays, 30) }

// Week is the hours as they are used.
func (h Hours) Week() (schedule.Week, error) { return schedule.Parse(h.Zone, h.Days) }

// Account says how to sign in and where Graph is.
type Account struct {
	ClientID        string `yaml:"client_id"`        // of the app registration
	Tenant          string `yaml:"tenant"`           // a tenant's id or name; default "organizations"
	Authority       string `yaml:"authority"`        // https address, tenant included; default Microsoft's
	Graph           string `yaml:"graph"`            // https address with the version; default Microsoft's v1.0
	RootCertificate string `yaml:"root_certificate"` // a PEM file to trust besides the system's
}

// Phone is one phone to keep in step.
type Phone struct {
	ID      string            `yaml:"id"`     // short name, also of its secrets; default the system's id
	System  string            `yaml:"system"` // see `offhook phones list`
	Title   string            `yaml:"title"`  // how the person calls it; default the system's title
	Fields  map[string]string `yaml:"fields"` // what the system asks for, without the secret ones
	Mapping Mapping           `yaml:"mapping"`
}

// Mapping replaces rows of the preset's tables. An empty target leaves the other side unchanged.
type Mapping struct {
	TeamsToPhone map[string]string `yaml:"teams_to_phone"`
	PhoneToTeams map[string]string `yaml:"phone_to_teams"`
}

// Timing is how long what Offhook sets may last.
type Timing struct {
	Session   time.Duration `yaml:"session"`   // the application's session in Teams: 5m to 4h; default 5m
	Preferred time.Duration `yaml:"preferred"` // a mirrored choice in Teams; default 1h
	Settle    time.Duration `yaml:"settle"`    // how long Graph may answer old values after a write; default 30s
}

// Folder is the configuration folder: dir where given, else OFFHOOK_CONFIG_DIR, else the system's place.
func Folder(dir string) (string, error) {
	if dir == "" {
		dir = os.Getenv("OFFHOOK_CONFIG_DIR")
	}
	if dir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return "", broken(problem.Say("No configuration folder is known"), problem.Say("Name one with --config or OFFHOOK_CONFIG_DIR"), err)
		}
		dir = filepath.Join(base, "offhook")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", broken(problem.Say("The configuration folder {folder} cannot be found", "folder", dir), problem.Say("Name another with --config"), err)
	}
	return abs, nil
}

// Load reads the settings file of a configuration folder, with the administrator's policy over it. A file
// that is not there is no error.
func Load(dir string) (Settings, error) {
	l, err := LoadAll(dir, PolicyFile())
	return l.Settings, err
}

// Loaded is the settings in force, and what is known of where they come from.
type Loaded struct {
	Settings
	File   string   // the person's own
	Policy string   // the administrator's; empty where there is none
	Locked []string // the keys that the policy sets: "account.tenant", "phones.desk.fields.server"
	Only   bool     // there may be no phones but the policy's
}

// LoadAll is Load with a policy's file of one's own.
func LoadAll(dir, policy string) (Loaded, error) {
	l := Loaded{File: filepath.Join(dir, File)}
	text, err := os.ReadFile(l.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return l, broken(problem.Say("The settings file {file} cannot be read", "file", l.File), problem.Say("Check who may read it"), err)
	}
	rules, err := loadPolicy(policy)
	if err != nil {
		return l, err
	}
	if l.Settings, err = rules.over(text); err != nil {
		return l, broken(problem.Say("The settings file {file} is not right: {error}", "file", l.File, "error", err),
			problem.Say("Correct it; Offhook follows it as soon as it is right"), err)
	}
	if rules != nil {
		l.Policy, l.Locked, l.Only = policy, rules.locked(), rules.file.OnlyThesePhones
	}
	return l, nil
}

// Parse reads settings strictly: an unknown key is an error with its place.
func Parse(text []byte) (Settings, error) {
	s, err := decode[Settings](text)
	if err != nil {
		return Settings{}, err
	}
	return s, s.check()
}

func decode[T any](text []byte) (v T, err error) {
	err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&v)
	if err != nil && !errors.Is(err, io.EOF) {
		return v, place(err)
	}
	return v, nil
}

func (s *Settings) check() error {
	for i := range s.Phones {
		p := &s.Phones[i]
		if p.System == "" {
			return fmt.Errorf("phone %d names no system", i+1)
		}
		if p.ID == "" {
			p.ID = p.System
		}
		if !shortName.MatchString(p.ID) || p.ID == "teams" {
			return fmt.Errorf("phone %d: the id %q must be of small letters, digits, - or _, and not \"teams\"", i+1, p.ID)
		}
		if slices.ContainsFunc(s.Phones[:i], func(o Phone) bool { return o.ID == p.ID }) {
			return fmt.Errorf("phone %d: the id %q stands twice", i+1, p.ID)
		}
	}
	if _, err := s.Hours.Week(); err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	if n := s.Pace.Desktops; n < 0 || n > mostDesktops {
		return outside("pace.desktops", n, 1, mostDesktops)
	}
	if n := utf8.RuneCountInString(s.StatusMessage); n > longestMessage {
		return problem.Say("status_message has {n} characters, and Teams shows no more than {most}", "n", n, "most", longestMessage)
	}
	if d := s.General.KeepDays; d < 0 || d > 3660 {
		return outside("general.keep_days", d, 1, 3660)
	}
	for _, t := range []struct {
		key      string
		d        time.Duration
		min, max time.Duration
	}{
		{"timing.session", s.Timing.Session, 5 * time.Minute, 4 * time.Hour},
		{"timing.preferred", s.Timing.Preferred, 10 * time.Minute, 24 * time.Hour},
		{"timing.settle", s.Timing.Settle, time.Second, 10 * time.Minute},
	} {
		if t.d != 0 && (t.d < t.min || t.d > t.max) {
			return outside(t.key, t.d, t.min, t.max)
		}
	}
	return nil
}

// mostDesktops is how many desktops an organisation may say it has.
const mostDesktops = 1_000_000

// longestMessage is how many characters Teams lets a status message have.
const longestMessage = 280

var shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// place puts the library's error on one line: what, and where.
func place(err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		pos := at.GetToken().Position
		return fmt.Errorf("line %d, column %d: %s", pos.Line, pos.Column, at.GetMessage())
	}
	return err
}

func outside(key string, value, least, most any) error {
	return problem.Say("{key} is {value}, which is not between {least} and {most}", "key", key, "value", value, "least", least, "most", most)
}

func broken(what, do problem.Text, err error) error {
	return &problem.Problem{Kind: problem.Settings, What: what, Do: do, Err: err}
}
