// Package page is the one page on which the simulated worlds are played and seen: plain HTML, style and
// script, nothing fetched from elsewhere. It must not know the worlds: it talks to /world over HTTP.
package page

import (
	"embed"
	"net/http"
)

//go:embed index.html style.css script.js icon.svg
var files embed.FS

// Handler serves the page at / and what it is made of below /page.
func Handler() http.Handler {
	mux := http.NewServeMux()
	serve := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Cache-Control", "no-cache")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			http.ServeFileFS(w, r, files, name)
		}
	}
	mux.HandleFunc("GET /{$}", serve("index.html"))
	mux.HandleFunc("GET /favicon.ico", serve("icon.svg"))
	for _, name := range []string{"style.css", "script.js", "icon.svg"} {
		mux.HandleFunc("GET /page/"+name, serve(name))
	}
	return mux
}
