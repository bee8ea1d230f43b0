//go:build windows || darwin

package notice

import "github.com/gen2brain/beeep"

// Bus is the operating system's notifications. They carry no action: the text says what to do.
type Bus struct{}

// Open gets them ready.
func Open() (*Bus, error) {
	beeep.AppName = "Offhook"
	return &Bus{}, nil
}

// Name tells which notification service answers.
func (b *Bus) Name() (string, error) { return "the operating system's", nil }

// Show shows a notification. It goes by itself.
func (b *Bus) Show(n Need, _ func()) (takeBack func(), err error) {
	return nil, beeep.Notify(n.Title, n.Body, "")
}

// Close has nothing to end.
func (b *Bus) Close() error { return nil }
