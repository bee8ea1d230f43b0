package teams

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offhook/offhook/sync/problem"
	"github.com/offhook/offhook/sync/simulate"
)

// What can be seen of a registration from outside is seen, and nobody is signed in by it.
func TestCheckRegistration(t *testing.T) {
	all := []string{"tenant yes", "client-id yes", "multi-tenant yes", "public-client yes", "settings-page ?"}
	tests := map[string]struct {
		fault, clientID, tenant string
		want                    []string
	}{
		"right":             {want: all},
		"any organisation":  {tenant: "organizations", want: all},
		"no such id":        {clientID: "11111111-2222-4333-8444-555555555555", want: []string{"tenant yes", "client-id no client-id-unknown"}},
		"no id at all":      {clientID: "Offhook", want: []string{"client-id no client-id-unknown"}},
		"disabled":          {fault: "client_disabled", want: []string{"tenant yes", "client-id no client-id-disabled"}},
		"no such tenant":    {tenant: "nobody.example", want: []string{"tenant no tenant-unknown"}},
		"not public":        {fault: "invalid_client", want: []string{"tenant yes", "client-id yes", "multi-tenant yes", "public-client no public-client-not-allowed", "settings-page ?"}},
		"one tenant, named": {fault: "single_tenant", want: []string{"tenant yes", "client-id yes", "one-tenant yes", "public-client yes", "settings-page ?"}},
		"one tenant, not named": {fault: "single_tenant", tenant: "organizations",
			want: []string{"tenant yes", "client-id yes", "multi-tenant no single-tenant-app"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorlds(t, simulate.Options{})
			c := Config{ClientID: w.ClientID(), Authority: w.AuthorityURL(), Graph: w.GraphURL(), HTTP: w.client}
			if test.clientID != "" {
				c.ClientID = test.clientID
			}
			if test.tenant != "" {
				c.Authority = strings.Replace(c.Authority, simulate.DefaultTenant, test.tenant, 1)
			}
			if err := w.Fail(simulate.Faults{Entra: test.fault}); err != nil {
				t.Fatal(err)
			}
			found, err := CheckRegistration(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				line := f.Name + " ?"
				if f.Holds != nil {
					line = f.Name + " " + map[bool]string{true: "yes", false: "no"}[*f.Holds]
				}
				if f.Problem != nil {
					line += " " + f.Problem.State
					if f.Problem.Do.IsZero() {
						t.Errorf("%s: nothing to do", f.Name)
					}
				}
				got = append(got, line)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Where Microsoft does not answer, nothing is found out, and that is told as what it is.
func TestCheckRegistrationWithoutMicrosoft(t *testing.T) {
	for fault, state := range map[string]string{"down": "unreachable", "503": "microsoft-in-trouble", "429": "microsoft-throttles"} {
		w := newWorlds(t, simulate.Options{})
		if err := w.Fail(simulate.Faults{Entra: fault}); err != nil {
			t.Fatal(err)
		}
		found, err := CheckRegistration(t.Context(), Config{ClientID: w.ClientID(), Authority: w.AuthorityURL(), HTTP: w.client})
		if p := problem.Of(err); p == nil || p.State != state || found != nil {
			t.Errorf("%s: %s, %v", fault, fmt.Sprint(found), err)
		}
	}
}

// What answers in Microsoft's place is told with the name of what it stands in for.
func TestCheckRegistrationOfAnotherServer(t *testing.T) {
	portal := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<title>Welcome to the hotel</title>")
	}))
	defer portal.Close()
	found, err := CheckRegistration(t.Context(), Config{ClientID: "11111111-2222-4333-8444-555555555555",
		Authority: portal.URL + "/organizations", HTTP: portal.Client()})
	p := problem.Of(err)
	for _, f := range found {
		if f.Problem != nil {
			p = f.Problem
		}
	}
	if p == nil || p.State != "not-microsoft" || p.What.String() != "Something else answered in place of Microsoft's sign-in" {
		t.Errorf("%v, %v", found, p)
	}
}
