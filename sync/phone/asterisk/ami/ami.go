// Package ami speaks Asterisk's manager interface: lines over TCP or TLS, for what its REST interface cannot do
// (presence states, the database). It must not know extensions, statuses or what do not disturb is.
package ami

import (
	"bufio"
	"context"
	"crypto/md5" // the manager interface knows no other hash
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/offhook/offhook/sync/phone/remote"
)

// What Asterisk may refuse.
var (
	ErrLogin     = errors.New("the manager login was refused")
	ErrForbidden = errors.New("the manager login is not allowed this")
	ErrNotAMI    = errors.New("not Asterisk's manager interface")
)

// Refused is any other refusal, in Asterisk's words.
type Refused struct{ Message string }

func (e *Refused) Error() string { return "Asterisk answers: " + e.Message }

// mostLine is how long a line may be, mostLines how many a message may have.
const (
	mostLine  = 64 << 10
	mostLines = 1000
)

// Message is an answer or an event: its lines by name. Of lines with one name the first counts.
type Message map[string]string

// Line is a line of an action.
type Line struct{ Name, Value string }

// Conn is a connection to a manager interface.
type Conn struct {
	conn     net.Conn
	exchange *remote.Exchange[Message]
	mu       sync.Mutex
	id       int
}

// Dial connects, with TLS where a config is given, and reads the greeting. Event is given each event, on a
// goroutine of the connection's own; Close must be called in the end.
func Dial(ctx context.Context, address string, config *tls.Config, event func(Message)) (*Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	failed := func(err error) (*Conn, error) {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	if config != nil {
		if config.ServerName == "" {
			config = config.Clone()
			config.ServerName, _, _ = net.SplitHostPort(address)
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return failed(err)
		}
		conn = secured
	}
	in := bufio.NewReaderSize(conn, mostLine)
	greeting, err := line(in)
	if err != nil {
		return failed(err)
	}
	if !strings.HasPrefix(greeting, "Asterisk Call Manager/") {
		return failed(fmt.Errorf("%w: it says %.40q", ErrNotAMI, greeting))
	}
	c := &Conn{conn: conn}
	c.exchange = remote.NewExchange(func() (Message, error) { return receive(in) }, func() { _ = conn.Close() }, isAnswer, event)
	return c, nil
}

// isAnswer: what DBGet finds comes as an event of its own, after an answer that only says so.
func isAnswer(m Message) bool {
	if _, ok := m["Response"]; ok {
		return m["EventList"] != "start"
	}
	return m["Event"] == "DBGetResponse"
}

func line(in *bufio.Reader) (string, error) {
	text, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("%w: a line without an end", ErrNotAMI)
	}
	if err == io.EOF && len(text) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return strings.TrimRight(string(text), "\r\n"), err
}

func receive(in *bufio.Reader) (Message, error) {
	m := Message{}
	for n := 0; ; n++ {
		text, err := line(in)
		if err != nil {
			return nil, err
		}
		if text == "" {
			if len(m) > 0 {
				return m, nil
			}
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok || n > mostLines {
			return nil, fmt.Errorf("%w: it says %.40q", ErrNotAMI, text)
		}
		if _, twice := m[name]; !twice {
			m[name] = strings.TrimPrefix(value, " ")
		}
	}
}

// Do carries an action out and answers what Asterisk answers, once it is good.
func (c *Conn) Do(ctx context.Context, action string, lines ...Line) (Message, error) {
	c.mu.Lock()
	c.id++
	id := c.id
	c.mu.Unlock()
	var b strings.Builder
	for _, l := range append([]Line{{"Action", action}, {"ActionID", fmt.Sprint(id)}}, lines...) {
		if strings.ContainsAny(l.Name+l.Value, "\r\n") {
			return nil, &Refused{"a value cannot hold a line's end"}
		}
		b.WriteString(l.Name + ": " + l.Value + "\r\n")
	}
	b.WriteString("\r\n")
	m, err := c.exchange.Ask(ctx, func() error {
		_, err := io.WriteString(c.conn, b.String())
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case m["Response"] != "Error":
		return m, nil
	case m["Message"] == "Permission denied":
		return nil, ErrForbidden
	}
	return nil, &Refused{m["Message"]}
}

// Login signs in without the password going over the line.
func (c *Conn) Login(ctx context.Context, user, password string) error {
	m, err := c.Do(ctx, "Challenge", Line{"AuthType", "MD5"})
	if err != nil {
		return err
	}
	sum := md5.Sum([]byte(m["Challenge"] + password))
	_, err = c.Do(ctx, "Login", Line{"AuthType", "MD5"}, Line{"Username", user}, Line{"Key", hex.EncodeToString(sum[:])})
	if refused := new(Refused); errors.As(err, &refused) || errors.Is(err, ErrForbidden) {
		return fmt.Errorf("%w: %w", ErrLogin, err)
	}
	return err
}

// Get reads a dialplan function, such as DEVICE_STATE(PJSIP/100).
func (c *Conn) Get(ctx context.Context, function string) (string, error) {
	m, err := c.Do(ctx, "Getvar", Line{"Variable", function})
	if err != nil {
		return "", err
	}
	value, ok := m["Value"]
	if !ok {
		return "", fmt.Errorf("%w: no value of %s", ErrNotAMI, function)
	}
	return value, nil
}

// Set sets a dialplan function.
func (c *Conn) Set(ctx context.Context, function, value string) error {
	_, err := c.Do(ctx, "Setvar", Line{"Variable", function}, Line{"Value", value})
	return err
}

// Entry reads an entry of the database. One that is not there is empty; Getvar of DB() would say so of all.
func (c *Conn) Entry(ctx context.Context, family, key string) (string, error) {
	m, err := c.Do(ctx, "DBGet", Line{"Family", family}, Line{"Key", key})
	if refused := new(Refused); errors.As(err, &refused) && refused.Message == "Database entry not found" {
		return "", nil
	}
	return m["Val"], err
}

// SetEntry sets an entry of the database; an empty value deletes it.
func (c *Conn) SetEntry(ctx context.Context, family, key, value string) error {
	if value != "" {
		_, err := c.Do(ctx, "DBPut", Line{"Family", family}, Line{"Key", key}, Line{"Val", value})
		return err
	}
	_, err := c.Do(ctx, "DBDel", Line{"Family", family}, Line{"Key", key})
	if refused := new(Refused); errors.As(err, &refused) { // so it says of one that is not there
		if left, err := c.Entry(ctx, family, key); err != nil || left == "" {
			return err
		}
	}
	return err
}

// Over is closed when the connection has ended.
func (c *Conn) Over() <-chan struct{} { return c.exchange.Over() }

// Why is why it ended.
func (c *Conn) Why() error { return c.exchange.Why() }

// Close ends the connection.
func (c *Conn) Close() { c.exchange.Close() }
