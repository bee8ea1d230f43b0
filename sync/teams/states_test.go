package teams

import (
	"regexp"
	"strings"
	"testing"
)

// Every state has a name of its own, numbers of its own, a sentence and, unless waiting is all there is, a
// next step.
func TestEveryStateIsPlain(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	names, codes := map[string]bool{}, map[int]string{}
	for _, s := range States() {
		p := s.problem()
		if !name.MatchString(s.Name) || names[s.Name] {
			t.Errorf("the name %q is not plain, or stands twice", s.Name)
		}
		names[s.Name] = true
		for _, code := range s.codes {
			if codes[code] != "" {
				t.Errorf("AADSTS%d is both %s and %s", code, codes[code], s.Name)
			}
			codes[code] = s.Name
		}
		if p.State != s.Name || p.Kind == "" || p.What.IsZero() {
			t.Errorf("%s is incomplete: %+v", s.Name, p)
		}
		if p.Do.IsZero() && s.Name != "microsoft-throttles" && s.Name != "sign-in-given-up" {
			t.Errorf("%s has no next step", s.Name)
		}
		if strings.HasSuffix(p.What.String(), ".") || strings.HasSuffix(p.Do.String(), ".") || strings.Contains(p.What.String(), "%") {
			t.Errorf("%s: %q, %q", s.Name, p.What, p.Do)
		}
	}
}
