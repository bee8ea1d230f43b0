package account

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
)

// registration is how Offhook may sign in: most people never look at it, so it is folded away.
type registration struct {
	w       *wire.Wire
	content *fyne.Container
	form    *part.Form
	entries map[string]*part.Entry // by the setting's key
	save    *part.Button
	shown   local.AccountSettings
}

func newRegistration(w *wire.Wire) *registration {
	r := &registration{w: w, entries: map[string]*part.Entry{}}
	r.form = part.NewForm()
	add := func(key, label, help string) {
		e := part.NewEntry()
		e.OnChanged = func(string) { r.changed() }
		e.OnSubmitted = func(string) { r.keep() }
		r.entries[key] = e
		r.form.Add(label, help, e)
	}
	add("client_id", w.T("Application (client) ID"), w.T("Of the app registration; the README tells how to make one."))
	add("tenant", w.T("Tenant"), w.T("Empty: any organisation."))
	add("authority", w.T("Sign-in address"), w.T("Empty: Microsoft's; another for a national cloud."))
	add("graph", w.T("Graph address"), w.T("Empty: Microsoft's; another for a national cloud."))
	add("root_certificate", w.T("Root certificate"), w.T("A PEM file to trust besides the system's."))
	r.save = part.NewMain(w.T("Save"), theme.DocumentSaveIcon(), r.keep)
	fold := part.NewFold(w.T("How Offhook signs in"), part.Stack(r.form, part.Padded(part.Row(r.save))))
	r.content = part.Stack(fold)
	return r
}

func (r *registration) set(s local.Settings) {
	a := s.Account
	r.shown = a
	for key, value := range map[string]string{"client_id": a.ClientID, "tenant": a.Tenant, "authority": a.Authority,
		"graph": a.Graph, "root_certificate": a.RootCertificate} {
		r.entries[key].Put(value)
		part.Enable(r.entries[key], !s.Locks("account."+key))
		r.form.Lock(r.entries[key], lockText(r.w, s.Locks("account."+key)))
	}
	r.changed()
}

func lockText(w *wire.Wire, locked bool) string {
	if locked {
		return w.T("Set by your administrator")
	}
	return ""
}

// edit is what differs from what is set.
func (r *registration) edit() (e local.AccountEdit, any bool) {
	differs := func(key, was string) *string {
		if text := r.entries[key].Text; text != was {
			any = true
			return &text
		}
		return nil
	}
	e = local.AccountEdit{ClientID: differs("client_id", r.shown.ClientID), Tenant: differs("tenant", r.shown.Tenant),
		Authority: differs("authority", r.shown.Authority), Graph: differs("graph", r.shown.Graph),
		RootCertificate: differs("root_certificate", r.shown.RootCertificate)}
	return e, any
}

func (r *registration) changed() {
	_, any := r.edit()
	part.Enable(r.save, any)
}

func (r *registration) keep() {
	if e, any := r.edit(); any {
		r.w.Edit(local.Edit{Account: &e})
	}
}
