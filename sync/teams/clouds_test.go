package teams

import (
	"testing"

	"github.com/offhook/offhook/sync/problem"
)

// Either address says which cloud it is; two must say the same; private ones are left as they are.
func TestClouds(t *testing.T) {
	tests := map[string]struct{ authority, graph, wantAuthority, wantGraph string }{
		"nothing set": {"", "", "https://login.microsoftonline.com/organizations", "https://graph.microsoft.com/v1.0"},
		"us government, by its authority": {"https://login.microsoftonline.us/organizations", "",
			"https://login.microsoftonline.us/organizations", "https://graph.microsoft.us/v1.0"},
		"us government, by its graph": {"", "https://graph.microsoft.us/v1.0",
			"https://login.microsoftonline.us/organizations", "https://graph.microsoft.us/v1.0"},
		"us department of defense": {"", "https://dod-graph.microsoft.us/v1.0",
			"https://login.microsoftonline.us/organizations", "https://dod-graph.microsoft.us/v1.0"},
		"china": {"https://login.partner.microsoftonline.cn/organizations", "",
			"https://login.partner.microsoftonline.cn/organizations", "https://microsoftgraph.chinacloudapi.cn/v1.0"},
		"a private graph": {"", "https://graph.example.com/v1.0/",
			"https://login.microsoftonline.com/organizations", "https://graph.example.com/v1.0"},
		"both private":        {"https://login.example.com/t", "http://127.0.0.1:1/v1.0", "https://login.example.com/t", "http://127.0.0.1:1/v1.0"},
		"of different clouds": {"https://login.microsoftonline.us/organizations", "https://graph.microsoft.com/v1.0", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Config{ClientID: testClient, Authority: test.authority, Graph: test.graph, Secrets: noSecrets{}, InstanceDiscovery: true}
			err := c.complete()
			if test.wantGraph == "" {
				if p := problem.Of(err); p == nil || p.Kind != problem.Settings || p.Do.IsZero() {
					t.Errorf("%v, want a problem of the settings", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.Authority != test.wantAuthority || c.Graph != test.wantGraph {
				t.Errorf("authority %s, graph %s", c.Authority, c.Graph)
			}
			_, theirs := cloudOf(c.Authority)
			if c.InstanceDiscovery != theirs {
				t.Errorf("Microsoft vouches for the authority: %v", c.InstanceDiscovery)
			}
		})
	}
}
