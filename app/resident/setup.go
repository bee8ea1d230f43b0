package resident

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/engine"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/teams"
)

// setup is what the settings amount to. It is made anew when they change, and does not change itself.
type setup struct {
	settings.Loaded
	systems *catalog.Catalog
	own     []string // what the files of the person's own phone systems say
	bad     error    // phone systems of the person's own that are left out
	root    string   // the root certificate's text
	client  *http.Client
	teams   *teams.Side // nil when the settings do not say enough
	phones  []line
	config  engine.Config
	problem *local.Problem // nothing runs

	print string // the same of two setups: one goes on where the other was, without starting anew
}

// line is one phone of the settings; open is nil when it could not be opened.
type line struct {
	id, title string
	system    phone.System
	mapping   presence.Mapping
	open      phone.Phone
	problem   *problem.Problem
	print     string // the same of two lines that are open: one goes on where the other was
}

// prepare reads the settings and makes what they amount to, with as much as can be of what was. Nobody is
// talked to yet.
func (r *Resident) prepare(was *setup) *setup {
	s := &setup{}
	if err := s.read(r.o, was, r.isOpen); err != nil {
		s.problem = show(problem.Of(err), whereSettings, time.Now())
	}
	return s
}

func (s *setup) read(o Options, was *setup, hours func(time.Time) (bool, time.Time)) (err error) {
	s.systems, s.bad = catalog.Load(o.Folder)
	s.own = ownSystems(o.Folder)
	if s.bad != nil {
		o.Log.Warn("a phone system's file is left out", "problem", s.bad)
	}
	if s.Loaded, err = settings.LoadAll(o.Folder, o.Policy); err != nil {
		return err
	}
	if s.root, err = rootCertificate(s.Account.RootCertificate); err != nil {
		return err
	}
	same := was.client != nil && was.root == s.root
	if same {
		s.client = was.client
	} else if s.client, err = teams.NewHTTPClient([]byte(s.root)); err != nil {
		return err
	}
	text := []any{s.Account, s.Pace, s.root}
	for _, p := range s.Phones {
		l := s.openPhone(p, was.phones, o)
		s.phones = append(s.phones, l)
		text = append(text, l.id, p.System, l.print)
	}
	s.print = fingerprint(text...)
	if s.Account.ClientID == "" {
		return &problem.Problem{Kind: problem.Settings, What: problem.Say("No app registration is set, so nobody can sign in"),
			Do: problem.Say("Put account.client_id into {file}; offhook register tells how to make one", "file", settings.File)}
	}
	if same && was.teams != nil && was.Account == s.Account && was.Pace == s.Pace {
		s.teams = was.teams
	} else if s.teams, err = teams.New(teams.Config{ClientID: s.Account.ClientID, Tenant: s.Account.Tenant,
		Authority: s.Account.Authority, Graph: s.Account.Graph, InstanceDiscovery: true,
		HTTP: s.client, Secrets: o.Secrets, Log: o.Log, Pace: paceOptions(o.Folder, s.Settings, hours)}); err != nil {
		return err
	}
	s.config, err = s.engine()
	return err
}

// engine is what the engine is told.
func (s *setup) engine() (engine.Config, error) {
	config := engine.Config{SessionFor: s.Timing.Session, PreferredFor: s.Timing.Preferred,
		Settle: s.Timing.Settle, Message: s.StatusMessage}.Defaults()
	week, err := s.Hours.Week()
	if err != nil {
		return config, err
	}
	if !week.Always() {
		config.Hours = week.At
	}
	for _, l := range s.phones {
		if l.open != nil {
			limited, ok := l.open.(phone.Reader)
			config.Phones = append(config.Phones, engine.PhoneConfig{ID: l.id, Mapping: l.mapping,
				Writes: l.system.Capabilities.Writes && !(ok && limited.ReadOnly()), Polled: !l.system.Capabilities.Events})
		}
	}
	return config, nil
}

// fingerprint sums up what cannot change while the engine runs: who signs in where, and the phones. What it is
// made of may be secret; only the sum leaves this function.
func fingerprint(of ...any) string {
	text, err := json.Marshal(of)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// ownSystems are the files of the phone systems of the person's own.
func ownSystems(folder string) (files []string) {
	inside := os.DirFS(folder) // so that the folder's own name is never read as a pattern
	names, _ := fs.Glob(inside, "phones/*.y*ml")
	for _, name := range names {
		text, _ := fs.ReadFile(inside, name)
		files = append(files, name, string(text))
	}
	return files
}

func rootCertificate(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", &problem.Problem{Kind: problem.Settings, Err: err, What: problem.Say("The root certificate {file} cannot be read", "file", file),
			Do: problem.Say("Correct account.root_certificate in {file}", "file", settings.File)}
	}
	return string(text), nil
}

// HTTPClient makes the client for everything: it goes through the system's proxy and trusts the account's root
// certificate besides the system's.
func HTTPClient(a settings.Account) (*http.Client, error) {
	root, err := rootCertificate(a.RootCertificate)
	if err != nil {
		return nil, err
	}
	return teams.NewHTTPClient([]byte(root))
}

// openPhone makes a phone of its settings, or goes on with what was open by the same; a problem stays with the
// phone, the others go on.
func (s *setup) openPhone(p settings.Phone, was []line, o Options) line {
	l := line{id: p.ID, title: p.Title}
	fail := func(err error) line {
		l.problem, l.print = problem.Of(err), ""
		if l.title == "" {
			l.title = p.ID
		}
		return l
	}
	system, err := s.systems.System(p.System)
	if err != nil && s.bad != nil { // the file that should describe it may be the one that is wrong
		wrong := problem.Of(s.bad)
		err = &problem.Problem{Kind: problem.Settings, Err: errors.Join(err, s.bad),
			What: problem.Say("There is no phone system “{system}”: {problem}", "system", p.System, "problem", wrong.What), Do: wrong.Do}
	}
	if err != nil {
		return fail(err)
	}
	l.system = system
	if l.title == "" {
		l.title = system.Title
	}
	if l.mapping, err = Mapping(p, system); err != nil {
		return fail(err)
	}
	fields := maps.Clone(p.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	for _, f := range system.Fields {
		if !f.Secret {
			continue
		}
		if fields[f.Name] != "" {
			return fail(&problem.Problem{Kind: problem.Settings,
				What: problem.Say("{phone}: {field} is secret and must not stand in {file}", "phone", l.title, "field", f.Name, "file", settings.File),
				Do:   problem.Say("Take it out and run: {command}", "command", "offhook phones secret "+p.ID+" "+f.Name)})
		}
		if v, ok := secretOf(o.Secrets, p.ID, f.Name); ok {
			fields[f.Name] = v
		} else if why := unread(o.Secrets); why != nil && !f.Optional {
			return fail(why)
		} else if !f.Optional {
			return fail(&problem.Problem{Kind: problem.Settings, What: problem.Say("{phone}: {field} is missing", "phone", l.title, "field", problem.Say(f.Label)),
				Do: problem.Say("Enter it in the settings, or run: {command}", "command", "offhook phones secret "+p.ID+" "+f.Name)})
		}
	}
	l.print = fingerprint(p.ID, p.System, fields, s.root, s.own)
	for _, w := range was {
		if w.print == l.print {
			l.open = w.open
			return l
		}
	}
	if l.open, err = s.systems.Open(p.System, catalog.Options{ID: p.ID, Fields: fields, HTTP: s.client, Log: o.Log, Secrets: o.Secrets, Browse: o.browse()}); err != nil {
		return fail(err)
	}
	return l
}

// Mapping is a phone's mapping: its system's, with the person's own rows.
func Mapping(p settings.Phone, system phone.System) (presence.Mapping, error) {
	m, err := p.Mapping.Apply(system.Offered())
	if err != nil {
		return m, &problem.Problem{Kind: problem.Settings, Err: err,
			What: problem.Say("{phone}: the mapping in {file} is not right: {error}", "phone", cmp.Or(p.Title, system.Title), "file", settings.File, "error", err), Do: problem.Say("Correct that row")}
	}
	return m, nil
}

// secretOf finds a phone's secret.
func secretOf(kept Secrets, phone, field string) (string, bool) {
	if v := os.Getenv(SecretVariable(phone, field)); v != "" {
		return v, true
	}
	v, ok := kept.Get(SecretName(phone, field))
	return string(v), ok
}

// SecretName is a phone's secret in the sealed store.
func SecretName(phone, field string) string { return "phone/" + phone + "/" + field }

// SecretVariable is the environment variable that stands in for a phone's secret where there is no keyring.
func SecretVariable(phone, field string) string {
	return "OFFHOOK_SECRET_" + strings.ToUpper(strings.NewReplacer("-", "_").Replace(phone+"_"+field))
}
