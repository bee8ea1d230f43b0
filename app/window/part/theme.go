package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Theme is Fyne's own with colours that can be told from their ground by everybody, light and dark.
type Theme struct{ fyne.Theme }

// NewTheme makes the window's theme.
func NewTheme() Theme { return Theme{theme.DefaultTheme()} }

// Color is Fyne's.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if pair, ok := palette(name); ok {
		if variant == theme.VariantLight {
			return opaque(pair[0])
		}
		return opaque(pair[1])
	}
	return t.Theme.Color(name, variant)
}

// palette answers a colour for light and for dark.
func palette(name fyne.ThemeColorName) (lightDark [2]uint32, ok bool) {
	switch name {
	case theme.ColorNameForeground:
		return [2]uint32{0x1f2328, 0xf3f3f3}, true
	case theme.ColorNamePlaceHolder:
		return [2]uint32{0x59606a, 0xb4b8bf}, true
	case theme.ColorNameDisabled: // quiet texts have it too
		return [2]uint32{0x5f6670, 0xa8adb5}, true
	case theme.ColorNameInputBackground:
		return [2]uint32{0xf3f4f6, 0x232428}, true
	case theme.ColorNameButton:
		return [2]uint32{0xe4e6ea, 0x34363c}, true
	case theme.ColorNameSeparator:
		return [2]uint32{0xd8dbe0, 0x3a3c42}, true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return [2]uint32{0x1a5fb4, 0x8ab8ff}, true
	case theme.ColorNameForegroundOnPrimary:
		return [2]uint32{0xffffff, 0x0b1a2e}, true
	case theme.ColorNameSelection:
		return [2]uint32{0xd6e4f7, 0x263a57}, true
	case theme.ColorNameSuccess:
		return [2]uint32{0x107c41, 0x6ccb5f}, true
	case theme.ColorNameError:
		return [2]uint32{0xc4314b, 0xff8090}, true
	case theme.ColorNameWarning:
		return [2]uint32{0x9a5b00, 0xf7c948}, true
	}
	return lightDark, false
}

func opaque(rgb uint32) color.Color {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}
