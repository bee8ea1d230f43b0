package assets

import "embed"

//go:generate go -C .. run ./assets/icons/gen

//go:embed icons/offhook.png
var appIcon []byte

// The patterns leave the program's large icon out, so that a program without a window need not carry it.
//
//go:embed icons/synced.png icons/busy.png icons/do-not-disturb.png icons/away.png
//go:embed icons/paused.png icons/signed-out.png icons/phone-unreachable.png
var pictures embed.FS

// AppIcon is the program's own icon, a PNG 512 pixels wide and high.
func AppIcon() []byte { return appIcon }

// Picture is the picture of a look (local.Look), a PNG 64 pixels wide and high: what the tray shows, for whatever
// else shows a look. A look without a picture gets the one for "something needs attention".
func Picture(look string) []byte { return picture(pictures, look, ".png") }

func picture(of embed.FS, look, extension string) []byte {
	data, err := of.ReadFile("icons/" + look + extension)
	if err != nil {
		data, _ = of.ReadFile("icons/phone-unreachable" + extension)
	}
	return data
}
