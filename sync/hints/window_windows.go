package hints

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32           = windows.NewLazySystemDLL("user32.dll")
	registerClass    = user32.NewProc("RegisterClassExW")
	unregisterClass  = user32.NewProc("UnregisterClassW")
	createWindow     = user32.NewProc("CreateWindowExW")
	destroyWindow    = user32.NewProc("DestroyWindow")
	defaultProcedure = user32.NewProc("DefWindowProcW")
	getMessage       = user32.NewProc("GetMessageW")
	dispatchMessage  = user32.NewProc("DispatchMessageW")
	postMessage      = user32.NewProc("PostMessageW")
	postQuit         = user32.NewProc("PostQuitMessage")
)

const (
	messageClose          = 0x0010 // WM_CLOSE
	messageDestroy        = 0x0002 // WM_DESTROY
	messagePowerBroadcast = 0x0218 // WM_POWERBROADCAST
)

// windowClass is WNDCLASSEXW.
type windowClass struct {
	size                         uint32
	style                        uint32
	procedure                    uintptr
	classExtra, windowExtra      int32
	instance, icon, cursor, back windows.Handle
	menu, name                   *uint16
	smallIcon                    windows.Handle
}

// message is MSG.
type message struct {
	window         windows.HWND
	message        uint32
	wparam, lparam uintptr
	time           uint32
	x, y           int32
	private        uint32
}

var windowNumber atomic.Uint32 // each window has a class of its own, for its own procedure

// hidden runs a window that nobody sees until ctx ends: Windows tells some things to windows only. register has
// them told, and answers how to end that; on is given each message.
func hidden(ctx context.Context, register func(window windows.HWND) (end func(), err error), on func(message uint32, wparam, lparam uintptr)) error {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // a window belongs to its thread
		defer runtime.UnlockOSThread()
		failed <- windowLoop(ctx, register, on)
	}()
	if err := <-failed; err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", errNever, err) // and procedures for windows are not to be had without end
	}
	return ctx.Err()
}

func windowLoop(ctx context.Context, register func(windows.HWND) (func(), error), on func(uint32, uintptr, uintptr)) error {
	procedure := windows.NewCallback(func(window windows.HWND, m uint32, wparam, lparam uintptr) uintptr {
		if m == messageDestroy {
			postQuit.Call(0)
			return 0
		}
		on(m, wparam, lparam)
		r, _, _ := defaultProcedure.Call(uintptr(window), uintptr(m), wparam, lparam)
		return r
	})
	name, err := windows.UTF16PtrFromString(fmt.Sprintf("offhook-hint-%d", windowNumber.Add(1)))
	if err != nil {
		return err
	}
	class := windowClass{procedure: procedure, name: name}
	class.size = uint32(unsafe.Sizeof(class))
	if r, _, err := registerClass.Call(uintptr(unsafe.Pointer(&class))); r == 0 {
		return fmt.Errorf("a window for hints: %w", err)
	}
	defer unregisterClass.Call(uintptr(unsafe.Pointer(name)), 0)
	r, _, err := createWindow.Call(0, uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if r == 0 {
		return fmt.Errorf("a window for hints: %w", err)
	}
	window := windows.HWND(r)
	end, err := register(window)
	if err != nil {
		destroyWindow.Call(r)
		return err
	}
	defer end()
	defer context.AfterFunc(ctx, func() { postMessage.Call(uintptr(window), messageClose, 0, 0) })() // which destroys it
	for {
		var m message
		switch r, _, err := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(r) {
		case -1:
			return fmt.Errorf("a window for hints: %w", err)
		case 0:
			return ctx.Err()
		}
		dispatchMessage.Call(uintptr(unsafe.Pointer(&m)))
	}
}
