// Package assets holds what is shipped inside the programs. It must not know what is done with it.
package assets

import "embed"

// Presets are the shipped phone systems, one YAML file each, in the folder presets.
//
//go:embed presets/*.yaml
var Presets embed.FS
