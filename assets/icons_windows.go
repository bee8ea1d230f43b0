package assets

import "embed"

//go:embed icons/*.ico
var icons embed.FS

// Icon is a look's picture in the format that the system's tray takes: ICO.
func Icon(look string) []byte { return picture(icons, look, ".ico") }
