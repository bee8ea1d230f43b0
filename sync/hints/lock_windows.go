package hints

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows"

	"github.com/offhook/offhook/sync/pace"
)

var (
	wtsapi32          = windows.NewLazySystemDLL("wtsapi32.dll")
	registerSession   = wtsapi32.NewProc("WTSRegisterSessionNotification")
	unregisterSession = wtsapi32.NewProc("WTSUnRegisterSessionNotification")
)

func sessionLock(ctx context.Context, tell func(pace.Hint)) error {
	const sessionChange, lock, unlock = 0x02B1, 7, 8 // WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK, WTS_SESSION_UNLOCK
	return hidden(ctx, func(window windows.HWND) (func(), error) {
		const thisSession = 0
		if r, _, err := registerSession.Call(uintptr(window), thisSession); r == 0 {
			return nil, fmt.Errorf("session notifications: %w", err)
		}
		return func() { unregisterSession.Call(uintptr(window)) }, nil
	}, func(message uint32, wparam, _ uintptr) {
		switch {
		case message == sessionChange && wparam == lock:
			tell(pace.Locked)
		case message == sessionChange && wparam == unlock:
			tell(pace.Unlocked)
		}
	})
}
