package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"runtime"
	"syscall"
	"time"
)

// ErrNotRunning is what every method of the client returns when no resident answers.
var ErrNotRunning = errors.New("offhook is not running for this configuration: start it with offhook")

// Client asks the resident of one configuration folder. It may be used by several goroutines at once.
type Client struct {
	http *http.Client
}

// Dial makes a client. Nothing is opened before the first request.
func Dial(configDir string) *Client {
	return &Client{http: &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, // a client that is dropped leaves nothing open
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return knock(ctx, configDir)
		},
	}}}
}

// knock connects to the resident, and makes sure that it is the person's own.
func knock(ctx context.Context, configDir string) (net.Conn, error) {
	path, err := SocketPath(configDir)
	if err != nil {
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		nobody := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || runtime.GOOS == "windows"
		if nobody && ctx.Err() == nil {
			return nil, ErrNotRunning
		}
		return nil, err
	}
	if err := checkPeer(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Status asks for the status as it is now.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var status Status
	err := c.ask(ctx, http.MethodGet, pathStatus, nil, &status)
	return status, err
}

// SignIn asks the person to sign in.
func (c *Client) SignIn(ctx context.Context, how SignIn) (Result, error) {
	return c.act(ctx, pathSignIn, how)
}

// SignOut forgets the sign-in.
func (c *Client) SignOut(ctx context.Context) (Result, error) {
	return c.act(ctx, pathSignOut, nil)
}

// Pause stops the mirroring until then; zero: until resumed.
func (c *Client) Pause(ctx context.Context, until time.Time) (Result, error) {
	return c.act(ctx, pathPause, Pause{Until: until})
}

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context) (Result, error) {
	return c.act(ctx, pathResume, nil)
}

// Settings opens the window.
func (c *Client) Settings(ctx context.Context) (Result, error) {
	return c.act(ctx, pathSettings, nil)
}

// Quit has the resident give back what it holds and end.
func (c *Client) Quit(ctx context.Context) (Result, error) {
	return c.act(ctx, pathQuit, nil)
}

// SetStatus sets a status on both sides.
func (c *Client) SetStatus(ctx context.Context, choice Choice) (Result, error) {
	return c.act(ctx, pathSetStatus, SetStatus{choice})
}

// CancelSignIn gives up the sign-in under way.
func (c *Client) CancelSignIn(ctx context.Context) (Result, error) {
	return c.act(ctx, pathCancelSignIn, nil)
}

// SignInPhone begins a sign-in to a phone in the person's browser.
func (c *Client) SignInPhone(ctx context.Context, phone string) (Result, error) {
	return c.act(ctx, pathSignInPhone, phone)
}

// CancelSignInPhone gives up the one under way.
func (c *Client) CancelSignInPhone(ctx context.Context, phone string) (Result, error) {
	return c.act(ctx, pathCancelPhone, phone)
}

// SignOutPhone forgets the sign-in to a phone.
func (c *Client) SignOutPhone(ctx context.Context, phone string) (Result, error) {
	return c.act(ctx, pathSignOutPhone, phone)
}

// ReadSettings asks for the settings as they stand.
func (c *Client) ReadSettings(ctx context.Context) (Settings, error) {
	return query[Settings](ctx, c, pathReadSettings, nil)
}

// EditSettings changes settings. What is wrong with them, and which key, stands in the Result.
func (c *Client) EditSettings(ctx context.Context, e Edit) (Result, error) {
	return c.act(ctx, pathEditSettings, e)
}

// Systems asks for the phone systems.
func (c *Client) Systems(ctx context.Context) (Systems, error) {
	return query[Systems](ctx, c, pathSystems, nil)
}

// Test tries a phone connection.
func (c *Client) Test(ctx context.Context, t Test) (Tested, error) {
	return query[Tested](ctx, c, pathTest, t)
}

// Targets asks what the rows of a phone's mapping may name.
func (c *Client) Targets(ctx context.Context, phone string) (Targets, error) {
	return query[Targets](ctx, c, pathTargets, phone)
}

// Try asks what a state on one side would do.
func (c *Client) Try(ctx context.Context, t Try) (Tried, error) {
	return query[Tried](ctx, c, pathTry, t)
}

// Activity asks for a page of the activity.
func (c *Client) Activity(ctx context.Context, q ActivityQuery) (ActivityPage, error) {
	return query[ActivityPage](ctx, c, pathActivity, q)
}

// OpenWindow opens the window on a page, or brings the open one to the front.
func (c *Client) OpenWindow(ctx context.Context, o Open) (Result, error) {
	return c.act(ctx, pathOpenWindow, o)
}

// ReadWindow asks for what the window remembers.
func (c *Client) ReadWindow(ctx context.Context) (Window, error) {
	return query[Window](ctx, c, pathReadWindow, nil)
}

// KeepWindow remembers it.
func (c *Client) KeepWindow(ctx context.Context, w Window) (Result, error) {
	return c.act(ctx, pathKeepWindow, w)
}

// ErrWindowOpen is what Attend returns where a window is open already: that one has come to the front.
var ErrWindowOpen = errors.New("the window is open already")

// Attend is for the window: fn is called each time it is to come to the front, until ctx ends; then it returns
// nil. When the resident ends, or is not there, the error is ErrNotRunning.
func (c *Client) Attend(ctx context.Context, fn func(Show)) error {
	response, err := c.send(ctx, http.MethodGet, pathAttend, nil)
	if errors.Is(err, errConflict) {
		return ErrWindowOpen
	}
	if err == nil {
		defer response.Body.Close()
		err = events(response.Body, fn)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// query asks for something that is no status and no Result.
func query[T any](ctx context.Context, c *Client, path string, argument any) (T, error) {
	var answer T
	err := c.ask(ctx, http.MethodPost, path, argument, &answer)
	return answer, err
}

func (c *Client) act(ctx context.Context, path string, argument any) (Result, error) {
	var result Result
	err := c.ask(ctx, http.MethodPost, path, argument, &result)
	return result, err
}

func (c *Client) ask(ctx context.Context, method, path string, argument, into any) error {
	response, err := c.send(ctx, method, path, argument)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("reading the resident's answer: %w", err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, method, path string, argument any) (*http.Response, error) {
	var body io.Reader = http.NoBody
	if argument != nil {
		data, err := json.Marshal(argument)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+host+path, body)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	switch {
	case errors.Is(err, ErrNotRunning):
		return nil, ErrNotRunning
	case err != nil:
		return nil, fmt.Errorf("asking the resident: %w", err)
	case response.StatusCode == http.StatusOK:
		return response, nil
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusConflict {
		return nil, errConflict
	}
	var no refusal
	if err := json.NewDecoder(response.Body).Decode(&no); err != nil || no.Error == "" {
		no.Error = response.Status
	}
	return nil, fmt.Errorf("the resident refused: %s", no.Error)
}

// Follow calls fn with the status now and at each change until ctx ends, then returns nil. While fn is at
// work newer statuses replace each other: it is called with the newest only. When the resident ends, or is
// not there, the error is ErrNotRunning.
func (c *Client) Follow(ctx context.Context, fn func(Status)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	newest := make(chan Status, 1)
	failed := make(chan error, 1)
	go func() {
		defer close(newest)
		failed <- c.read(ctx, newest)
	}()
	for status := range newest {
		if ctx.Err() == nil {
			fn(status)
		}
	}
	if err := <-failed; ctx.Err() == nil {
		return err
	}
	return nil
}

var errConflict = errors.New("somebody else is there already")

// read puts each status of the stream into newest, in place of one not fetched yet, until the stream ends.
func (c *Client) read(ctx context.Context, newest chan Status) error {
	response, err := c.send(ctx, http.MethodGet, pathFollow, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return events(response.Body, func(status Status) {
		select {
		case <-newest:
		default:
		}
		newest <- status
	})
}

// events calls fn with each event of a stream until it ends, as it does with the resident.
func events[T any](stream io.Reader, fn func(T)) error {
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return ErrNotRunning
		}
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue
		}
		var event T
		if err := json.Unmarshal(data, &event); err != nil {
			return fmt.Errorf("reading what the resident tells: %w", err)
		}
		fn(event)
	}
}
