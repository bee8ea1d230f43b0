package teams

import (
	"slices"

	"github.com/offhook/offhook/sync/problem"
)

// State is one way in which a sign-in, or what it is for, goes wrong: its stable name, a plain sentence and
// the next step. The sentence is a phrase of problem.Say and may have a place for what it happened to.
type State struct {
	Name     string
	Kind     problem.Kind
	What, Do string

	codes []int // the AADSTS numbers that mean it
}

// The states that something is decided by, or that a person is helped with more than a sentence.
const (
	ConsentNeeded      = "consent-needed"
	AdminConsentNeeded = "admin-consent-needed"
	AdminConsentAsked  = "admin-consent-asked"
	CodeExpired        = "code-expired"
	BrowserSilent      = "browser-never-came-back"

	conditionalAccess = "conditional-access"
	deviceCodeBlocked = "device-code-blocked"
	deviceNotManaged  = "device-not-managed"
	notAssigned       = "not-assigned"
	clientUnknown     = "client-id-unknown"
	clientDisabled    = "client-id-disabled"
	singleTenant      = "single-tenant-app"
	noPublicClient    = "public-client-not-allowed"
	tenantUnknown     = "tenant-unknown"
	clockWrong        = "clock-wrong"
	personal          = "personal-account"
	signInLapsed      = "sign-in-lapsed"
	signInFailed      = "sign-in-failed"
)

// States is every state there is. Microsoft's numbers may change
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes), so whether a sign-in has ended
// is not decided by them; an unknown number is explained by its error's class.
func States() []State {
	const (
		again   = "Sign in again"
		checkID = "Check client_id and tenant in the settings, and the app registration: offhook register --check tells what is wrong"
		rules   = "Sign in from a place and a device that your organisation allows, or ask your administrator"
		wayBack = "Add http://localhost under \"Mobile and desktop applications\" in the app registration"
		admin   = "Ask your administrator"
		wait    = "Wait a while, then try again"
		network = "Check the network connection"
		between = "Check the network (a proxy or a sign-on page may be in between) and the address in the settings"
		code    = "Sign in with a code instead"
		company = "Sign in with a work or school account"
		cloud   = "Check the authority and the Graph address in the settings: both must be of the same cloud"
		forbid  = problem.Forbidden
		out     = problem.SignedOut
		set     = problem.Settings
		away    = problem.Unreachable
		server  = problem.Server
	)
	return []State{
		// Consent.
		{ConsentNeeded, forbid, "Offhook's permissions have not been accepted yet", again + " and accept them; if that is not offered, ask your administrator to accept them", []int{65001, 65005}},
		{"consent-declined", forbid, "The permissions that Offhook needs were declined", again + " and accept them", []int{65004}},
		{AdminConsentNeeded, forbid, "Your organisation lets only administrators accept an app's permissions", "Send your administrator the link with which to accept Offhook's permissions for your organisation, then sign in again", []int{90094, 90093}},
		{AdminConsentAsked, forbid, "Your request to use Offhook waits for an administrator's approval", again + " when it has been approved", []int{90095}},
		{"permission-not-granted", forbid, "Not every permission that Offhook needs was granted; missing: {permissions}", again + " and accept all of them, or ask your administrator to accept them", nil},

		// The person's account.
		{notAssigned, forbid, "Your account is not on the list of those who may use this app", "Ask your administrator to let you use Offhook", []int{50105}},
		{"wrong-organisation", forbid, "Your account does not belong to the organisation that this app is registered for", "Sign in with an account of that organisation, or set another tenant", []int{50020, 90072}},
		{personal, forbid, "This is a personal Microsoft account, and those have no presence", company, []int{500200, 500201, 9001023}},
		{"account-unknown", forbid, "This account does not exist in the organisation", "Sign in with another account, or check the tenant in the settings", []int{50034}},
		{"account-locked", forbid, "The account is locked because of too many attempts to sign in", "Wait a while, then sign in again", []int{50053}},
		{"account-disabled", forbid, "The account is disabled", admin, []int{50057}},
		{"account-at-risk", forbid, "Microsoft considers this account at risk and does not let it sign in", admin, []int{53004, 53011}},
		{"password-expired", out, "The password has expired", "Change it, then sign in again", []int{50055}},
		{"password-wrong", out, "The user name or the password is wrong", again, []int{50126}},

		// The sign-in has ended.
		{"password-changed", out, "The password was changed, which ended the sign-in", again, []int{50133}},
		{"sign-in-revoked", out, "The sign-in was revoked, by a changed password or by an administrator", again, []int{50173}},
		{"sign-in-expired", out, "The sign-in has expired", again, []int{50132, 50089, 70043, 700082, 700084, 70008, 50078}},
		{"second-factor-needed", out, "Your organisation asks for a second proof of who you are", again, []int{50076, 50079, 50074, 50072, 50158}},
		{"no-session", out, "Nobody is signed in to Microsoft in the browser", again, []int{50058}},
		{signInLapsed, out, "The sign-in has lapsed", again, nil},
		{"sign-in-asked-anew", out, "Your organisation asks for a new sign-in", again, nil},

		// The organisation's rules.
		{conditionalAccess, forbid, "Your organisation's rules (Conditional Access) do not allow this sign-in", rules, []int{53003, 53005, 530032, 530034, 530035}},
		{deviceCodeBlocked, forbid, "Your organisation does not allow signing in with a code", "Sign in with the browser", nil},
		{deviceNotManaged, forbid, "Your organisation lets only devices it manages sign in", rules, []int{53000, 53001, 53002, 530002, 530003, 50097, 50129}},

		// The app registration.
		{clientUnknown, set, "The client id is unknown to the organisation", checkID, []int{700016}},
		{clientDisabled, set, "The app with this client id has been disabled", "Use another app registration, or ask its owner", []int{7000112}},
		{"client-id-refused", set, "Microsoft does not accept this client id for signing in", checkID, nil},
		{noPublicClient, set, "The app registration does not allow public client flows", "Set \"Allow public client flows\" to Yes under Authentication in the app registration", []int{7000218}},
		{singleTenant, set, "The app is registered for one organisation only", "Put that organisation's tenant id into the settings, or make the app multi-tenant", []int{50194}},
		{"way-back-missing", set, "The app registration lacks the address to which the browser comes back", wayBack, []int{50011, 500113, 900971}},
		{"web-registration", set, "The app is registered as a web page and not as a desktop application", wayBack, []int{9002326, 9002327}},
		{tenantUnknown, set, "The tenant in the settings does not exist", "Correct tenant in the settings, or leave it out", []int{90002, 900023, 900021, 90013}},
		{"permissions-unknown", set, "Microsoft does not know the permissions that Offhook asks for", cloud, []int{70011, 650053}},
		{"permissions-missing", set, "The app registration lacks the permissions that Offhook asks for", "Add User.Read, Presence.Read and Presence.ReadWrite (delegated) to the app registration", []int{650052, 650057}},

		// The way there and back.
		{"sign-in-declined", out, "The sign-in was declined", again + " and accept the permissions", nil},
		{CodeExpired, out, "The code is no longer good", again + " with a new one", []int{70019, 70020, 70018}},
		{BrowserSilent, out, "The browser never came back from the sign-in page", again + "; if the page shows an error, send its AADSTS number to your administrator, or sign in with a code instead", nil},
		{"browser-not-opened", away, "The browser cannot be opened", code, nil},
		{"loopback-closed", away, "Offhook cannot listen on this computer for the browser's answer", code, nil},
		{"loopback-taken", away, "Something else on this computer answers at the address to which the browser comes back", "Close what may hold it (a proxy or a security program), or sign in with a code instead", nil},
		{"answer-of-another-sign-in", problem.Refused, "The browser brought the answer of another sign-in, and it was turned away", "Close the old sign-in pages, then sign in again", nil},
		{"answer-by-get", problem.Refused, "The sign-in page's answer came in a way that is not safe (by GET and not as a form)", code, nil},
		{"sign-in-busy", problem.Refused, "A sign-in is already under way", "Finish it or give it up first", nil},
		{"sign-in-given-up", out, "The sign-in was given up", "", nil},
		{signInFailed, out, "Microsoft's sign-in failed", again, nil},
		{"nobody-named", server, "The sign-in did not say who signed in", again + ", and check the authority in the settings", nil},

		// The network and this computer.
		{"no-network", away, "The name {server} cannot be found", network, nil},
		{"unreachable", away, "{server} cannot be reached", network, nil},
		{"no-answer", away, "{server} did not answer in time", network, nil},
		{"proxy-password", away, "The proxy on the way to {server} asks for a user name and a password", "Set the proxy with both in the environment variable HTTPS_PROXY, or ask your administrator to let Offhook pass", nil},
		{"proxy-unreachable", away, "The proxy on the way to {server} cannot be reached", "Check the network and the proxy settings", nil},
		{"no-tls", away, "{server} does not speak TLS", between, nil},
		{"certificate-untrusted", problem.Certificate, "The certificate of {server} is not trusted", "If your company inspects its traffic, give its root certificate in the settings", nil},
		{clockWrong, set, "The clock of this computer is wrong", "Set the clock of this computer right", []int{700024, 500133}},

		// Passing trouble, and Graph.
		{"microsoft-throttles", problem.Throttled, "Microsoft's sign-in has had too many requests and asked to wait", "", nil},
		{"microsoft-in-trouble", server, "Microsoft's sign-in has trouble of its own", wait, []int{90033, 90020, 50196}},
		{"not-microsoft", server, "Something else answered in place of {server}", between, nil},
		{"permission-missing", forbid, "The permission to change presence is missing", again + " and accept it; if that is not offered, ask your administrator to accept it", nil},
		{"no-presence", problem.Refused, "Microsoft Graph knows no presence for this account", "Sign in with a work or school account that uses Teams, and check the Graph address in the settings", nil},
		{"token-not-accepted", out, "Microsoft Graph does not accept the sign-in", again, nil},
		{"signed-out", out, "Nobody is signed in to Microsoft", "Sign in", nil},
	}
}

// in makes the problem of a state: with is for the place in its sentence.
func in(name string, with ...any) *problem.Problem {
	i := slices.IndexFunc(States(), func(s State) bool { return s.Name == name })
	return States()[i].problem(with...)
}

// stateOf finds the state that an AADSTS number means.
func stateOf(code int) (State, bool) {
	for _, s := range States() {
		if slices.Contains(s.codes, code) {
			return s, true
		}
	}
	return State{}, false
}

func (s State) problem(with ...any) *problem.Problem {
	return &problem.Problem{Kind: s.Kind, State: s.Name, What: problem.Say(s.What, with...), Do: problem.Say(s.Do)}
}
