package simulate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/simulate"
	"github.com/offhook/offhook/sync/testreal"
)

// A real browser signs in: the form that leads back to the application sends itself.
func TestBrowserSignsIn(t *testing.T) {
	b := openBrowser(t)
	w := start(t, simulate.Options{})
	done := make(chan struct{})
	result, err := w.application().AcquireTokenInteractive(t.Context(), allScopes, public.WithOpenURL(func(url string) error {
		go func() {
			defer close(done)
			b.open(url)
			b.eval(`document.querySelector('[data-test=account]').textContent`)
			b.eval(`document.querySelector('#continue').click()`)
		}()
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	<-done
	if result.Account.PreferredUsername != simulate.UserName {
		t.Errorf("signed in as %q", result.Account.PreferredUsername)
	}
}

// A real browser plays the page, and the page follows what happens elsewhere.
func TestBrowserPlays(t *testing.T) {
	b := openBrowser(t)
	w := start(t, simulate.Options{})
	b.open(w.PageURL())
	b.wait(`document.documentElement.dataset.ready === 'true'`)

	b.wait(`document.querySelector('#phone-answer').getAttribute('aria-disabled') === 'true'`)
	b.eval(`document.querySelector('#phone-ring').click()`)
	b.wait(`document.querySelector('#phone-line').textContent === 'Ringing'`)
	b.eval(`document.querySelector('#phone-answer').click()`)
	b.wait(`document.querySelector('#phone-line').textContent === 'On a call'`)
	b.eval(`document.querySelector('#phone-status-dnd').click()`)
	b.wait(`document.querySelector('#phone-status').textContent === 'Do not disturb'`)
	b.eval(`document.querySelector('#teams-calendar').click()`)
	b.wait(`document.querySelector('#teams-title').textContent === 'In a meeting'`)
	b.eval(`document.querySelector('#teams-choose-dnd').click()`)
	b.wait(`document.querySelector('#teams-pair').textContent === 'DoNotDisturb / DoNotDisturb'`)
	b.wait(`document.querySelector('#teams-choose-dnd').getAttribute('aria-pressed') === 'true'`)

	s := w.State()
	if s.Phone.Line != "talking" || s.Phone.Status != "dnd" || s.Teams.Shows != presence.DoNotDisturb {
		t.Errorf("played: %+v, %+v", s.Phone, s.Teams)
	}

	if err := w.Phone.HangUp(); err != nil {
		t.Fatal(err)
	}
	b.wait(`document.querySelector('#phone-line').textContent === 'Idle'`)
	b.wait(`document.querySelector('#timeline li .what').textContent === 'The line is idle again'`)

	g := w.signedIn()
	g.post("/me/presence/clearUserPreferredPresence", `{}`)
	g.post("/me/presence/setPresence", inACall(g.ClientID()))
	b.wait(`document.querySelector('#hold-session').textContent.startsWith('In a call')`)
	b.wait(`document.querySelector('#teams-title').textContent === 'In a call'`)

	unlabelled := b.eval(`[...document.querySelectorAll('button, select')].filter(e =>
		!(e.textContent.trim() && (e.tagName === 'BUTTON' || e.labels.length))).map(e => e.id).join()`)
	if unlabelled != "" {
		t.Errorf("without a name: %v", unlabelled)
	}
	if wrong := b.eval(`document.documentElement.scrollWidth > innerWidth`); wrong != false {
		t.Error("the page is wider than the window")
	}
}

// browser is a page in a headless Chromium, driven over its DevTools protocol.
type browser struct {
	t      *testing.T
	ctx    context.Context
	socket *websocket.Conn
	id     int
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	program := testreal.Program(t, "chromium", "install chromium")
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--remote-debugging-port=0", "--window-size=1280,800", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.WaitDelay = 5 * time.Second
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, ctx: ctx}
	drained := make(chan struct{})
	t.Cleanup(func() {
		if b.socket != nil {
			_ = b.socket.CloseNow()
		}
		cancel()
		<-drained
		_ = cmd.Wait()
	})
	address := make(chan string, 1)
	go func() {
		defer close(drained)
		listening := regexp.MustCompile(`DevTools listening on ws://([^/]+)/`)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
	}()
	select {
	case a := <-address:
		b.connect(a)
	case <-drained:
		t.Fatal("the browser ended before it listened")
	}
	return b
}

func (b *browser) connect(address string) {
	b.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPut, "http://"+address+"/json/new?"+url.QueryEscape("about:blank"), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var page struct{ WebSocketDebuggerURL string }
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		b.t.Fatal(err)
	}
	socket, _, err := websocket.Dial(b.ctx, page.WebSocketDebuggerURL, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		b.t.Fatal(err)
	}
	socket.SetReadLimit(8 << 20)
	b.socket = socket
	b.call("Log.enable", nil)
	b.call("Runtime.enable", nil)
}

type cdpMessage struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// call makes one call and waits for its answer. An error that the page reports meanwhile fails the test.
func (b *browser) call(method string, params any) json.RawMessage {
	b.t.Helper()
	b.id++
	err := wsjson.Write(b.ctx, b.socket, map[string]any{"id": b.id, "method": method, "params": params})
	for err == nil {
		var m cdpMessage
		if err = wsjson.Read(b.ctx, b.socket, &m); err != nil {
			break
		}
		if m.Method == "Runtime.exceptionThrown" || m.Method == "Log.entryAdded" {
			b.t.Errorf("the page reports: %s", m.Params)
		}
		if m.ID == b.id {
			if m.Error != nil {
				err = fmt.Errorf("%s", m.Error.Message)
				break
			}
			return m.Result
		}
	}
	b.t.Errorf("%s: %v", method, err)
	return nil
}

// open opens a page and waits until it is there.
func (b *browser) open(address string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": address})
	b.wait(`document.readyState === 'complete'`)
}

// eval evaluates an expression in the page.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	raw := b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if raw == nil {
		return nil
	}
	if err := json.Unmarshal(raw, &answer); err != nil || answer.ExceptionDetails != nil {
		b.t.Errorf("%s: %v %s", expression, err, answer.ExceptionDetails)
	}
	return answer.Result.Value
}

// wait waits until a condition is true in the page.
func (b *browser) wait(condition string) {
	b.t.Helper()
	if b.eval(`new Promise(done => {
		const until = Date.now() + 5000;
		const look = () => (`+condition+`) ? done(true) : Date.now() > until ? done(false) : setTimeout(look, 10);
		look();
	})`) != true {
		b.t.Fatalf("never came true: %s", condition)
	}
}
