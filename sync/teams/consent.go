package teams

import (
	"fmt"
	"net/url"
	"strings"
)

// Consent is what a person sends to their administrator where only administrators may accept permissions.
type Consent struct {
	Link string // opens Microsoft's page on which an administrator accepts them for the organisation
	Text string // a message that is ready to be sent, the link in it
}

// Consent makes the message of the client id and the authority that are in use.
func (s *Side) Consent() Consent { return consent(s.account.authority, s.account.clientID) }

func consent(authority, clientID string) Consent {
	link := strings.TrimRight(authority, "/") + "/adminconsent?" + url.Values{"client_id": {clientID}}.Encode()
	return Consent{link, fmt.Sprintf(`Hello,

I would like to use Offhook. It runs on my own computer and keeps my Microsoft Teams presence and my phone in
step. Our organisation lets only administrators accept what an app may do, so I need your help.

Please open this link, sign in as an administrator and accept:

%s

The app's id (client id) is %s. It asks for these delegated permissions of Microsoft Graph, which
reach no further than the person who signs in:

  User.Read             to know who has signed in
  Presence.Read         to read that person's own presence
  Presence.ReadWrite    to change that person's own presence

It cannot read chats, mail, files, calendars or anybody else's presence, and no secret is stored for it.

Thank you`, link, clientID)}
}
