package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
)

// vendorFile is a phone system with a sign-in page of its own.
const vendorFile = `
id: blue
title: Blue
proof: simulated
documents: [a test]
capabilities: {reads_line: false, reads_status: true, writes: false, events: false}
fields: [{name: server, label: Server}]
base: ${server}
sign_in: {oauth: {authorize: "${server}/authorize", token: "${server}/token", client_id: app}}
read: {request: {path: /me}, chosen: .status}
events: {poll: 1s}
statuses: [{name: Available, value: available, means: available}]
mapping: {teams_to_phone: [], phone_to_teams: [{phone: Available, teams: Available/Available}]}
`

// vendor FOLDER is such a phone system until it is interrupted, and the settings of a person who has it.
func vendor() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {"c1"}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("code") != "c1" || r.PostFormValue("code_verifier") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"access_token":"access-1","refresh_token":"refresh-1","expires_in":3600}`)
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access-1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"status":"available"}`)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		folder := filepath.Join(os.Args[1], "phones")
		err = os.MkdirAll(folder, 0o700)
		for name, text := range map[string]string{filepath.Join(folder, "blue.yaml"): vendorFile, filepath.Join(os.Args[1], "settings.yaml"): fmt.Sprintf(
			"account: {client_id: 00000000-0000-0000-0000-000000000000, authority: \"https://127.0.0.1:9/organizations\", graph: \"https://127.0.0.1:9/v1.0\"}\nphones: [{system: blue, id: blue, fields: {server: %[1]q}}]\n", "http://"+l.Addr().String())} {
			if err == nil {
				err = os.WriteFile(name, []byte(text), 0o600)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	_ = http.Serve(l, mux)
}

// visit URL is the person's browser; while there is a file "closed" they close it at once.
func visit(ctx context.Context, args []string) error {
	if _, err := os.Stat("closed"); err == nil {
		return nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, args[0], nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
