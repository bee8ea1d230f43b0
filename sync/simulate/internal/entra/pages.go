package entra

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed pages.html
var pagesHTML string

var pages = template.Must(template.New("pages").Parse(pagesHTML))

type askView struct {
	ID, App, User, Name, Initials, UserCode string
	Wants                                   []string
	Admin                                   bool // an administrator has to approve
}

type field struct{ Name, Value string }

type postView struct {
	To, App string
	Fields  []field
	OK      bool
}

type deviceView struct{ App, Typed, Wrong string }

type messageView struct{ Title, Text string }

// page shows a page that may load nothing, and may send its form only where formAction says.
func (a *Authority) page(w http.ResponseWriter, status int, name string, view any, formAction string) {
	nonce := rand.Text()
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, struct {
		Nonce string
		View  any
	}{nonce, view}); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+
		"'; form-action "+formAction+"; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

func (a *Authority) message(w http.ResponseWriter, status int, title, text string) {
	a.page(w, status, "message", messageView{title, text}, "'none'")
}

// broken tells the person, where the browser cannot be sent back to the application.
func (a *Authority) broken(w http.ResponseWriter, e oauthError) {
	a.message(w, http.StatusBadRequest, "Sign-in cannot go on", e.Error())
}

func initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		b.WriteString(strings.ToUpper(word[:1]))
	}
	return b.String()
}

// wants says in words what the scopes let an application do.
func wants(scopes []string) []string {
	words := map[string]string{
		"user.read":          "Sign you in and read your profile",
		"presence.read":      "Read your presence",
		"presence.readwrite": "Read and set your presence",
		"presence.read.all":  "Read the presence of everybody in your organisation",
		"offline_access":     "Stay signed in until you sign out",
	}
	var list []string
	for _, scope := range scopes {
		if w := words[strings.ToLower(short(scope))]; w != "" && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return list
}
