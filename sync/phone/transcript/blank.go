package transcript

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Dots stand for a secret.
const dots = "•••"

// Headers that are no secret; of all others only the name is shown.
var open = []string{"Accept", "Allow", "Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date",
	"Location", "Retry-After", "Sec-Websocket-Protocol", "Sec-Websocket-Version", "Server", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Request-Id"}

// secretName tells by a name whether what it names is a secret.
var secretName = regexp.MustCompile(`(?i)(token|secret|passw|passwd|^pass$|^pwd$|^pin$|gspass|session|ticket|credential|api.?key|jwt|assertion|verifier|authorization|cookie|^code$|^sid$|signature)`)

var jsonPair = regexp.MustCompile(`"([^"]+)"\s*:\s*"([^"]+)`)

// What is shorter is not looked for elsewhere: it would blank other words.
const shortest = 4

func headers(h http.Header) string {
	var b strings.Builder
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := dots
		if slices.Contains(open, name) {
			value = strings.Join(h[name], ", ")
		}
		fmt.Fprintf(&b, "  %s: %s\n", name, value)
	}
	return b.String()
}

// learnHeaders remembers what is shown and handed out in headers.
func (t *Transcript) learnHeaders(h http.Header) {
	for _, cookie := range (&http.Response{Header: h}).Cookies() {
		t.obtained(cookie.Value)
	}
	for name, values := range h {
		if secretName.MatchString(name) && !slices.Contains(open, name) {
			for _, v := range values {
				_, credentials, _ := strings.Cut(v, " ") // after Basic or Bearer
				t.obtained(v, credentials)
			}
		}
	}
	if to, err := url.Parse(h.Get("Location")); err == nil {
		t.learnQuery(to.Query())
	}
}

func (t *Transcript) learnQuery(q url.Values) {
	for name, values := range q {
		if secretName.MatchString(name) {
			t.obtained(values...)
		}
	}
}

func (t *Transcript) obtained(values ...string) {
	for _, v := range values {
		if len(v) >= shortest {
			t.Hide(v)
		}
	}
}

// learn remembers what a text holds under names of secrets.
func (t *Transcript) learn(kind, text string) {
	if kind, _, _ := mime.ParseMediaType(kind); kind == "application/x-www-form-urlencoded" {
		if q, err := url.ParseQuery(text); err == nil {
			t.learnQuery(q)
		}
		return
	}
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		t.learnTree("", v)
		return
	}
	for _, pair := range jsonPair.FindAllStringSubmatch(text, -1) { // of a stream, or of half an answer
		if secretName.MatchString(pair[1]) {
			t.obtained(pair[2])
		}
	}
	d := xml.NewDecoder(strings.NewReader(text))
	inside := []string{""}
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = append(inside, token.Name.Local)
			for _, a := range token.Attr {
				if secretName.MatchString(a.Name.Local) {
					t.obtained(a.Value)
				}
			}
		case xml.EndElement:
			inside = inside[:max(len(inside)-1, 1)]
		case xml.CharData:
			if secretName.MatchString(inside[len(inside)-1]) {
				t.obtained(strings.TrimSpace(string(token)))
			}
		}
	}
}

func (t *Transcript) learnTree(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			t.learnTree(key, inner)
		}
	case []any:
		for _, inner := range v {
			t.learnTree(name, inner)
		}
	case string:
		if secretName.MatchString(name) {
			t.obtained(v)
		}
	}
}

// shown is a body as a person can read it.
func shown(kind, text string) string {
	if kind, _, _ := mime.ParseMediaType(kind); kind == "application/json" || strings.HasSuffix(kind, "+json") {
		var b bytes.Buffer
		if json.Compact(&b, []byte(text)) == nil {
			text = b.String()
		}
	}
	return text
}

func indented(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}

// blanked takes every secret out of a text, in each form in which it may stand there.
func (t *Transcript) blanked(s string) string {
	t.mu.Lock()
	secrets, blank := slices.Clone(t.secrets), slices.Clone(t.blank)
	t.mu.Unlock()
	// The longest first: one may be a part of another.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			s = strings.ReplaceAll(s, form, dots)
		}
	}
	for _, f := range blank {
		s = f(s)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if len(line) > mostShown {
			lines[i] = strings.ToValidUTF8(line[:mostShown], "") + "…"
		}
	}
	return strings.Join(lines, "\n")
}

func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	var unescaped bytes.Buffer // JSON without its care for web pages
	e := json.NewEncoder(&unescaped)
	e.SetEscapeHTML(false)
	_ = e.Encode(secret)
	var markup bytes.Buffer
	_ = xml.EscapeText(&markup, []byte(secret))
	raw := []string{secret, url.QueryEscape(secret), url.PathEscape(secret),
		strings.Trim(string(quoted), `"`), strings.Trim(strings.TrimSpace(unescaped.String()), `"`), markup.String(),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
	slices.SortFunc(raw, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(raw)
}
