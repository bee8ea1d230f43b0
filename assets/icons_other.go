//go:build !windows

package assets

// Icon is a look's picture in the format that the system's tray takes: PNG.
func Icon(look string) []byte { return Picture(look) }
