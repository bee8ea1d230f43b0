package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/offhook/offhook/sync/problem"
)

// PolicyFile is where the administrator's policy lies. OFFHOOK_POLICY_FILE names another place for tests, and
// counts only where the administrator has set none.
func PolicyFile() string {
	path := "/etc/offhook/policy.yaml"
	switch runtime.GOOS {
	case "windows":
		path = filepath.Join(os.Getenv("ProgramData"), "offhook", "policy.yaml")
	case "darwin":
		path = "/Library/Application Support/offhook/policy.yaml"
	}
	if other := os.Getenv("OFFHOOK_POLICY_FILE"); other != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return other
		}
	}
	return path
}

// policyFile is what an administrator writes: settings that stand whatever the person says, and settings that
// stand until the person says otherwise.
type policyFile struct {
	Locked          Settings `yaml:"locked"`
	Preset          Settings `yaml:"preset"`
	OnlyThesePhones bool     `yaml:"only_these_phones"` // no phones but those named here
}

// policy is such a file, read; nil where there is none.
type policy struct {
	file           policyFile
	lock, suggests map[string]any
}

func loadPolicy(path string) (*policy, error) {
	text, err := os.ReadFile(path)
	if path == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	do := problem.Say("Ask your administrator to correct it")
	if err != nil {
		return nil, broken(problem.Say("The administrator's settings {file} cannot be read", "file", path), do, err)
	}
	wrong := func(err error) error {
		return broken(problem.Say("The administrator's settings {file} are not right: {error}", "file", path, "error", err), do, err)
	}
	p := &policy{}
	if p.file, err = decode[policyFile](text); err != nil {
		return nil, wrong(err)
	}
	all, err := generic(text)
	if err != nil {
		return nil, wrong(err)
	}
	p.lock, _ = all["locked"].(map[string]any)
	p.suggests, _ = all["preset"].(map[string]any)
	for _, list := range []map[string]any{p.lock, p.suggests} {
		phones, _ := list["phones"].([]any)
		for i, phone := range phones {
			if idOf(phone) == "" {
				return nil, wrong(fmt.Errorf("phone %d has neither an id nor a system", i+1))
			}
		}
	}
	for _, part := range []Settings{p.file.Locked, p.file.Preset} {
		for i := range part.Phones {
			part.Phones[i].System = cmp.Or(part.Phones[i].System, part.Phones[i].ID) // the person's file may name it
		}
		if err := part.check(); err != nil {
			return nil, wrong(err)
		}
	}
	return p, nil
}

// over reads a person's own settings, with the policy put under and over them.
func (p *policy) over(text []byte) (Settings, error) {
	if p == nil {
		return Parse(text)
	}
	if _, err := decode[Settings](text); err != nil { // what is wrong has its place in the person's file
		return Settings{}, err
	}
	own, err := generic(text)
	if err != nil {
		return Settings{}, err
	}
	if p.file.OnlyThesePhones {
		phones, _ := own["phones"].([]any)
		own["phones"] = slices.DeleteFunc(phones, func(phone any) bool {
			return !names(p.lock, idOf(phone)) && !names(p.suggests, idOf(phone))
		})
	}
	merged, err := yaml.Marshal(overlay(overlay(p.suggests, own, "", false), p.lock, "", true))
	if err != nil {
		return Settings{}, err
	}
	return Parse(merged)
}

func names(m map[string]any, id string) bool {
	phones, _ := m["phones"].([]any)
	return slices.ContainsFunc(phones, func(phone any) bool { return idOf(phone) == id })
}

// whole tells whether a key counts as one value: what the hours are is said in one place.
func whole(key string) bool { return key == "hours" }

// overlay puts one file's values over another's. A strict one's empty map leaves nothing of what is under it.
func overlay(under, over map[string]any, at string, strict bool) map[string]any {
	result := maps.Clone(under)
	if result == nil {
		result = map[string]any{}
	}
	for key, value := range over {
		m, isMap := value.(map[string]any)
		list, isList := value.([]any)
		switch {
		case value == nil:
		case isList && at == "" && key == "phones":
			result[key] = overlayPhones(result[key], list, strict)
		case isMap && !(strict && len(m) == 0) && !(at == "" && whole(key)):
			below, _ := result[key].(map[string]any)
			result[key] = overlay(below, m, at+key+".", strict)
		default:
			result[key] = value
		}
	}
	return result
}

func overlayPhones(under any, over []any, strict bool) []any {
	have, _ := under.([]any)
	result := slices.Clone(have)
	for _, phone := range over {
		m, _ := phone.(map[string]any)
		i := slices.IndexFunc(result, func(o any) bool { return idOf(o) == idOf(phone) })
		if i < 0 {
			result = append(result, m)
			continue
		}
		below, _ := result[i].(map[string]any)
		result[i] = overlay(below, m, "phones.", strict)
	}
	return result
}

// locked lists the keys that the policy sets.
func (p *policy) locked() []string {
	list := leaves(p.lock, "")
	if p.file.OnlyThesePhones {
		list = append(list, "phones")
	}
	slices.Sort(list)
	return list
}

func leaves(m map[string]any, at string) (list []string) {
	for key, value := range m {
		under, isMap := value.(map[string]any)
		phones, isList := value.([]any)
		switch {
		case value == nil:
		case isList && at == "" && key == "phones":
			for _, phone := range phones {
				one, _ := phone.(map[string]any)
				list = append(list, leaves(one, "phones."+idOf(phone)+".")...)
			}
		case isMap && len(under) > 0 && !(at == "" && whole(key)):
			list = append(list, leaves(under, at+key+".")...)
		default:
			list = append(list, at+key)
		}
	}
	return list
}
