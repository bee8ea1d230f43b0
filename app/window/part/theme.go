package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Theme is Fyne's own with colours that can be told from their ground by everybody, light and dark, and with
// texts as large as the person wants them.
type Theme struct {
	fyne.Theme
	scale float32
}

// NewTheme makes the window's theme. scale makes everything that is read larger; 1 is as usual.
func NewTheme(scale float32) Theme { return Theme{theme.DefaultTheme(), scale} }

// The colours that are Offhook's own.
const (
	colorRing  fyne.ThemeColorName = "offhookRing"  // around what has the focus
	colorPanel fyne.ThemeColorName = "offhookPanel" // the ground of what belongs together
)

// Size is Fyne's.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	size := t.Theme.Size(name)
	switch name {
	case theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText,
		theme.SizeNameInlineIcon:
		return size * t.scale
	}
	return size
}

// Color is Fyne's.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch name { // laid over another ground
	case theme.ColorNameHover, theme.ColorNameFocus, theme.ColorNamePressed:
		if variant == theme.VariantLight {
			return color.NRGBA{A: 0x14}
		}
		return color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0x18}
	}
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
	case theme.ColorNameBackground:
		return [2]uint32{0xffffff, 0x17181b}, true
	case theme.ColorNameForeground:
		return [2]uint32{0x1f2328, 0xf3f3f3}, true
	case theme.ColorNamePlaceHolder:
		return [2]uint32{0x4a5059, 0xc0c4cb}, true
	case theme.ColorNameDisabled: // quiet texts have it too
		return [2]uint32{0x4a5059, 0xc0c4cb}, true
	case colorPanel:
		return [2]uint32{0xf4f5f7, 0x212226}, true
	case theme.ColorNameInputBackground:
		return [2]uint32{0xffffff, 0x2e3036}, true
	case theme.ColorNameInputBorder:
		return [2]uint32{0x737a85, 0x8b919a}, true
	case theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return [2]uint32{0xffffff, 0x2a2c31}, true
	case theme.ColorNameButton, theme.ColorNameDisabledButton:
		return [2]uint32{0xe6e8ec, 0x313339}, true
	case theme.ColorNameSeparator:
		return [2]uint32{0xd8dbe0, 0x3a3c42}, true
	case theme.ColorNameScrollBar:
		return [2]uint32{0x737a85, 0x8b919a}, true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return [2]uint32{0x15509a, 0x9cc4ff}, true
	case colorRing:
		return [2]uint32{0x0b3d91, 0xffffff}, true
	case theme.ColorNameForegroundOnPrimary:
		return [2]uint32{0xffffff, 0x0b1a2e}, true
	case theme.ColorNameSelection:
		return [2]uint32{0xd9e6f8, 0x1f3049}, true
	case theme.ColorNameSuccess:
		return [2]uint32{0x107c41, 0x6ccb5f}, true
	case theme.ColorNameError:
		return [2]uint32{0xc4314b, 0xff8090}, true
	case theme.ColorNameWarning:
		return [2]uint32{0x8f5400, 0xf7c948}, true
	}
	return lightDark, false
}

func opaque(rgb uint32) color.Color {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}
