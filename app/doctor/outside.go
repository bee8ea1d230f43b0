package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/resident"
	"github.com/offhook/offhook/sync/problem"
)

// patience is how long a server may take to answer.
const patience = 10 * time.Second

// maxSkew is how wrong a clock may be before sign-ins fail: tokens are good for a time.
const maxSkew = 5 * time.Minute

// aboutMicrosoft asks the sign-in's and Graph's servers for something that needs no sign-in.
func (l *look) aboutMicrosoft(ctx context.Context) {
	names := []string{"network", "clock", "entra", "graph"}
	if l.broken != nil {
		for _, name := range names {
			l.say(name, Skipped, "The settings have to be mended first", "")
		}
		return
	}
	client, err := resident.HTTPClient(l.set.Account)
	if err != nil {
		for _, name := range names {
			l.fail(name, err)
		}
		return
	}
	defer client.CloseIdleConnections()
	authority := l.set.Account.Authority
	if authority == "" {
		tenant := l.set.Account.Tenant
		if tenant == "" {
			tenant = "organizations"
		}
		authority = "https://login.microsoftonline.com/" + tenant
	}
	graph := l.set.Account.Graph
	if graph == "" {
		graph = "https://graph.microsoft.com/v1.0"
	}
	entra, atEntra := l.ask(ctx, client, strings.TrimSuffix(authority, "/")+"/v2.0/.well-known/openid-configuration")
	api, atGraph := l.ask(ctx, client, strings.TrimSuffix(graph, "/")+"/me")
	if l.reached {
		l.say("network", OK, "Microsoft's servers can be reached", "")
	} else {
		l.say("network", Bad, fmt.Sprintf("Neither %s nor %s can be reached", hostOf(authority), hostOf(graph)),
			"Check the network, the proxy and the firewall")
	}
	l.clock()
	switch {
	case atEntra != nil:
		l.fail("entra", atEntra)
	case entra != http.StatusOK:
		l.say("entra", Bad, fmt.Sprintf("The sign-in's server %s knows no such tenant (%d)", hostOf(authority), entra), "Check account.tenant and account.authority")
	default:
		l.say("entra", OK, "The sign-in's server answers: "+hostOf(authority), "")
	}
	switch {
	case atGraph != nil:
		l.fail("graph", atGraph)
	case api == http.StatusUnauthorized || api == http.StatusOK:
		l.say("graph", OK, "Graph answers: "+hostOf(graph), "")
	default:
		l.say("graph", Bad, fmt.Sprintf("%s answers as Graph would not (%d)", hostOf(graph), api), "Check account.graph")
	}
}

// ask sends one request, and takes the time from whoever answers.
func (l *look) ask(ctx context.Context, client *http.Client, address string) (code int, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, &problem.Problem{Kind: problem.Settings, What: problem.Say("{text} is no address", "text", address), Do: problem.Say("Correct it in the settings")}
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, &problem.Problem{Kind: problem.Unreachable, What: problem.Say("{server} does not answer: {error}", "server", hostOf(address), "error", beneath(err)),
			Do: problem.Say("Check the network, the proxy and the firewall")}
	}
	defer response.Body.Close()
	l.reached = true
	if at, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		l.answered = at
	}
	return response.StatusCode, nil
}

func beneath(err error) string {
	if u, ok := err.(*url.Error); ok {
		err = u.Err
	}
	return err.Error()
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

func (l *look) clock() {
	if l.answered.IsZero() {
		l.say("clock", Skipped, "Nobody told the time", "")
		return
	}
	off := time.Since(l.answered).Round(time.Second)
	if off.Abs() > maxSkew {
		l.say("clock", Bad, fmt.Sprintf("This PC's clock is %s off", off.Abs()), "Let the system set the time by itself, or sign-ins fail")
		return
	}
	l.say("clock", OK, "The clock is right", "")
}

func (l *look) aboutSignIn() {
	switch {
	case l.status != nil && l.status.Account.SignedIn && l.status.Teams.Problem == nil:
		l.say("sign-in", OK, "Signed in as "+l.status.Account.Name, "")
	case l.status != nil && l.status.Teams.Problem != nil:
		l.say("sign-in", Bad, l.status.Teams.Problem.What, l.status.Teams.Problem.Do)
	case l.status != nil:
		l.say("sign-in", Bad, "Nobody is signed in to Microsoft", "Sign in with: offhook sign-in")
	case l.broken != nil || l.set.Account.ClientID == "":
		l.say("sign-in", Skipped, "The settings have to be mended first", "")
	case l.locked != nil:
		l.say("sign-in", Skipped, "The keyring has to be unlocked first", "")
	default:
		if _, kept := l.secrets.Get("teams/account"); kept {
			l.say("sign-in", OK, "A sign-in is kept", "")
			return
		}
		l.say("sign-in", Bad, "Nobody is signed in to Microsoft", "Start offhook and sign in")
	}
}

// aboutPhones asks each phone how it is.
func (l *look) aboutPhones(ctx context.Context) {
	if l.broken != nil {
		l.say("phones", Skipped, "The settings have to be mended first", "")
		return
	}
	if len(l.set.Phones) == 0 {
		l.say("phones", Bad, "No phone is set up", "Add one in the window, under phones in the settings file, or see: offhook phones list")
	}
	for _, p := range l.set.Phones {
		name := "phone " + p.ID
		if l.asTold(name, p.ID) {
			continue
		}
		if l.secrets == nil {
			l.say(name, Skipped, "The keyring has to be unlocked first", "")
			continue
		}
		tested := resident.TestPhone(ctx, resident.Options{Folder: l.o.Folder, Secrets: l.secrets}, l.set,
			local.Test{System: p.System, Fields: p.Fields, Phone: p.ID})
		if tested.Problem != nil {
			l.say(name, Bad, tested.Problem.What, tested.Problem.Do)
		} else {
			l.say(name, OK, tested.Found, "")
		}
	}
}

// asTold says how the running Offhook finds a phone that is signed in to with the browser: its refresh token may be
// good for one use only, and asking it from here would end that sign-in.
func (l *look) asTold(name, id string) bool {
	if l.status == nil {
		return false
	}
	for _, p := range l.status.Phones {
		if p.ID != id || p.SignIn == "" {
			continue
		}
		switch {
		case p.Problem != nil:
			l.say(name, Bad, p.Problem.What, p.Problem.Do)
		case p.Known:
			l.say(name, OK, p.Title+": "+p.Status, "")
		default:
			l.say(name, Skipped, "It has not been read yet", "Ask again in a moment")
		}
		return true
	}
	return false
}
