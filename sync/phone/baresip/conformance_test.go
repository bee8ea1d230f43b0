package baresip

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/conformance"
	"github.com/offhook/offhook/sync/presence"
	"github.com/offhook/offhook/sync/testreal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const quick = time.Second // how long the suite's connectors wait for an answer

func open(t *testing.T, address, sets string) *softphone {
	t.Helper()
	p, err := Open(Options{Fields: map[string]string{"address": address, "sets_status": sets}})
	if err != nil {
		t.Fatal(err)
	}
	p.(*softphone).patience = quick
	return p.(*softphone)
}

var pointless = map[string]string{
	"a wrong password is tried once": "baresip's control port knows no password; only this computer is accepted",
	"sign-in expired in mid-stream":  "baresip's control port knows no sign-in",
	"told to wait":                   "baresip never asks to wait",
	"server error":                   "baresip has no such answer: it answers or ends the connection",
	"an unknown certificate":         "baresip's control port knows no TLS; only this computer is accepted",
}

// world is what any baresip has in common for the suite. The person leaves do not disturb to Offhook alone, so
// choosing is done by the phone that the suite opened last.
func world(address string, happening func(*testing.T) string) conformance.World {
	var mu sync.Mutex
	var last *softphone
	w := conformance.World{
		Server: address, TCP: true,
		Statuses: []presence.Status{{Name: Available, Writable: true}, {Name: DoNotDisturb, Writable: true}, {Name: Offline, Writable: true},
			{Name: Ringing, Activity: true}, {Name: OnACall, Activity: true}, {Name: OnHold, Activity: true}},
		Capabilities: phone.Capabilities{ReadsLine: true, Writes: true, Events: true},
		Other:        Offline,
		Plays:        []string{Available, Offline, Ringing, OnACall, OnHold},
	}
	w.Open = func(t *testing.T, server string, _ bool) phone.Phone {
		mu.Lock()
		defer mu.Unlock()
		last = open(t, server, "yes")
		return last
	}
	w.Choose = func(t *testing.T, status string) {
		mu.Lock()
		defer mu.Unlock()
		if last.Write(t.Context(), status) != nil { // the line is cut: what was wanted is put right afterwards
			last.mu.Lock()
			last.chosen = status
			last.mu.Unlock()
		}
	}
	w.Shown = func(t *testing.T) presence.Reading {
		mu.Lock()
		defer mu.Unlock()
		last.mu.Lock()
		defer last.mu.Unlock()
		return presence.Reading{Happening: happening(t), Chosen: last.chosen}
	}
	return w
}

func TestSimulatedConforms(t *testing.T) {
	conformance.Run(t, conformance.Harness{System: "baresip 1.1 (simulated)", Alone: true, Patience: quick, Pointless: pointless,
		Start: func(t *testing.T) conformance.World {
			sim := newSimulated(t)
			w := world(sim.address, func(*testing.T) string { return sim.shown().Happening })
			w.Other = DoNotDisturb
			w.Plays = append(w.Plays, DoNotDisturb)
			w.Happen = func(_ *testing.T, status string) {
				sim.play(map[string]string{"": "", Ringing: "INCOMING", OnACall: "ESTABLISHED", OnHold: "ESTABLISHED (on hold)"}[status])
			}
			return w
		}})
}

// running is a real baresip.
type running struct{ sip, control, console string }

// start starts a baresip with a configuration of its own, and ends it with the test.
func start(t *testing.T, name string) running {
	t.Helper()
	program := testreal.Program(t, "baresip", "install it: Debian's package is baresip")
	modules, err := filepath.Glob("/usr/lib*/baresip/modules")
	if more, _ := filepath.Glob("/usr/lib/*/baresip/modules"); err == nil && len(more) > 0 {
		modules = append(modules, more...)
	}
	if len(modules) == 0 {
		testreal.Missing(t, "baresip's modules", "install Debian's package baresip-core")
	}
	r := running{sip: freePort(t), control: freePort(t), console: freePort(t)}
	dir := t.TempDir()
	files := map[string]string{
		"accounts": fmt.Sprintf("<sip:%s@127.0.0.1;transport=udp>;regint=0;answermode=manual\n", name),
		"contacts": "",
		// The sound goes nowhere: there is no sound card.
		"config": "sip_listen " + r.sip + "\nnet_interface 127.0.0.1\ncall_max_calls 4\naudio_player aubridge,nil\n" +
			"audio_source aubridge,nil\naudio_alert aubridge,nil\nmodule_path " + modules[0] + "\nmodule g711.so\nmodule aubridge.so\n" +
			"module_tmp account.so\nmodule_app menu.so\nmodule_app presence.so\nmodule_app ctrl_tcp.so\nctrl_tcp_listen " + r.control + "\n" +
			"module_app cons.so\ncons_listen " + r.console + "\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	cmd := exec.Command(program, "-f", dir)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("baresip of %s said:\n%s", name, said.String())
		}
	})
	for began := time.Now(); ; {
		conn, err := net.DialTimeout("tcp", r.control, time.Second)
		if err == nil {
			_ = conn.Close()
			return r
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("baresip does not listen: %v", err)
		}
		pause, end := context.WithTimeout(t.Context(), 20*time.Millisecond)
		<-pause.Done()
		end()
	}
}

// freePort finds a port that is free, as is the next (SIP over TLS takes it), among those that nobody is given unasked.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 10000 + 2*rand.IntN(10000)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if free(address) && free(net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1))) {
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

func free(address string) bool {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	defer l.Close()
	c, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// do gives a real baresip a command as its owner would, at the console.
func (r running) do(t *testing.T, command string) string {
	t.Helper()
	console, err := net.Dial("udp", r.console)
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	_ = console.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := console.Write([]byte("/" + command + "\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64<<10)
	n, err := console.Read(answer)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(answer[:n])
}

// until waits for a real baresip to show what is happening.
func (r running) until(t *testing.T, want string) {
	t.Helper()
	for began := time.Now(); ; {
		got, err := calls(r.do(t, "listcalls"))
		if err == nil && got == want {
			return
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("baresip shows %q (%v), not %q", got, err, want)
		}
		pause, end := context.WithTimeout(t.Context(), 20*time.Millisecond)
		<-pause.Done()
		end()
	}
}

// Two real baresips call each other; the person's is the one that is called.
func TestRealConforms(t *testing.T) {
	conformance.Run(t, conformance.Harness{System: "baresip (real)", Patience: quick, Pointless: pointless,
		Start: func(t *testing.T) conformance.World {
			person, caller := start(t, "person"), start(t, "caller")
			w := world(person.control, func(t *testing.T) string { is, _ := calls(person.do(t, "listcalls")); return is })
			w.Statuses = []presence.Status{{Name: Available, Writable: true}, {Name: Offline, Writable: true},
				{Name: Ringing, Activity: true}, {Name: OnACall, Activity: true}, {Name: OnHold, Activity: true}}
			w.Happen = func(t *testing.T, status string) {
				if status == "" {
					person.do(t, "hangup")
					person.until(t, "")
					caller.until(t, "")
					return
				}
				caller.do(t, "dial sip:person@"+person.sip+";transport=udp")
				person.until(t, Ringing)
				if status != Ringing {
					person.do(t, "accept")
					person.until(t, OnACall)
				}
				if status == OnHold {
					person.do(t, "hold")
					person.until(t, OnHold)
				}
			}
			return w
		}})
}

// The person's own call shows too, and do not disturb is either done or refused in so many words.
func TestRealOutgoingCallAndDoNotDisturb(t *testing.T) {
	person, other := start(t, "person"), start(t, "other")
	person.do(t, "dial sip:other@"+other.sip+";transport=udp")
	person.until(t, OnACall)
	other.until(t, Ringing)
	other.do(t, "accept")
	other.until(t, OnACall)
	person.do(t, "hangup")
	other.until(t, "")

	err := open(t, person.control, "yes").Write(t.Context(), DoNotDisturb)
	if err != nil { // before 1.1
		if !strings.Contains(err.Error(), "has no do not disturb. Use baresip 1.1 or later") {
			t.Errorf("do not disturb says %v", err)
		}
		return
	}
	other.do(t, "dial sip:person@"+person.sip+";transport=udp")
	other.until(t, "")
	person.until(t, "")
}
