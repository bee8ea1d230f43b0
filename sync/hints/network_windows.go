package hints

import (
	"context"
	"fmt"
	"net"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/offhook/offhook/sync/pace"
)

// address has Windows tell when this PC gets or loses an address, and looks whether there is one again.
func address(ctx context.Context, tell func(pace.Hint)) error {
	changed := make(chan struct{}, 1)
	callback := windows.NewCallback(func(_, _ unsafe.Pointer, _ uint32) uintptr {
		select {
		case changed <- struct{}{}:
		default:
		}
		return 0
	})
	var registered windows.Handle
	if err := windows.NotifyUnicastIpAddressChange(windows.AF_UNSPEC, callback, nil, false, &registered); err != nil {
		return fmt.Errorf("%w: changes of addresses: %w", errNever, err)
	}
	defer windows.CancelMibChangeNotify2(registered) //nolint:errcheck // there is nothing to do about it
	const settled = 2 * time.Second                  // addresses come in several steps
	for was := addressed(); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(settled):
		}
		is := addressed()
		if is && !was {
			tell(pace.Online)
		}
		was = is
	}
}

// addressed tells whether this PC has an address that others could reach.
func addressed() bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			return true
		}
	}
	return false
}
