package simulate

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Browse does what a person and their browser do with a sign-in page, where there is no display: it opens
// the page, presses its first button (Continue), and sends the form that leads back to the application.
// client nil is http.DefaultClient.
func Browse(ctx context.Context, client *http.Client, url string) error {
	return visit(ctx, client, url, visitor{})
}

// BrowseAndCancel is Browse for a person who presses Cancel.
func BrowseAndCancel(ctx context.Context, client *http.Client, url string) error {
	return visit(ctx, client, url, visitor{press: "cancel"})
}

// BrowseDevice is Browse for the page of a device code: it types the code, then continues.
func BrowseDevice(ctx context.Context, client *http.Client, url, code string) error {
	return visit(ctx, client, url, visitor{types: code})
}

// visitor is the person in front of the page.
type visitor struct {
	press string // the value of the button; empty: the first
	types string // into a text field
}

const maxPages = 6

func visit(ctx context.Context, client *http.Client, address string, v visitor) error {
	if client == nil {
		client = http.DefaultClient
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	for range maxPages {
		if err != nil {
			return fmt.Errorf("the sign-in page: %w", err)
		}
		var next *http.Request
		if next, err = v.turn(ctx, client, req); err == nil && next == nil {
			return nil
		}
		req = next
	}
	return errors.Join(errors.New("the sign-in page leads from form to form without an end"), err)
}

// turn looks at one page and answers the request that its form makes; none where it has no form.
func (v visitor) turn(ctx context.Context, client *http.Client, req *http.Request) (*http.Request, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	p, err := readPage(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("cannot read the page at %s: %w", req.URL.Host, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d: %s", req.URL.Host, resp.StatusCode, p.text)
	}
	if !p.hasForm {
		return nil, nil
	}
	to, err := resp.Request.URL.Parse(p.action)
	if err != nil {
		return nil, err
	}
	next, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(p.fill(v).Encode()))
	if err == nil {
		next.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return next, err
}

type input struct{ kind, name, value string }

type webPage struct {
	hasForm bool
	action  string
	inputs  []input
	text    string // what the page says
}

// readPage reads a page's one form.
func readPage(r io.Reader) (p webPage, err error) {
	d := xml.NewDecoder(io.LimitReader(r, 1<<20))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var inside string
	var text []string
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			p.text = strings.Join(text, " ")
			return p, nil
		}
		if err != nil {
			return p, err
		}
		switch t := t.(type) {
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" && inside != "style" && inside != "script" {
				text = append(text, s)
			}
		case xml.EndElement:
			inside = ""
		case xml.StartElement:
			inside = t.Name.Local
			switch attr := attributes(t); inside {
			case "form":
				p.hasForm, p.action = true, attr["action"]
			case "input":
				p.inputs = append(p.inputs, input{attr["type"], attr["name"], attr["value"]})
			case "button":
				p.inputs = append(p.inputs, input{"submit", attr["name"], attr["value"]})
			}
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	m := map[string]string{}
	for _, a := range e.Attr {
		m[a.Name.Local] = a.Value
	}
	return m
}

// fill fills the form in as the visitor does, and presses one button.
func (p webPage) fill(v visitor) url.Values {
	fields, pressed := url.Values{}, false
	for _, i := range p.inputs {
		switch {
		case i.name == "":
			continue
		case i.kind == "text":
			i.value = v.types
		case i.kind == "submit" && (pressed || v.press != "" && i.value != v.press):
			continue
		case i.kind == "submit":
			pressed = true
		}
		fields.Add(i.name, i.value)
	}
	return fields
}
