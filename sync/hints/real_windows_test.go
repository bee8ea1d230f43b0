package hints

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"github.com/offhook/offhook/sync/pace"
)

// listenTo runs a source until the end of the test. What it tells twice comes once.
func listenTo(t *testing.T, source listen) <-chan pace.Hint {
	t.Helper()
	told, ended := make(chan pace.Hint, 10), make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	var last pace.Hint
	go func() {
		ended <- source(ctx, func(h pace.Hint) {
			if h != last {
				told <- h
			}
			last = h
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the source ended with %v", err)
		}
	})
	return told
}

func expect(t *testing.T, told <-chan pace.Hint, want pace.Hint) {
	t.Helper()
	select {
	case got := <-told:
		if got != want {
			t.Errorf("told %v, want %v", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing was told, want %v", want)
	}
}

// newKey makes a key of the person's registry until the end of the test.
func newKey(t *testing.T, path string) registry.Key {
	t.Helper()
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(key.Close(), registry.DeleteKey(registry.CURRENT_USER, path)); err != nil {
			t.Error(err)
		}
	})
	return key
}

// A record like the one that Windows keeps: programs from the store stand in it, those of the desktop one level
// deeper, and one that uses the microphone just now has begun and not ended.
func TestMicrophoneRecord(t *testing.T) {
	record := `Software\offhook-test-` + rand.Text()
	newKey(t, record)
	newKey(t, record+`\NonPackaged`)
	teams := newKey(t, record+`\MSTeams_8wekyb3d8bbwe`)
	softphone := newKey(t, record+`\NonPackaged\C:#Program Files#Softphone#softphone.exe`)
	note := func(program registry.Key, start, stop uint64) {
		t.Helper()
		if err := errors.Join(program.SetQWordValue("LastUsedTimeStart", start), program.SetQWordValue("LastUsedTimeStop", stop)); err != nil {
			t.Fatal(err)
		}
	}
	const then = 133_700_000_000_000_000 // as Windows counts: tenths of microseconds since 1601
	note(teams, then, then+1)

	told := listenTo(t, func(ctx context.Context, tell func(pace.Hint)) error {
		return watchRecord(ctx, registry.CURRENT_USER, record, tell)
	})
	expect(t, told, pace.MicrophoneOff)
	for _, program := range []registry.Key{teams, softphone} {
		note(program, then+2, 0)
		expect(t, told, pace.MicrophoneOn)
		note(program, then+2, then+3)
		expect(t, told, pace.MicrophoneOff)
	}
	note(teams, then+4, 0)
	expect(t, told, pace.MicrophoneOn)
	newKey(t, record+`\Another.Program`) // used by nobody: the one before still is
	note(softphone, then+5, 0)
	note(teams, then+4, then+6)
	note(softphone, then+5, then+7)
	expect(t, told, pace.MicrophoneOff)
}

// What Windows sends to a source's window becomes its hint, and what else it sends does not.
func TestMessagesOfWindows(t *testing.T) {
	const sessionChange, powerBroadcast, settingChange = 0x02B1, 0x0218, 0x8013
	setting := func(which windows.GUID, value uint32) *powerSetting {
		return &powerSetting{setting: which, length: 4, value: value}
	}
	type sent struct {
		message uint32
		wparam  uintptr
		lparam  *powerSetting
		want    pace.Hint
	}
	for name, test := range map[string]struct {
		source listen
		sent   []sent
	}{
		"lock": {sessionLock, []sent{
			{sessionChange, 5, nil, ""}, // somebody has logged on
			{sessionChange, 7, nil, pace.Locked},
			{powerBroadcast, 7, nil, ""},
			{sessionChange, 8, nil, pace.Unlocked}}},
		"idle": {userPresence, []sent{
			{powerBroadcast, settingChange, setting(windows.GUID{Data1: 1}, 2), ""},
			{powerBroadcast, settingChange, setting(sessionUserPresence, 2), pace.Idle},
			{powerBroadcast, 0x12, nil, ""},
			{powerBroadcast, settingChange, setting(sessionUserPresence, 0), pace.Back}}},
		"sleep": {resume, []sent{
			{powerBroadcast, 4, nil, ""}, // about to sleep
			{powerBroadcast, 0x12, nil, pace.Woke}}},
	} {
		t.Run(name, func(t *testing.T) {
			before := windowNumber.Load()
			told := listenTo(t, test.source)
			window := theirs(t, before+1)
			for _, s := range test.sent {
				sendMessage.Call(window, uintptr(s.message), s.wparam, uintptr(unsafe.Pointer(s.lparam)))
				if s.want != "" {
					expect(t, told, s.want)
				}
			}
			select {
			case h := <-told:
				t.Errorf("told %v for nothing", h)
			default:
			}
		})
	}
}

var (
	findWindow  = user32.NewProc("FindWindowW")
	sendMessage = user32.NewProc("SendMessageW") // waits until it has been answered
)

// theirs waits for a source's window.
func theirs(t *testing.T, number uint32) uintptr {
	t.Helper()
	name, err := windows.UTF16PtrFromString(fmt.Sprintf("offhook-hint-%d", number))
	if err != nil {
		t.Fatal(err)
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for range 2000 {
		if window, _, _ := findWindow.Call(uintptr(unsafe.Pointer(name)), 0); window != 0 {
			return window
		}
		<-look.C
	}
	t.Fatal("there is no window for hints")
	return 0
}

// Each of this system's sources is to be had, as far as it can be asked now, and ends when it is told to.
func TestSourcesAreThere(t *testing.T) {
	for _, s := range sources() {
		if s.name == Microphone { // its record comes with the first program that asks for the microphone
			continue
		}
		t.Run(string(s.name), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			if err := s.source.Listen(ctx, func(pace.Hint) {}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("from %s: %v", s.from, err)
			}
		})
	}
}
