package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"strings"

	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/settings"
	"github.com/offhook/offhook/sync/teams"
)

// This file holds the command that guides through one's own app registration.

const registering = `Offhook signs in with an app registration, which you make once, in a few minutes. An ordinary user may do this in
most organisations; the registration may belong to any tenant. No secret is made, so none can expire.

1. Open %[1]s and sign in. Go to: App registrations, New registration.
     Name                      Offhook
     Supported account types   Accounts in any organizational directory (Multitenant)
                               (or only yours: then give Offhook your tenant's id, see 5)
     Redirect URI              Public client/native (mobile & desktop)
                               http://localhost
   Register.
2. Authentication:
     Allow public client flows   Yes
   Save.
3. API permissions, Add a permission, Microsoft Graph, Delegated permissions:
     User.Read
     Presence.Read
     Presence.ReadWrite
   Add permissions. None of them needs an administrator's consent by itself; a tenant may ask for it nevertheless.
4. Overview: copy the Application (client) ID.
5. Put it into %[2]s:
     account:
       client_id: <that id>
       tenant: <your tenant's id>        # only if the app is for one organisation
6. See whether it is right:
     offhook register --check <that id>
`

func (p *program) register(ctx context.Context, flags *flag.FlagSet, args []string) error {
	check := flags.String("check", "", "look at the registration with this `CLIENT_ID` from outside")
	tenant := flags.String("tenant", "", "the `TENANT` for which it is registered, instead of the one in the settings")
	if _, err := p.parse(flags, args, 0); err != nil {
		return err
	}
	set, err := settings.Load(p.folder)
	if err != nil {
		return err
	}
	if *check == "" {
		fmt.Fprintf(p.out, registering, portal(set.Account), settings.File+" in "+p.folder)
		return nil
	}
	account := set.Account
	if *tenant != "" {
		account.Tenant = *tenant
		if account.Authority, err = withTenant(account.Authority, *tenant); err != nil {
			return err
		}
	}
	client, err := resident.HTTPClient(account)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	found, err := teams.CheckRegistration(ctx, teams.Config{ClientID: *check, Tenant: account.Tenant, Authority: account.Authority,
		Graph: account.Graph, HTTP: client})
	if err != nil {
		return err
	}
	return p.showFindings(*check, found)
}

// checked is a teams.Finding as JSON.
type checked struct {
	Name  string `json:"name"`
	Holds *bool  `json:"holds"` // null: that cannot be seen from outside
	What  string `json:"what"`
	State string `json:"state,omitempty"` // what is wrong
	Why   string `json:"why,omitempty"`
	Do    string `json:"do,omitempty"`
}

func (p *program) showFindings(id string, found []teams.Finding) error {
	list, good := []checked{}, true
	for _, f := range found {
		shown := checked{Name: f.Name, Holds: f.Holds, What: f.What}
		if f.Problem != nil {
			shown.State, shown.Why, shown.Do = f.Problem.State, f.Problem.What.String(), f.Problem.Do.String()
		}
		good = good && (f.Holds == nil || *f.Holds)
		list = append(list, shown)
	}
	if p.json {
		p.printJSON(map[string]any{"client_id": id, "good": good, "findings": list}, true)
	} else {
		for _, f := range list {
			switch {
			case f.Holds == nil && f.Why == "":
				fmt.Fprintf(p.out, "  ?    %s: the first sign-in tells\n", f.What)
			case f.Holds == nil:
				fmt.Fprintf(p.out, "  ?    %s: %s\n", f.What, f.Why)
			case *f.Holds:
				fmt.Fprintf(p.out, "  yes  %s\n", f.What)
			default:
				fmt.Fprintf(p.out, "  NO   %s\n       %s. %s.\n", f.What, f.Why, f.Do)
			}
		}
	}
	if !good {
		return exit(exitSettings)
	}
	return nil
}

// portal is where apps are registered, in the cloud that the settings name.
func portal(a settings.Account) string {
	switch u, err := url.Parse(a.Authority); {
	case err == nil && strings.HasSuffix(u.Hostname(), "microsoftonline.us"):
		return "https://entra.microsoft.us"
	case err == nil && (strings.HasSuffix(u.Hostname(), "microsoftonline.cn") || strings.HasSuffix(u.Hostname(), "chinacloudapi.cn")):
		return "https://portal.azure.cn"
	}
	return "https://entra.microsoft.com"
}

// withTenant is the authority for another tenant; none for none, which is Microsoft's.
func withTenant(authority, tenant string) (string, error) {
	if authority == "" {
		return "", nil
	}
	u, err := url.Parse(authority)
	if err != nil {
		return "", &problem.Problem{Kind: problem.Settings, Err: err, What: problem.Say("The authority in the settings is not an address"), Do: problem.Say("Correct account.authority in {file}", "file", settings.File)}
	}
	u.Path = "/" + tenant
	return u.String(), nil
}
