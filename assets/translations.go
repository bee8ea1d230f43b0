package assets

import "embed"

//go:embed translations
var translations embed.FS

// PhoneTexts is the file of a language with what the phone systems' files say.
func PhoneTexts(language string) ([]byte, error) {
	return translations.ReadFile("translations/phones/" + language + ".yaml")
}

// Translation is the file of a language, such as "de".
func Translation(language string) ([]byte, error) {
	return translations.ReadFile("translations/" + language + ".yaml")
}
