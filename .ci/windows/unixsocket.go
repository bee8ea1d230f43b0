// Becomes part of package net where Offhook is built for Wine: see windows beside it.

package net

import (
	"context"
	"errors"
	"os"
	"strconv"
	"syscall"
)

// unixOrLoopback opens a Unix socket. Where the system has none, as Wine has not, a TCP socket on loopback
// stands in for it, and the file holds its port.
func unixOrLoopback(ctx context.Context, net string, sotype int, laddr, raddr sockaddr, control func(context.Context, string, string, syscall.RawConn) error) (*netFD, error) {
	const notSupported, refused, inUse = syscall.Errno(10047), syscall.Errno(10061), syscall.Errno(10048)
	fd, err := socket(ctx, net, syscall.AF_UNIX, sotype, 0, false, laddr, raddr, control)
	if !errors.Is(err, notSupported) || sotype != syscall.SOCK_STREAM {
		return fd, err
	}
	loopback := &TCPAddr{IP: IPv4(127, 0, 0, 1)}
	if raddr != nil {
		port, err := os.ReadFile(raddr.String())
		if err != nil {
			return nil, os.NewSyscallError("connect", refused)
		}
		loopback.Port, _ = strconv.Atoi(string(port))
		return socket(ctx, "tcp", syscall.AF_INET, sotype, 0, false, nil, loopback, control)
	}
	if fd, err = socket(ctx, "tcp", syscall.AF_INET, sotype, 0, false, loopback, nil, control); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(laddr.String(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		fd.Close()
		return nil, os.NewSyscallError("bind", inUse)
	}
	_, err = file.WriteString(strconv.Itoa(fd.laddr.(*TCPAddr).Port))
	fd.laddr = laddr
	return fd, errors.Join(err, file.Close())
}
