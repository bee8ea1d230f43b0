package hints

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/offhook/offhook/sync/pace"
)

var (
	registerPower   = user32.NewProc("RegisterPowerSettingNotification")
	unregisterPower = user32.NewProc("UnregisterPowerSettingNotification")
)

// sessionUserPresence is GUID_SESSION_USER_PRESENCE.
var sessionUserPresence = windows.GUID{Data1: 0x3C0F4548, Data2: 0xC03F, Data3: 0x4C4D,
	Data4: [8]byte{0xB9, 0xF2, 0x23, 0x7E, 0xDE, 0x68, 0x63, 0x76}}

// powerSetting is POWERBROADCAST_SETTING with a number.
type powerSetting struct {
	setting windows.GUID
	length  uint32
	value   uint32
}

func userPresence(ctx context.Context, tell func(pace.Hint)) error {
	const settingChange, present = 0x8013, 0 // PBT_POWERSETTINGCHANGE, PowerUserPresent
	return hidden(ctx, func(window windows.HWND) (func(), error) {
		r, _, err := registerPower.Call(uintptr(window), uintptr(unsafe.Pointer(&sessionUserPresence)), 0)
		if r == 0 {
			return nil, fmt.Errorf("power settings: %w", err)
		}
		return func() { unregisterPower.Call(r) }, nil
	}, func(message uint32, wparam, lparam uintptr) {
		if message != messagePowerBroadcast || wparam != settingChange {
			return
		}
		setting := *(**powerSetting)(unsafe.Pointer(&lparam)) // Windows' memory, for the time of this message
		switch {
		case setting.setting != sessionUserPresence:
		case setting.value == present:
			tell(pace.Back)
		default:
			tell(pace.Idle)
		}
	})
}
