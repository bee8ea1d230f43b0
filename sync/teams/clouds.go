package teams

import (
	"net/url"
	"strings"

	"github.com/offhook/offhook/sync/problem"
)

// cloud is one of Microsoft's: who signs in at one of its authorities reads from one of its Graphs. The
// first of each is what stands where the settings name the other alone.
type cloud struct{ authorities, graphs []string }

func clouds() []cloud {
	return []cloud{
		{[]string{"login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net"}, []string{"graph.microsoft.com"}},
		{[]string{"login.microsoftonline.us", "login.usgovcloudapi.net"}, []string{"graph.microsoft.us", "dod-graph.microsoft.us"}},
		{[]string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"}, []string{"microsoftgraph.chinacloudapi.cn"}},
	}
}

// cloudOf finds the cloud to which an address belongs; none for a private one.
func cloudOf(address string) (c cloud, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return c, false
	}
	for _, c := range clouds() {
		for _, host := range append(c.authorities, c.graphs...) {
			if strings.EqualFold(u.Hostname(), host) {
				return c, true
			}
		}
	}
	return c, false
}

// completeAddresses fills in what the settings leave out of authority and Graph, and refuses two of different
// clouds: a token of one is worth nothing in the other.
func (c *Config) completeAddresses() error {
	home := clouds()[0]
	of, known := cloudOf(c.Graph)
	if !known {
		of = home
	}
	if c.Authority == "" {
		c.Authority = "https://" + of.authorities[0] + "/" + c.Tenant
	}
	by, known := cloudOf(c.Authority)
	if !known {
		by = home
	}
	if c.Graph == "" {
		c.Graph = "https://" + by.graphs[0] + "/v1.0"
	}
	of, ours := cloudOf(c.Graph)
	if known && ours && of.graphs[0] != by.graphs[0] {
		return &problem.Problem{
			Kind: problem.Settings,
			What: problem.Say("The settings authority, {authority}, and graph, {graph}, are of different clouds", "authority", c.Authority, "graph", c.Graph),
			Do:   problem.Say("Take one of them out: the other says which cloud it is"),
		}
	}
	return nil
}
