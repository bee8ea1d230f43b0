package remote

import (
	"strings"

	"github.com/offhook/offhook/sync/problem"
)

// Wrong is the problem of settings that the person must correct.
func Wrong(do, what problem.Text) *problem.Problem {
	return &problem.Problem{Kind: problem.Settings, What: what, Do: do}
}

// CannotBe is the problem of one setting's value.
func CannotBe(do problem.Text, setting, value string) *problem.Problem {
	return Wrong(do, problem.Say("The setting {setting} cannot be “{value}”", "setting", setting, "value", Quote(value)))
}

// Yes reads a setting that is yes or no, and no where it is empty.
func Yes(fields map[string]string, setting string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(fields[setting])) {
	case "", "no", "false", "off":
		return false, nil
	case "yes", "true", "on":
		return true, nil
	}
	return false, CannotBe(problem.Say("Enter yes or no"), setting, fields[setting])
}

// Several reads a setting that names several things, with commas or blanks between.
func Several(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}
