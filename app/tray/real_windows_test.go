package tray

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/offhook/offhook/app/local"
)

var (
	user32      = windows.NewLazySystemDLL("user32.dll")
	findWindow  = user32.NewProc("FindWindowW")
	postMessage = user32.NewProc("PostMessageW")
	sendMessage = user32.NewProc("SendMessageW")
	itemCount   = user32.NewProc("GetMenuItemCount")
	itemText    = user32.NewProc("GetMenuStringW")
	itemID      = user32.NewProc("GetMenuItemID")
	classes     = map[string]string{"icon": "SystrayClass", "menu": "#32768"}
)

// find gives the window of a class, or 0.
func find(t *testing.T, what string) uintptr {
	t.Helper()
	class, err := windows.UTF16PtrFromString(classes[what])
	if err != nil {
		t.Fatal(err)
	}
	found, _, _ := findWindow.Call(uintptr(unsafe.Pointer(class)), 0)
	return found
}

// window waits for it.
func window(t *testing.T, what string) uintptr {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for range 1000 {
		if found := find(t, what); found != 0 {
			return found
		}
		<-look.C
	}
	t.Fatalf("there is no %s", what)
	return 0
}

// The icon opens its menu, a click in it asks the resident, and when the person logs off the resident gives back.
func TestTrayOfWindows(t *testing.T) {
	const command, cancelMode, endSession, callback, rightUp, getMenu = 0x0111, 0x001F, 0x0016, 0x0401, 0x0205, 0x01E1
	d := newDesk(local.Status{Synced: true, Look: local.LookSynced, Sentence: "In step", Account: local.Account{SignedIn: true}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // a window belongs to its thread
		ended <- Run(ctx, d, Options{Log: slog.New(slog.DiscardHandler)})
	}()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	icon := window(t, "icon")
	var rows []string
	var ids []uintptr
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for range 500 { // until the first status is shown
		postMessage.Call(icon, callback, 0, rightUp) // one that comes too early opens nothing
		<-look.C
		open := find(t, "menu")
		if open == 0 {
			continue
		}
		menu, _, _ := sendMessage.Call(open, getMenu, 0, 0)
		rows, ids = nil, nil
		n, _, _ := itemCount.Call(menu)
		for i := range n {
			var text [200]uint16
			itemText.Call(menu, i, uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)), 0x400) // by position
			id, _, _ := itemID.Call(menu, i)
			rows, ids = append(rows, windows.UTF16ToString(text[:])), append(ids, id)
		}
		sendMessage.Call(icon, cancelMode, 0, 0)
		if slices.Contains(rows, "Quit Offhook") {
			break
		}
	}
	settings := slices.IndexFunc(rows, func(r string) bool { return strings.HasPrefix(r, "Settings") })
	if settings < 0 || !strings.HasPrefix(rows[0], "In step") {
		t.Fatalf("the menu has %q", rows)
	}
	postMessage.Call(icon, command, ids[settings], 0)
	d.want(t, "settings")
	sendMessage.Call(icon, endSession, 1, 0)
	d.want(t, "quit")
}
