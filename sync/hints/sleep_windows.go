package hints

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows"

	"github.com/offhook/offhook/sync/pace"
)

var (
	registerSuspend   = user32.NewProc("RegisterSuspendResumeNotification")
	unregisterSuspend = user32.NewProc("UnregisterSuspendResumeNotification")
)

func resume(ctx context.Context, tell func(pace.Hint)) error {
	const resumed = 0x12 // PBT_APMRESUMEAUTOMATIC
	return hidden(ctx, func(window windows.HWND) (func(), error) {
		const toWindow = 0
		r, _, err := registerSuspend.Call(uintptr(window), toWindow)
		if r == 0 {
			return nil, fmt.Errorf("suspend and resume: %w", err)
		}
		return func() { unregisterSuspend.Call(r) }, nil
	}, func(message uint32, wparam, _ uintptr) {
		if message == messagePowerBroadcast && wparam == resumed {
			tell(pace.Woke)
		}
	})
}
