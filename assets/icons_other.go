//go:build !windows

package assets

import "embed"

const extension = ".png"

// The patterns leave the program's large icon out, so that a program without a window need not carry it.
//
//go:embed icons/synced.png icons/busy.png icons/do-not-disturb.png icons/away.png
//go:embed icons/paused.png icons/signed-out.png icons/phone-unreachable.png
var looks embed.FS
