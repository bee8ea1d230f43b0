package assets

import "embed"

const extension = ".ico"

//go:embed icons/*.ico
var looks embed.FS
