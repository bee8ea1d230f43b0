package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
)

// source is a request's address as the file has it.
func (r *request) source() string {
	if r.URL != nil {
		return r.URL.source
	}
	return r.Path.source
}

func (x *exchange) build(r *request, at page, s session, more map[string]string, accept string) (*http.Request, error) {
	values := x.values(s, more)
	in := x.p.file.SignIn
	query, address := url.Values{}, at.address
	switch {
	case address != "":
	case r.URL != nil:
		address = r.URL.address(values)
	default:
		address = strings.TrimRight(x.base.String(), "/") + r.Path.path(values)
	}
	if at.address == "" { // a next page's has all it needs
		for name, t := range r.Query {
			query.Set(name, t.plain(values))
		}
	}
	if at.token != "" {
		query.Set(r.Pages.Query.s, at.token)
	}
	for name, t := range in.shown(s).Query {
		query.Set(name, t.plain(values))
	}
	if len(query) > 0 {
		sep := "?"
		if strings.Contains(address, "?") {
			sep = "&"
		}
		address += sep + query.Encode()
	}
	content, kind, err := x.content(r, values, more)
	if err != nil {
		return nil, err
	}
	method := http.MethodGet
	if r.Method.s != "" {
		method = strings.ToUpper(r.Method.s)
	}
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.sent = true }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(x.ctx, trace), method, address, content)
	if err != nil || req.URL.Host == "" || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return nil, errors.New("the address, method or body is not one that can be sent")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "Offhook")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, headers := range []map[string]template{x.p.file.Headers, in.shown(s).Headers, r.Headers} {
		for name, t := range headers {
			req.Header.Set(name, t.plain(values))
		}
	}
	in.credentials(req, values)
	return req, nil
}

// content is what a request sends, and of what kind it is.
func (x *exchange) content(r *request, values, more map[string]string) (io.Reader, string, error) {
	var tree any
	switch {
	case r.Form != nil:
		form := url.Values{}
		for name, t := range r.Form {
			form.Set(name, t.plain(values))
		}
		return strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", nil
	case r.XML != nil:
		return strings.NewReader(r.XML.markup(values)), "application/xml; charset=UTF-8", nil
	case r.Text != nil:
		return strings.NewReader(r.Text.plain(values)), "text/plain; charset=UTF-8", nil
	case r.Body != nil:
		tree = r.Body.fill(values)
	case r.JSON != nil:
		var err error
		if tree, err = r.JSON.run(x.ctx, nil, x.visible.with(more)); err != nil {
			return nil, "", err
		}
	default:
		return nil, "", nil
	}
	data, err := json.Marshal(tree)
	return bytes.NewReader(data), "application/json", err
}
