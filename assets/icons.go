package assets

import (
	_ "embed" // for the program's icon
)

//go:generate go -C .. run ./assets/icons/gen

//go:embed icons/offhook.png
var appIcon []byte

// AppIcon is the program's own icon, a PNG 512 pixels wide and high.
func AppIcon() []byte { return appIcon }

// Icon is the tray's icon for a look (local.Look), in the format that the system's tray takes: ICO on Windows,
// PNG elsewhere. A look without a picture gets the one for "something needs attention".
func Icon(look string) []byte {
	data, err := looks.ReadFile("icons/" + look + extension)
	if err != nil {
		data, _ = looks.ReadFile("icons/phone-unreachable" + extension)
	}
	return data
}
