package part

import (
	"embed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/assets"
)

//go:embed marks/*.svg
var marks embed.FS

// mark makes a picture in a colour of the theme. Each differs in shape, so that it can be told without colour.
func mark(name string, color fyne.ThemeColorName) fyne.Resource {
	svg, err := marks.ReadFile("marks/" + name + ".svg")
	if err != nil {
		panic(err) // embedded: a misspelt name
	}
	return theme.NewColoredResource(fyne.NewStaticResource(name+".svg", svg), color)
}

// Mark is the picture of what a state amounts to: away, available, busy or dnd; anything else is not known.
func Mark(means string) fyne.Resource {
	switch means {
	case "available":
		return mark("available", theme.ColorNameSuccess)
	case "busy":
		return mark("busy", theme.ColorNameError)
	case "dnd":
		return mark("dnd", theme.ColorNameError)
	case "away":
		return mark("away", theme.ColorNameWarning)
	}
	return mark("unknown", theme.ColorNamePlaceHolder)
}

// Alert is the picture of something wrong.
func Alert() fyne.Resource { return mark("alert", theme.ColorNameError) }

// LookMark is the picture of the whole: the tray's.
func LookMark(look local.Look) fyne.Resource {
	return fyne.NewStaticResource(string(look)+".png", assets.Picture(string(look)))
}

// Locked is the picture of what an administrator has set.
func Locked() fyne.Resource { return mark("locked", theme.ColorNamePlaceHolder) }

// Phone is the picture of a phone.
func Phone() fyne.Resource { return mark("phone", theme.ColorNameForeground) }

// Swap is the picture of both directions.
func Swap() fyne.Resource { return mark("swap", theme.ColorNameForeground) }

// ChoiceMark is the picture of a status that is set on both sides.
func ChoiceMark(c local.Choice) fyne.Resource {
	switch c {
	case local.ChooseAvailable:
		return Mark("available")
	case local.ChooseBusy:
		return Mark("busy")
	case local.ChooseDoNotDisturb:
		return Mark("dnd")
	case local.ChooseOffline:
		return Mark("")
	}
	return Mark("away")
}
