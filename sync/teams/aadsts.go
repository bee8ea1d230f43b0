package teams

import "github.com/offhook/offhook/sync/problem"

// aadstsProblem says in plain words what one of Entra's AADSTS numbers means to the person who signs in.
// The numbers may change (https://learn.microsoft.com/entra/identity-platform/reference-error-codes), so
// nothing is decided by them but the words; an unknown one is explained by its error's class.
func aadstsProblem(code int) (*problem.Problem, bool) {
	const (
		again    = "Sign in again"
		askAdmin = "Ask your administrator to accept Offhook's permissions for your organisation"
		askLeave = "Ask your administrator to let you use Offhook"
		checkID  = "Check client_id and tenant in the settings, and the app registration"
		rules    = "Sign in from a place and a device that your organisation allows, or ask your administrator"
	)
	say := func(kind problem.Kind, what, do string) (*problem.Problem, bool) {
		return &problem.Problem{Kind: kind, What: what, Do: do}, true
	}
	switch code {
	// Consent.
	case 65001, 65005:
		return say(problem.Forbidden, "Offhook's permissions have not been accepted yet", again+" and accept them; if that is not offered, ask your administrator to")
	case 65004:
		return say(problem.Forbidden, "The permissions that Offhook needs were declined", again+" and accept them")
	case 90094, 90093:
		return say(problem.Forbidden, "Your organisation lets only administrators accept an app's permissions", askAdmin)
	case 90095:
		return say(problem.Forbidden, "Your request to use Offhook waits for an administrator's approval", "Sign in again when it has been approved")

	// The person's account.
	case 50105:
		return say(problem.Forbidden, "Your account is not on the list of those who may use this app", askLeave)
	case 50020, 90072:
		return say(problem.Forbidden, "Your account does not belong to the organisation that this app is registered for", "Sign in with an account of that organisation, or set another tenant")
	case 500200, 500201, 9001023:
		return personalAccount(), true
	case 50034:
		return say(problem.Forbidden, "This account does not exist in the organisation", "Sign in with another account, or check the tenant in the settings")
	case 50053:
		return say(problem.Forbidden, "The account is locked because of too many attempts to sign in", "Wait a while, then sign in again")
	case 50057:
		return say(problem.Forbidden, "The account is disabled", "Ask your administrator")
	case 50055:
		return say(problem.SignedOut, "The password has expired", "Change it, then sign in again")
	case 50126:
		return say(problem.SignedOut, "The user name or the password is wrong", again)

	// The sign-in has ended.
	case 50173, 50133:
		return say(problem.SignedOut, "The password was changed or the sign-in was revoked", again)
	case 50132, 50089, 70043, 700082, 700084, 70008:
		return say(problem.SignedOut, "The sign-in has expired or was revoked", again)
	case 50076, 50079, 50074, 50072, 50158:
		return say(problem.SignedOut, "Your organisation asks for a second proof of who you are", again)
	case 50058:
		return say(problem.SignedOut, "Nobody is signed in to Microsoft in the browser", again)

	// The organisation's rules.
	case 53003, 53005, 530032, 530034, 530035:
		return say(problem.Forbidden, "Your organisation's rules (Conditional Access) do not allow this sign-in", rules+"; if you signed in with a code, sign in with the browser")
	case 53000, 53001, 53002, 530002, 530003, 50097, 50129:
		return say(problem.Forbidden, "Your organisation lets only devices it manages sign in", rules)
	case 53004, 53011:
		return say(problem.Forbidden, "Microsoft takes this account for at risk and does not let it sign in", "Ask your administrator")

	// The app registration.
	case 700016:
		return say(problem.Settings, "The client id is unknown to the organisation", checkID)
	case 7000112:
		return say(problem.Settings, "The app with this client id has been disabled", "Use another app registration, or ask its owner")
	case 7000218:
		return say(problem.Settings, "The app registration does not allow public client flows", "Set \"Allow public client flows\" to Yes under Authentication in the app registration")
	case 50194:
		return say(problem.Settings, "The app is registered for one organisation only", "Put that organisation's tenant id into the settings, or make the app multi-tenant")
	case 50011, 500113:
		return say(problem.Settings, "The app registration does not know the address for the way back", "Add http://localhost under \"Mobile and desktop applications\" in the app registration")
	case 900971:
		return say(problem.Settings, "The app registration names no address for the way back", "Add http://localhost under \"Mobile and desktop applications\" in the app registration")
	case 9002326, 9002327:
		return say(problem.Settings, "The app is registered as a web page and not as a desktop application", "Add http://localhost under \"Mobile and desktop applications\" in the app registration")
	case 90002, 900023, 900021, 90013:
		return say(problem.Settings, "The tenant in the settings does not exist", "Correct tenant in the settings, or leave it out")
	case 70011, 650053:
		return say(problem.Settings, "Microsoft does not know the permissions that Offhook asks for", "Check the authority and the Graph address in the settings: both must be of the same cloud")
	case 650052, 650057:
		return say(problem.Settings, "The app registration lacks the permissions that Offhook asks for", "Add User.Read, Presence.Read and Presence.ReadWrite (delegated) to the app registration")

	// Device code.
	case 70019, 70020, 70018:
		return say(problem.SignedOut, "The code is no longer good", again+" with a new one")

	// Passing trouble.
	case 90033, 90020, 50196:
		return say(problem.Server, "Microsoft's sign-in has trouble of its own", "Wait a while, then try again")
	}
	return nil, false
}
