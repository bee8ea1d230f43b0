package hints

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/offhook/offhook/sync/pace"
)

// defaultRoute has the kernel tell when routes change, and looks whether there is a way out again.
func defaultRoute(ctx context.Context, tell func(pace.Hint)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("the kernel's routes: %w", err)
	}
	routes := os.NewFile(uintptr(fd), "netlink")
	defer routes.Close()
	defer context.AfterFunc(ctx, func() { routes.Close() })()
	groups := uint32(1<<(unix.RTNLGRP_IPV4_ROUTE-1) | 1<<(unix.RTNLGRP_IPV6_ROUTE-1) | 1<<(unix.RTNLGRP_LINK-1))
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return fmt.Errorf("the kernel's routes: %w", err)
	}
	was := online()
	for message := make([]byte, 1<<16); ; {
		if _, err := routes.Read(message); err != nil {
			return fmt.Errorf("the kernel's routes: %w", err)
		}
		is := online()
		if is && !was {
			tell(pace.Online)
		}
		was = is
	}
}

// online tells whether any route leads everywhere.
func online() bool {
	return leads("/proc/net/route", func(f []string) bool {
		return len(f) > 7 && f[1] == "00000000" && f[7] == "00000000"
	}) || leads("/proc/net/ipv6_route", func(f []string) bool {
		return len(f) > 9 && strings.Trim(f[0], "0") == "" && f[1] == "00" && f[9] != "lo"
	})
}

func leads(file string, everywhere func(fields []string) bool) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if everywhere(strings.Fields(lines.Text())) {
			return true
		}
	}
	return false
}
