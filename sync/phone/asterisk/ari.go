package asterisk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/offhook/offhook/sync/problem"
)

// usualPatience is how long Asterisk may take to answer.
const usualPatience = 10 * time.Second

// ari speaks ARI over HTTP. It asks one thing at a time, so that a login that is wrong is tried once, whoever
// asks first, and never again: a second try may lock the account or ban the address.
type ari struct {
	server   string
	login    string // the Authorization header; in the address it would end in a proxy's log
	http     *http.Client
	patience time.Duration
	turn     chan struct{}
	wrong    *problem.Problem // the login was refused; whoever has the turn may touch it
}

func newARI(s settings, c *http.Client) *ari {
	login := "Basic " + base64.StdEncoding.EncodeToString([]byte(s.user+":"+s.password))
	return &ari{server: s.server, login: login, http: c, patience: usualPatience, turn: make(chan struct{}, 1)}
}

// ask does one request, with a time limit, unless the login is known to be wrong.
func (a *ari) ask(ctx context.Context, task problem.Text, writes bool, do func(context.Context) (*http.Response, error)) ([]byte, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, a.noAnswer(ctx.Err(), task, false)
	}
	if a.wrong != nil {
		return nil, a.wrong
	}
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	resp, err := do(ctx)
	if resp == nil {
		return nil, a.noAnswer(err, task, writes)
	}
	var body []byte
	var broken error
	if resp.Body != nil { // a WebSocket's answer has none
		body, broken = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
	}
	if p := a.refusal(resp, body, task, writes); p != nil {
		if p.Kind == problem.BadLogin {
			a.wrong = p
		}
		return nil, p
	}
	if err != nil {
		return nil, a.nonsense(err) // an answer, and a good one, but not one that opens a WebSocket
	}
	if broken != nil {
		return nil, a.noAnswer(broken, task, writes)
	}
	return body, nil
}

// call is one REST request. task says in words what it asks for: "the state of PJSIP/100".
func (a *ari) call(ctx context.Context, task problem.Text, method, path string, query url.Values, body []byte) ([]byte, error) {
	return a.ask(ctx, task, method != http.MethodGet, func(ctx context.Context) (*http.Response, error) {
		address := a.server + path
		if len(query) > 0 {
			address += "?" + query.Encode()
		}
		req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", a.login)
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		return a.http.Do(req)
	})
}

// events opens the stream of events for an application.
func (a *ari) events(ctx context.Context, app string) (*websocket.Conn, error) {
	var conn *websocket.Conn
	_, err := a.ask(ctx, problem.Say("the stream of events"), false, func(ctx context.Context) (resp *http.Response, err error) {
		conn, resp, err = websocket.Dial(ctx, a.server+"/events?"+url.Values{"app": {app}}.Encode(), &websocket.DialOptions{
			HTTPClient: a.http,
			HTTPHeader: http.Header{"Authorization": {a.login}},
		})
		return resp, err
	})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// subscribe names what the application is to hear of: the devices' states, and that another connection took
// its name. ARI's filter applies to ApplicationReplaced too: left out, the loser would never learn of it.
func (a *ari) subscribe(ctx context.Context, app string, devices []string) error {
	sources := make([]string, len(devices))
	for i, d := range devices {
		sources[i] = "deviceState:" + d
	}
	task := problem.Say("news of {device}", "device", strings.Join(devices, ", "))
	path := "/applications/" + url.PathEscape(app)
	if _, err := a.call(ctx, task, http.MethodPut, path+"/eventFilter", nil,
		[]byte(`{"allowed":[{"type":"DeviceStateChanged"},{"type":"ApplicationReplaced"}]}`)); err != nil {
		return err
	}
	_, err := a.call(ctx, task, http.MethodPost, path+"/subscription", url.Values{"eventSource": {strings.Join(sources, ",")}}, nil)
	return err
}

// state reads a device's state.
func (a *ari) state(ctx context.Context, device string) (string, error) {
	body, err := a.call(ctx, problem.Say("the state of {device}", "device", device), http.MethodGet, "/deviceStates/"+url.PathEscape(device), nil, nil)
	if err != nil {
		return "", err
	}
	var answer struct{ Name, State string }
	if err := json.Unmarshal(body, &answer); err != nil || answer.State == "" {
		return "", a.nonsense(errors.Join(err, errors.New("not a device state")))
	}
	return answer.State, nil
}

// set sets a device's state. Only Stasis: states are ARI's own; the others are a dialplan function's.
func (a *ari) set(ctx context.Context, device, state string) (err error) {
	task := problem.Say("a new state of {device}", "device", device)
	if strings.HasPrefix(device, "Stasis:") {
		_, err = a.call(ctx, task, http.MethodPut, "/deviceStates/"+url.PathEscape(device), url.Values{"deviceState": {state}}, nil)
	} else {
		_, err = a.call(ctx, task, http.MethodPost, "/asterisk/variable",
			url.Values{"variable": {"DEVICE_STATE(" + device + ")"}, "value": {state}}, nil)
	}
	return err
}
