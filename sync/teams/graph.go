package teams

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/offhook/offhook/sync/problem"
)

const (
	callTime = 20 * time.Second // for one request and its answer
	bodySize = 1 << 20          // more than this is no answer of Graph
)

// tokens gives access tokens.
type tokens interface {
	// token answers a token. With claims (a claims challenge's, or freshToken) it does not come from the cache.
	token(ctx context.Context, claims string) (string, error)
	// refused says that Graph does not take the token although it is fresh and meets the claims; the answer
	// is what to tell the person.
	refused(claims string) *problem.Problem
	// userID is the id of the person signed in.
	userID() string
}

// throttle remembers until when no request may be sent.
type throttle interface {
	hold(until time.Time)
	held() time.Duration
}

// graph calls Microsoft Graph's presence API.
type graph struct {
	base      string
	sessionID string
	http      *http.Client
	tokens    tokens
	throttle  throttle
	log       *slog.Logger

	mu      sync.Mutex
	root    string // where this tenant answers: /me, or /users/{id} of that user; empty while not known
	rootFor string // the id of the user for whom root was found
	recent  []Request
	untold  int // answers in a row that asked to wait and did not say how long
}

// Request is one request to Graph, with the ids by which Microsoft's support finds it.
type Request struct {
	At              time.Time
	What            string // "GET presence", "POST setPresence"
	Status          int    // 0: no answer
	Took            time.Duration
	RequestID       string // Microsoft's; empty without an answer
	ClientRequestID string // our own
}

const keepRequests = 30

// note keeps what support may ask for: writes, and what failed.
func (g *graph) note(c call, a *answer, asked time.Time) {
	if !c.write() && a.status/100 == 2 {
		return
	}
	r := Request{At: asked, What: c.method + " " + cmp.Or(c.op, "presence"), Status: a.status, Took: time.Since(asked), ClientRequestID: a.id}
	if a.header != nil {
		r.RequestID = newGraphError(c.method, a).RequestID
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.recent = append(g.recent, r)
	g.recent = slices.Delete(g.recent, 0, max(0, len(g.recent)-keepRequests))
}

func (g *graph) requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.recent)
}

// call is one operation on a presence.
type call struct {
	method string
	op     string // an action's name; empty: the presence itself
	body   any
	doing  problem.Text // for sentences: "read your presence"
}

func (c call) write() bool { return c.method != http.MethodGet }

// answer is what came back: the status, what a problem needs of the headers, and the body, if it was read.
type answer struct {
	status int
	header http.Header
	body   []byte
	url    string
	id     string // the request's own id
}

// do carries out a call and answers a 2xx's body (of reads only). asked is when the request was last sent.
func (g *graph) do(ctx context.Context, c call) (body []byte, asked time.Time, err error) {
	if wait := g.throttle.held(); wait > 0 {
		return nil, time.Now(), throttled(wait, nil)
	}
	id := g.tokens.userID()
	root := g.knownRoot(id)
	try := root
	if try == "" {
		try = "/me"
	}
	got, asked, err := g.authorized(ctx, c, try)
	if err != nil {
		return nil, asked, err
	}
	// Some tenants do not answer under /me. Once it has answered there, a 404 means what it says.
	if got.status == http.StatusNotFound && root == "" && id != "" {
		g.log.Debug("graph does not answer under /me, trying /users", "operation", c.op)
		try = "/users/" + url.PathEscape(id)
		if got, asked, err = g.authorized(ctx, c, try); err != nil {
			return nil, asked, err
		}
	}
	if got.status/100 == 2 {
		g.settle(id, try)
		return got.body, asked, nil
	}
	return nil, asked, g.failed(c, got)
}

func (g *graph) knownRoot(id string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.rootFor != id {
		return ""
	}
	return g.root
}

func (g *graph) settle(id, root string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.root, g.rootFor, g.untold = root, id, 0
}

// authorized sends a call with a token. A 401 is answered once: with a token that meets the claims Graph
// asks for, or with a fresh one where it asks for none.
func (g *graph) authorized(ctx context.Context, c call, root string) (*answer, time.Time, error) {
	token, err := g.tokens.token(ctx, "")
	if err != nil {
		return nil, time.Now(), err
	}
	got, asked, err := g.send(ctx, c, root, token)
	if err != nil || got.status != http.StatusUnauthorized {
		return got, asked, err
	}
	claims := challenge(got.header)
	g.log.Debug("graph does not take the token", "claims_challenge", claims != "")
	if claims == "" {
		claims = freshToken
	}
	again, err := g.tokens.token(ctx, claims)
	if err != nil {
		return nil, asked, err
	}
	if again == token {
		return got, asked, nil
	}
	got, asked, err = g.send(ctx, c, root, again)
	if err == nil && got.status == http.StatusUnauthorized {
		if claims := challenge(got.header); claims != "" {
			return nil, asked, g.tokens.refused(claims)
		}
	}
	return got, asked, err
}

// send sends one request and reads as much of its answer as is needed.
func (g *graph) send(ctx context.Context, c call, root, token string) (*answer, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	address := g.base + root + "/presence"
	if c.op != "" {
		address += "/" + c.op
	}
	var content io.Reader
	if c.body != nil {
		data, err := json.Marshal(c.body)
		if err != nil {
			return nil, time.Now(), problem.Of(err)
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, address, content)
	if err != nil {
		return nil, time.Now(), problem.Of(err)
	}
	got := &answer{url: address, id: newRequestID()}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("client-request-id", got.id)
	req.Header.Set("return-client-request-id", "true")
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	asked := time.Now()
	defer func() { g.note(c, got, asked) }()
	resp, err := g.http.Do(req)
	if err != nil {
		return nil, asked, networkProblem(err, req.URL.Host, c.write())
	}
	defer resp.Body.Close()
	got.status, got.header = resp.StatusCode, resp.Header
	if resp.StatusCode/100 != 2 || !c.write() {
		got.body, err = io.ReadAll(io.LimitReader(resp.Body, bodySize+1))
		if err != nil && resp.StatusCode/100 == 2 {
			return nil, asked, networkProblem(err, req.URL.Host, c.write())
		}
	}
	g.log.Debug("graph answered", "method", c.method, "operation", c.op, "status", got.status,
		"took", time.Since(asked).Round(time.Millisecond))
	return got, asked, nil
}
