package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/secrets"
	"github.com/offhook/offhook/sync/settings"
)

// This file holds the commands that need no running resident: the phone systems and their mappings.

func (p *program) phones(ctx context.Context, flags *flag.FlagSet, args []string) error {
	try := tryFlags(flags)
	words, err := p.parse(flags, args, 3)
	if err == nil && (len(words) == 0 || words[0] != "try") {
		err = try.none(flags)
	}
	switch {
	case err != nil:
		return err
	case len(words) == 0 || len(words) == 1 && words[0] == "list":
		return p.listPhones()
	case len(words) == 2 && words[0] == "sign-in":
		return p.signInPhone(ctx, words[1])
	case len(words) == 2 && words[0] == "sign-out":
		return p.signOutPhone(ctx, words[1])
	case len(words) == 3 && words[0] == "secret":
		return p.keepSecret(ctx, words[1], words[2])
	}
	if len(words) == 1 && words[0] == "schema" {
		_, err := p.out.Write(profile.Schema())
		return err
	}
	if len(words) == 2 && words[0] == "check" {
		return p.checkPhone(words[1])
	}
	if len(words) == 2 && words[0] == "try" {
		return p.tryPhone(ctx, words[1], try)
	}
	return usage("say: offhook phones list, schema, check FILE, try FILE, sign-in PHONE, sign-out PHONE, or secret PHONE FIELD")
}

// system is a phone system as `phones list --json` shows it.
type system struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	phone.Capabilities
	Proof       string        `json:"proof"`
	Documents   []string      `json:"documents"`
	MappingOnly bool          `json:"mapping_only"`
	ByBrowser   bool          `json:"by_browser"` // signed in to with the browser: phones sign-in
	Fields      []phone.Field `json:"fields"`
}

func (p *program) listPhones() error {
	systems, bad := p.systems()
	list := []system{}
	for _, s := range systems.Systems() {
		list = append(list, system{s.ID, s.Title, s.Capabilities, s.Proof, s.Documents, s.MappingOnly, s.ByBrowser, s.Fields})
	}
	if p.json {
		p.printJSON(list, true)
		return bad
	}
	w := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTITLE\tREADS\tWRITES\tTOLD OF CHANGES\tPROOF")
	for _, s := range list {
		var reads []string
		if s.ReadsLine {
			reads = append(reads, "line")
		}
		if s.ReadsStatus {
			reads = append(reads, "status")
		}
		cells := []string{s.ID, s.Title, strings.Join(reads, ", "), yes(s.Writes), yes(s.Events), s.Proof}
		if s.MappingOnly { // what its API would allow, nothing does yet
			copy(cells[2:], []string{"not yet", "not yet", "not yet"})
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return errors.Join(w.Flush(), bad)
}

// systems loads the phone systems. What is wrong with the person's own files is told at once; bad is the exit
// code of that.
func (p *program) systems() (all *catalog.Catalog, bad error) {
	all, err := catalog.Load(p.folder)
	if err == nil {
		return all, nil
	}
	for line := range strings.Lines(err.Error()) {
		p.tell(strings.TrimSpace(line))
	}
	return all, exit(exitSettings)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// keepSecret reads a secret from standard input and seals it.
func (p *program) keepSecret(ctx context.Context, id, field string) error {
	set, err := settings.Load(p.folder)
	if err != nil {
		return err
	}
	var ids []string
	for _, phone := range set.Phones {
		if phone.ID == id {
			return p.keepSecretOf(ctx, phone, field)
		}
		ids = append(ids, phone.ID)
	}
	if ids == nil {
		return usage("there is no phone in %s yet; write one under phones in it first", filepath.Join(p.folder, settings.File))
	}
	return usage("there is no phone %q in the settings; there are: %s", id, strings.Join(ids, ", "))
}

func (p *program) keepSecretOf(ctx context.Context, of settings.Phone, field string) error {
	systems, _ := p.systems()
	system, err := systems.System(of.System)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(system.Fields, func(f phone.Field) bool { return f.Name == field && f.Secret })
	if i < 0 {
		var names []string
		for _, f := range system.Fields {
			if f.Secret {
				names = append(names, f.Name)
			}
		}
		return usage("%s has no secret %q; it has: %s", system.Title, field, cmp.Or(strings.Join(names, ", "), "none"))
	}
	text, err := p.readSecret(ctx, fmt.Sprintf("%s of %s, then Enter: ", system.Fields[i].Label, cmp.Or(of.Title, system.Title)))
	if err != nil {
		return err
	}
	if text == "" {
		return usage("nothing was typed, so nothing is kept")
	}
	if told, err := p.handSecret(ctx, of.ID, field, text); told {
		return err
	}
	store, err := secrets.Open(ctx, p.folder, secrets.System(service))
	if err == nil {
		err = store.Set(resident.SecretName(of.ID, field), []byte(text))
		profile.Entered(store, of.ID)
	}
	if err != nil {
		wrong := problem.Of(err)
		return &problem.Problem{Kind: wrong.Kind, What: wrong.What, Err: err, Do: problem.Say(
			"Put that right, or start offhook with the secret in the environment variable {name}", "name", resident.SecretVariable(of.ID, field))}
	}
	fmt.Fprintln(p.err, "Sealed. Offhook uses it when it starts.")
	return nil
}

// answer is what `map --json` prints of a row.
type answer struct {
	Phone       string  `json:"phone"`
	From        string  `json:"from"`
	FromTitle   string  `json:"from_title"`
	Target      *string `json:"target"`
	TargetTitle string  `json:"target_title,omitempty"`
	Unchanged   bool    `json:"unchanged"`
	Why         string  `json:"why,omitempty"`
}

func (p *program) mapping(_ context.Context, flags *flag.FlagSet, args []string) error {
	id := flags.String("phone", "", "the `ID` of a phone in the settings, or of a phone system")
	state := flags.String("teams", "", "a `STATE` of Teams, such as Busy/InACall or \"In a call\"")
	status := flags.String("status", "", "a `STATUS` of the phone")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	m, err := p.findMapping(*id)
	if err != nil {
		return err
	}
	toPhone, toTeams := resident.Rows(m)
	given := map[string]bool{} // also where it is empty
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case given["teams"] && given["status"]:
		return usage("name a Teams state or a status, not both")
	case given["teams"]:
		return p.answerState(*id, *state, toPhone)
	case given["status"]:
		return p.answerRow(*id, *status, toTeams, "status")
	}
	if p.json {
		p.printJSON(map[string]any{"phone": *id, "to_phone": answers(*id, toPhone), "to_teams": answers(*id, toTeams)}, true)
		return nil
	}
	w := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "TEAMS\tPHONE")
	printRows(w, toPhone)
	fmt.Fprintln(w, "\t\nPHONE\tTEAMS")
	printRows(w, toTeams)
	return w.Flush()
}

func printRows(w io.Writer, rows []local.Row) {
	for _, r := range rows {
		if r.Unchanged {
			fmt.Fprintf(w, "%s\tunchanged: %s\n", r.FromTitle, r.Why)
		} else {
			fmt.Fprintf(w, "%s\t%s\n", r.FromTitle, r.ToTitle)
		}
	}
}

// findMapping finds the mapping of a phone in the settings, with the person's own rows, or of a system.
func (p *program) findMapping(id string) (presence.Mapping, error) {
	systems, bad := p.systems()
	set, err := settings.Load(p.folder)
	if err != nil {
		return presence.Mapping{}, err
	}
	var names []string
	for _, phone := range set.Phones {
		names = append(names, phone.ID)
		if !strings.EqualFold(phone.ID, id) {
			continue
		}
		s, err := systems.System(phone.System)
		if err != nil {
			return presence.Mapping{}, err
		}
		return resident.Mapping(phone, s)
	}
	for _, s := range systems.Systems() {
		names = append(names, s.ID)
		if strings.EqualFold(s.ID, id) {
			return s.Offered(), nil
		}
	}
	slices.Sort(names)
	if id == "" {
		return presence.Mapping{}, usage("name a phone with --phone; there are: %s", strings.Join(slices.Compact(names), ", "))
	}
	wrong := usage("there is no phone %q; there are: %s", id, strings.Join(slices.Compact(names), ", "))
	if bad != nil { // it may be the one whose file is wrong
		fmt.Fprintf(p.err, "offhook: %v\n", wrong)
		return presence.Mapping{}, bad
	}
	return presence.Mapping{}, wrong
}

// answerState finds the row of a Teams state by its pair, in any of its variants, or by its title.
func (p *program) answerState(id, state string, rows []local.Row) error {
	if pair, err := presence.ParsePair(state); err == nil {
		if pair == presence.Unknown {
			return p.answer(local.Row{From: pair.String(), FromTitle: "Unknown", Unchanged: true,
				Why: "Teams does not know the person's presence, and unknown is no state to mirror"}, id)
		}
		if s, ok := presence.State(presence.Presence{Pair: pair}); ok {
			state = s.Pair.String()
		}
	}
	return p.answerRow(id, state, rows, "Teams state")
}

func (p *program) answerRow(id, from string, rows []local.Row, what string) error {
	var names []string
	for _, r := range rows {
		if strings.EqualFold(r.From, from) || strings.EqualFold(r.FromTitle, from) {
			return p.answer(r, id)
		}
		names = append(names, r.From)
	}
	return usage("%s: there is no %s %q; there are: %s", id, what, from, strings.Join(names, ", "))
}

func (p *program) answer(r local.Row, id string) error {
	a := answers(id, []local.Row{r})[0]
	switch {
	case p.json:
		p.printJSON(a, false)
	case a.Unchanged:
		fmt.Fprintf(p.out, "%s → unchanged: %s\n", a.From, a.Why)
	default:
		fmt.Fprintf(p.out, "%s → %s\n", a.From, *a.Target)
	}
	return nil
}

func answers(id string, rows []local.Row) []answer {
	list := []answer{}
	for _, r := range rows {
		a := answer{Phone: id, From: r.From, FromTitle: r.FromTitle, Unchanged: r.Unchanged, Why: r.Why}
		if !r.Unchanged {
			a.Target, a.TargetTitle = &r.To, r.ToTitle
		}
		list = append(list, a)
	}
	return list
}
