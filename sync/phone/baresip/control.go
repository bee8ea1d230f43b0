package baresip

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/problem"
)

// control is a connection to baresip's control port.
type control struct {
	*remote.Exchange[message]
	*softphone
	conn net.Conn
}

// dial connects. Every event of a call rings the phone's bell; not all versions tell of a call put on hold, but
// all of what comes with it.
func (b *softphone) dial(ctx context.Context) (*control, error) {
	ctx, cancel := context.WithTimeout(ctx, b.patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", b.address)
	if err != nil {
		p := b.fault(err, false)
		p.Do = problem.Say("Start baresip, with the line “{line}” in its config; it is tried again by itself", "line", "module_app ctrl_tcp.so")
		return nil, p
	}
	in := bufio.NewReader(conn)
	return &control{remote.NewExchange(func() (message, error) { return receive(in) }, func() { _ = conn.Close() },
		func(m message) bool { return m.Response }, func(m message) {
			if strings.HasPrefix(m.Type, "CALL_") && m.Type != "CALL_RTCP" { // that is told of every few seconds
				b.bell.Ring()
			}
		}), b, conn}, nil
}

// run carries a command out. It answers what baresip says and whether it did it.
func (c *control) run(ctx context.Context, name, params string, writes bool) (said string, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	m, err := c.Ask(ctx, func() error { return send(c.conn, command{name, params}) })
	if err != nil {
		return "", false, c.fault(err, writes)
	}
	return m.Data, m.OK, nil
}

func (b *softphone) fault(err error, writes bool) *problem.Problem {
	if errors.Is(err, errNotBaresip) {
		return remote.Nonsense(b.who(), "baresip ctrl_tcp", err)
	}
	p := remote.NoAnswer(b.who(), err, writes)
	p.Do = problem.Say("Check that {phone} runs; it is tried again by itself", "phone", "baresip")
	return p
}

func config(line string) problem.Text {
	return problem.Say("Add the line “{line}” to baresip's config", "line", line)
}

func (c *control) read(ctx context.Context) (presence.Reading, error) {
	said, ok, err := c.run(ctx, "listcalls", "", false)
	if err != nil {
		return presence.Reading{}, err
	}
	if !ok {
		return presence.Reading{}, &problem.Problem{Kind: problem.Server,
			What: problem.Say("{phone} does not list its calls: {message}", "phone", c.who(), "message", remote.Quote(said)),
			Do:   config("module_app menu.so")}
	}
	happening, err := calls(said)
	if err != nil {
		return presence.Reading{}, remote.NotKnown(c.who(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return presence.Reading{Happening: happening, Chosen: c.chosen}, nil
}

// A call's line: "> [line 1, id 5cb19851e3501fef]  0:00:00   OUTGOING   (on hold)  sip:100@…". The state is the
// first word in capitals.
var (
	callLine  = regexp.MustCompile(`(?m)^[> ]*\[line \d+[^\]]*\]\s+\S+\s+([A-Z]+)\s*(.*)$`)
	callsHead = regexp.MustCompile(`--- Active calls \((\d+)\) ---`)
)

// calls is what the list of calls says is happening: who talks, talks, whatever else rings.
func calls(list string) (string, error) {
	if !callsHead.MatchString(list) {
		return "", fmt.Errorf("no list of calls: %.80q", list)
	}
	ranks := map[string]int{"": 0, Ringing: 1, OnHold: 2, OnACall: 3}
	happening := ""
	for _, call := range callLine.FindAllStringSubmatch(list, -1) {
		is := OnACall
		switch state := call[1]; {
		case state == "IDLE" || state == "TERMINATED":
			is = ""
		case state == "INCOMING":
			is = Ringing
		case strings.Contains(call[2], "(on hold)"):
			is = OnHold
		}
		if ranks[is] > ranks[happening] {
			happening = is
		}
	}
	return happening, nil
}

// set makes do not disturb and presence what a status says. What a version of baresip has no command for is
// needed only where the status asks for it to be on.
func (c *control) set(ctx context.Context, status string) error {
	dnd, err := c.try(ctx, status == DoNotDisturb, [][2]string{{"dnd", "yes"}, {"dnd", "true"}}, [][2]string{{"dnd", "no"}, {"dnd", "false"}})
	if err != nil {
		return err
	}
	if !dnd && status == DoNotDisturb {
		return &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} has no do not disturb", "phone", c.who()), Do: problem.Say("Use baresip {version} or later", "version", "1.1")}
	}
	offline, err := c.try(ctx, status == Offline, [][2]string{{"presence", "offline"}, {"presence_offline", ""}},
		[][2]string{{"presence", "online"}, {"presence_online", ""}})
	if err != nil {
		return err
	}
	if !offline && status == Offline {
		return &problem.Problem{Kind: problem.Refused, What: problem.Say("{phone} has no presence", "phone", c.who()),
			Do: config("module_app presence.so")}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chosen = status
	c.bell.Ring() // baresip tells of calls only
	return nil
}

// try carries out the first of the commands that this version of baresip knows; false where it knows none.
func (c *control) try(ctx context.Context, on bool, whenOn, whenOff [][2]string) (bool, error) {
	ways := whenOff
	if on {
		ways = whenOn
	}
	for _, way := range ways {
		said, ok, err := c.run(ctx, way[0], way[1], true)
		if err != nil {
			return false, err
		}
		if ok && !strings.HasPrefix(said, "usage:") {
			return true, nil
		}
	}
	return false, nil
}
