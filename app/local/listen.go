package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// ErrRunning is what Listen returns when a resident of the same configuration is there already.
var ErrRunning = errors.New("offhook is running already for this configuration")

// Listen opens the door: the one resident of a configuration folder holds it, from here until the listener
// is closed. A socket left over by a resident that was killed is replaced; the lock tells it from a living one.
func Listen(configDir string) (net.Listener, error) {
	path, err := SocketPath(configDir)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for the socket: %w", err)
	}
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	lock := flock.New(strings.TrimSuffix(path, ".sock") + ".lock")
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", lock.Path(), err)
	}
	if !locked {
		return nil, ErrRunning
	}
	l, err := bind(path)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &door{Listener: l, lock: lock}, nil
}

func bind(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing the old socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("opening the socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("closing the socket to others: %w", err), l.Close())
	}
	return l, nil
}

// door lets in nobody but the person, and gives the lock back when it closes.
type door struct {
	net.Listener
	lock *flock.Flock
}

func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if checkPeer(conn) == nil {
			return conn, nil
		}
		_ = conn.Close() // a stranger is owed no answer
	}
}

// Close removes the socket and lets go of the lock, in this order: whoever gets the lock next finds no socket
// of ours. The lock's file stays, since removing it could split the lock in two.
func (d *door) Close() error {
	err := d.Listener.Close()
	return errors.Join(err, d.lock.Unlock())
}

// checkPeer makes sure that whoever is at the other end is the same person.
func checkPeer(conn net.Conn) error {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("%T is not a connection over a Unix socket", conn)
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return err
	}
	var same bool
	var asked error
	if err := raw.Control(func(fd uintptr) { same, asked = samePerson(fd) }); err != nil {
		return err
	}
	if asked != nil {
		return fmt.Errorf("asking who is at the other end: %w", asked)
	}
	if !same {
		return errStranger
	}
	return nil
}

var errStranger = errors.New("the program at the other end of the socket belongs to another user")
