package assets

import "embed"

//go:embed translations/*.yaml
var translations embed.FS

// Translation is the file of a language, such as "de".
func Translation(language string) ([]byte, error) {
	return translations.ReadFile("translations/" + language + ".yaml")
}
