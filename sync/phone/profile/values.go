package profile

import (
	"context"
	"maps"

	"github.com/offhook/offhook/sync/problem"
)

// fields is what expressions see as $fields: what was entered and is no secret, and what was kept of answers.
func (c *client) fields() map[string]any {
	fields := map[string]any{"device": c.device}
	for _, f := range c.p.System.Fields {
		if !f.Secret {
			fields[f.Name] = c.entered[f.Name]
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.Copy(fields, c.session.kept)
	maps.Copy(fields, c.learned)
	return fields
}

// secrets is what the expressions of the sign-in see as $secrets.
func (c *client) secrets() map[string]any {
	secrets := map[string]any{}
	for _, f := range c.p.System.Fields {
		if f.Secret {
			secrets[f.Name] = c.entered[f.Name]
		}
	}
	return secrets
}

// compute answers what let says.
func (c *client) compute() (map[string]string, error) {
	v := c.visible
	v.secrets = c.secrets()
	computed := map[string]string{}
	for name, e := range c.p.file.Let {
		var err error
		if computed[name], err = e.value(context.Background(), nil, v); err != nil {
			return nil, &problem.Problem{Kind: problem.Settings, // what lies beneath may show a secret
				What: problem.Say("{phone}: “{name}” cannot be computed of what is entered (line {line} of its file)", "phone", c.title(), "name", name, "line", e.line),
				Do:   problem.Say("Check this phone's settings")}
		}
		c.hide(computed[name])
	}
	return computed, nil
}

// values is what placeholders stand for: everything entered, computed and kept.
func (c *client) values(s session, more map[string]string) map[string]string {
	values := map[string]string{}
	for name, v := range c.fields() {
		if text, ok := scalarText(v); ok {
			values[name] = text
		}
	}
	maps.Copy(values, c.entered)
	maps.Copy(values, c.computed)
	values["token"] = s.token
	maps.Copy(values, more)
	return values
}
