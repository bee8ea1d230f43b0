//go:build !linux && !windows

package hints

// sources: a lock, idleness, the network and the microphone need Apple's SDK on macOS, and are not listened to.
func sources() []named { return []named{{Sleep, "the clocks", listen(clock)}} }
