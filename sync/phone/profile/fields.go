package profile

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/offhook/offhook/sync/phone"
	"github.com/offhook/offhook/sync/phone/remote"
	"github.com/offhook/offhook/sync/problem"
)

// fields checks the fields that the file asks the person for.
func (f *file) fields(bad *mistakes) []phone.Field {
	fields := []phone.Field{}
	for _, d := range f.Fields {
		name := d.Name.s
		switch {
		case !placeholderName.MatchString(name):
			bad.add(d.Name.wrong("the field's name %q may only be made of small letters, digits and underlines; change it", name))
		case slices.Contains(reserved, name) && f.usesReserved():
			bad.add(d.Name.wrong("the field's name %q is taken: the engine fills in %s itself; choose another", name, strings.Join(reserved, ", ")))
		case slices.ContainsFunc(fields, func(o phone.Field) bool { return o.Name == name }):
			bad.add(d.Name.wrong("the field %q stands twice; remove one", name))
		}
		fields = append(fields, d.field(bad))
	}
	return fields
}

func (d field) field(bad *mistakes) phone.Field {
	f := phone.Field{Name: d.Name.s, Label: d.Label.s, Type: phone.FieldType(d.Type.s), Help: d.Help.s,
		Placeholder: d.Placeholder.s, Default: d.Default.s, Optional: d.Optional}
	if f.Type == "" {
		f.Type = phone.Text
	}
	if d.Pattern != nil {
		f.Pattern = d.Pattern.re.String()
	}
	f.Secret = f.Type == phone.Secret
	for _, o := range d.Options {
		label := o.Label.s
		if label == "" {
			label = o.Value.s
		}
		f.Options = append(f.Options, phone.Option{Value: o.Value.s, Label: label})
	}
	if types := phone.FieldTypes(); !slices.Contains(types, f.Type) {
		bad.add(d.Type.wrong("there is no type %q; write one of: %s", f.Type, strings.Trim(fmt.Sprint(types), "[]")))
	}
	if (f.Type == phone.Choice) != (len(f.Options) > 0) {
		bad.add(d.wrong("the type choice and options go together; add or remove the one or the other"))
	}
	switch {
	case f.Secret && f.Default != "":
		bad.add(d.Default.wrong("a secret can have no default; remove it"))
	case f.Default != "" && !strings.Contains(f.Default, "${"):
		if _, why := enter(f, f.Default); !why.IsZero() {
			bad.add(d.Default.wrong("the default %q does not fit: it must be %s; correct it", f.Default, why))
		}
	}
	return f
}

// Fill adds the defaults to what the person entered and says what is missing, not known or not of the form
// that is asked for.
func Fill(s phone.System, entered map[string]string) (map[string]string, error) {
	filled := map[string]string{}
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
		v := entered[f.Name]
		if !f.Secret {
			v = strings.TrimSpace(v)
		}
		byDefault := v == ""
		if byDefault {
			v = f.Default
		}
		if v == "" && !f.Optional {
			return nil, &problem.Problem{Kind: problem.Settings,
				What: problem.Say("{phone} needs “{label}”, and the settings have none", "phone", remote.Known(s.Title), "label", remote.Known(f.Label)),
				Do:   problem.Say("Enter “{label}” ({name}) for this phone in the settings", "label", remote.Known(f.Label), "name", f.Name)}
		}
		if v != "" && !(byDefault && strings.Contains(v, "${")) {
			fits, why := enter(f, v)
			if !why.IsZero() {
				return nil, &problem.Problem{Kind: problem.Settings,
					What: problem.Say("{phone}: what is entered as “{label}” does not fit", "phone", remote.Known(s.Title), "label", remote.Known(f.Label)),
					Do:   problem.Say("Enter for “{label}” ({name}): {form}", "label", remote.Known(f.Label), "name", f.Name, "form", why)}
			}
			v = fits
		}
		filled[f.Name] = v
	}
	for name := range entered {
		if _, known := filled[name]; !known {
			return nil, &problem.Problem{Kind: problem.Settings,
				What: problem.Say("{phone} knows no setting “{name}”", "phone", remote.Known(s.Title), "name", name),
				Do:   problem.Say("Remove it from this phone's settings; there are: {names}", "names", strings.Join(names, ", "))}
		}
	}
	return filled, nil
}

var hostForm = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// enter answers a value in the form in which it is used, or what should be entered instead.
func enter(f phone.Field, v string) (fits string, instead problem.Text) {
	switch f.Type {
	case phone.URL:
		u, err := url.Parse(v)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return "", problem.Say("an address such as {example}", "example", "https://pbx.example.com")
		}
		v = strings.TrimRight(v, "/")
	case phone.Host:
		if !hostForm.MatchString(v) && net.ParseIP(v) == nil {
			return "", problem.Say("a server's name or address without http://, such as {example}", "example", "pbx.example.com")
		}
	case phone.Choice:
		var values []string
		for _, o := range f.Options {
			if o.Value == v {
				return v, instead
			}
			values = append(values, o.Value)
		}
		return "", problem.Say("one of: {values}", "values", strings.Join(values, ", "))
	case phone.Number:
		if _, err := strconv.ParseUint(v, 10, 63); err != nil {
			return "", problem.Say("a number")
		}
	case phone.Flag:
		switch strings.ToLower(v) {
		case "true", "yes", "on":
			v = "true"
		case "false", "no", "off":
			v = "false"
		default:
			return "", problem.Say("yes or no")
		}
	}
	if f.Pattern != "" {
		if re, err := regexp.Compile(f.Pattern); err != nil || !re.MatchString(v) {
			if f.Placeholder != "" {
				return "", problem.Say("a value such as {example}", "example", f.Placeholder)
			}
			return "", problem.Say("a value of the form {pattern}", "pattern", strings.TrimSuffix(strings.TrimPrefix(f.Pattern, "^(?:"), ")$"))
		}
	}
	return v, instead
}
