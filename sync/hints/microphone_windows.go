package hints

import (
	"context"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"github.com/offhook/offhook/sync/pace"
)

// consentRecord is where Windows notes which program has used the microphone from when to when; desktop programs
// stand one level deeper.
const consentRecord = `Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone`

// consentStore has the registry tell when that record changes.
func consentStore(ctx context.Context, tell func(pace.Hint)) error {
	return watchRecord(ctx, registry.CURRENT_USER, consentRecord, tell)
}

func watchRecord(ctx context.Context, root registry.Key, path string, tell func(pace.Hint)) error {
	key, err := registry.OpenKey(root, path, registry.READ|registry.NOTIFY)
	if err != nil {
		return fmt.Errorf("the record of the microphone's use: %w", err)
	}
	defer key.Close()
	changed, err := windows.CreateEvent(nil, 0, 0, nil)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(changed) //nolint:errcheck // there is nothing to do about it
	ended, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(ended) //nolint:errcheck // there is nothing to do about it
	set := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(set)
		windows.SetEvent(ended) //nolint:errcheck // the handle lives until stop
	})
	defer func() {
		if !stop() {
			<-set
		}
	}()
	for {
		const what = windows.REG_NOTIFY_CHANGE_NAME | windows.REG_NOTIFY_CHANGE_LAST_SET | windows.REG_NOTIFY_THREAD_AGNOSTIC
		if err := windows.RegNotifyChangeKeyValue(windows.Handle(key), true, what, changed, true); err != nil {
			return fmt.Errorf("the record of the microphone's use: %w", err)
		}
		if inUse(key, 2) {
			tell(pace.MicrophoneOn)
		} else {
			tell(pace.MicrophoneOff)
		}
		which, err := windows.WaitForMultipleObjects([]windows.Handle{ended, changed}, false, windows.INFINITE)
		if err != nil {
			return fmt.Errorf("the record of the microphone's use: %w", err)
		}
		if which == windows.WAIT_OBJECT_0 {
			return ctx.Err()
		}
	}
}

// inUse tells whether a program, so many levels down, has begun to use the microphone and not ended.
func inUse(key registry.Key, levels int) bool {
	start, _, err := key.GetIntegerValue("LastUsedTimeStart")
	stop, _, missing := key.GetIntegerValue("LastUsedTimeStop")
	if err == nil && missing == nil && start != 0 && stop == 0 {
		return true
	}
	if levels == 0 {
		return false
	}
	names, err := key.ReadSubKeyNames(-1)
	if err != nil {
		return false
	}
	for _, name := range names {
		sub, err := registry.OpenKey(key, name, registry.READ)
		if err != nil {
			continue
		}
		used := inUse(sub, levels-1)
		sub.Close()
		if used {
			return true
		}
	}
	return false
}
