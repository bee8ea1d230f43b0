// Package sample holds made-up statuses, one for each way things can stand, for the tests of the window's
// pages. No program imports it.
package sample

import (
	"time"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/phone"
)

// Now is when the samples are looked at.
func Now() time.Time { return time.Date(2026, 3, 12, 14, 5, 0, 0, time.UTC) }

// Statuses answers the samples by name.
func Statuses() map[string]local.Status {
	return map[string]local.Status{
		"signed-out":  signedOut(),
		"device-code": deviceCode(),
		"browser":     browser(),
		"in-step":     inStep(),
		"in-call":     inCall(),
		"problem":     problem(),
		"paused":      paused(),
		"two-phones":  twoPhones(),
		"first-run":   firstRun("sign-in", "phone", "look"),
		"first-phone": firstRun("phone", "look"),
		"first-look":  firstLook(),
		"consent":     consent(),
		"lapsed":      lapsed(),

		"phone-signed-out":    phoneSignedOut(local.PhoneSignInNeeded),
		"phone-signing-in":    phoneSignedOut(local.PhoneSignInUnderWay),
		"first-phone-sign-in": firstPhoneSignIn(),
	}
}

func at(hour, minute, second int) time.Time {
	return time.Date(2026, 3, 12, hour, minute, second, 0, time.UTC)
}

func inStep() local.Status {
	return local.Status{
		Version: "1.0.0", Look: local.LookSynced, Synced: true,
		Sentence: "You are available, in Teams and on the phone",
		Account:  local.Account{SignedIn: true, Name: "ada@example.com", Kept: true},
		Teams: local.Teams{Known: true, Availability: "Available", Activity: "Available", Title: "Available",
			Means: "available", Since: at(12, 1, 40), Read: at(14, 4, 52), NextReadIn: 55, Because: "nothing happens"},
		Phones:  []local.Phone{desk()},
		Reasons: reasons(),
		Changed: at(14, 4, 52),
	}
}

func desk() local.Phone {
	return local.Phone{
		ID: "desk", System: "simulated", Title: "Desk phone", Known: true, Status: "Available", Means: "available",
		Chosen: "Available", Since: at(12, 1, 41), Read: at(14, 4, 52), Proof: "simulated",
		Capabilities: phone.Capabilities{ReadsLine: true, ReadsStatus: true, Writes: true, Events: true},
		ToPhone: []local.Row{
			applies(to("Available/Available", "Available", "Available")),
			mine(to("Busy/Busy", "Busy", "Away"), "Busy"),
			to("Busy/InACall", "In a call", "Busy"),
			to("Busy/InAConferenceCall", "In a conference call", "Busy"),
			to("Busy/InAMeeting", "In a meeting", "In a meeting"),
			to("DoNotDisturb/DoNotDisturb", "Do not disturb", "Do not disturb"),
			to("DoNotDisturb/Presenting", "Presenting", "Do not disturb"),
			to("DoNotDisturb/Focusing", "Focusing", "Do not disturb"),
			to("BeRightBack/BeRightBack", "Be right back", "Away"),
			unchanged("Away/Away", "Away", "Teams sets it by itself when the PC is idle"),
			unchanged("Available/OutOfOffice", "Out of office", "a mail setting says nothing of the phone"),
			unchanged("Offline/OffWork", "Appear offline", "whom it hides from in Teams may still ring"),
			unchanged("Offline/Offline", "Offline", "Teams is closed; the phone goes on"),
		},
		ToTeams: []local.Row{
			applies(toTeams("Available", "Available/Available", "Available")),
			toTeams("Busy", "Busy/Busy", "Busy"),
			toTeams("Do not disturb", "DoNotDisturb/DoNotDisturb", "Do not disturb"),
			toTeams("Away", "Away/Away", "Away"),
			unchanged("On vacation", "On vacation", "Teams has no such state that can be set"),
			unchanged("In a meeting", "In a meeting", "Graph does not let it be set"),
			unchanged("Ringing", "Ringing", "ringing is not talking"),
			toTeams("On a call", "Busy/InACall", "In a call"),
			toTeams("On hold", "Busy/InACall", "In a call"),
		},
	}
}

func to(from, title, target string) local.Row {
	return local.Row{From: from, FromTitle: title, To: target, ToTitle: target}
}

func toTeams(from, target, title string) local.Row {
	return local.Row{From: from, FromTitle: from, To: target, ToTitle: title}
}

// applies is the row of what is now.
func applies(r local.Row) local.Row {
	r.Applies = true
	return r
}

// mine is a row that the person changed.
func mine(r local.Row, preset string) local.Row {
	r.Changed, r.Preset, r.PresetTitle = true, preset, preset
	return r
}

func unchanged(from, title, why string) local.Row {
	return local.Row{From: from, FromTitle: title, Unchanged: true, Why: why}
}

func reasons() []local.Reason {
	return []local.Reason{
		{At: at(9, 0, 3), Kind: "unchanged", Where: "teams",
			Sentence: "Teams stays Available: the two sides differed at the start, and nothing is overwritten then"},
		{At: at(11, 30, 12), Kind: "mirrored", Where: "desk", TookMS: 640,
			Sentence: "Desk phone set to In a meeting because a Teams meeting began"},
		{At: at(12, 1, 40), Kind: "gave-back", Where: "desk", TookMS: 410,
			Sentence: "Desk phone is Available again because the Teams meeting ended"},
		{At: at(13, 15, 20), Kind: "own-hand-wins", Where: "teams",
			Sentence: "Teams shows Do not disturb, which you chose there; the call on Desk phone does not lower it"},
		{At: at(13, 59, 58), Kind: "unchanged", Where: "teams",
			Sentence: "Teams left unchanged while Desk phone rings: ringing is not talking"},
	}
}

func inCall() local.Status {
	s := inStep()
	s.Look, s.Sentence = local.LookBusy, "You are on a call on Desk phone; Teams shows In a call"
	s.Teams.Availability, s.Teams.Activity, s.Teams.Title, s.Teams.Means = "Busy", "InACall", "In a call", "busy"
	s.Teams.Held = &local.Hold{Shows: "In a call", Before: "Available", Cause: "you are on a call on Desk phone",
		Since: at(14, 0, 7), Until: at(14, 9, 7)}
	s.Phones[0].Status, s.Phones[0].Means, s.Phones[0].Happening = "On a call", "busy", "On a call"
	s.Reasons = append(s.Reasons, local.Reason{At: at(14, 0, 7), Kind: "mirrored", Where: "teams", TookMS: 380,
		Sentence: "Desk phone: On a call, so Teams now shows In a call"})
	return s
}

func problem() local.Status {
	s := inStep()
	s.Look, s.Synced, s.Sentence = local.LookUnreachable, false, "Desk phone does not answer"
	wrong := &local.Problem{Kind: "unreachable", Where: "desk",
		What:  "Desk phone does not answer: no connection to phone.example.com within 10 seconds",
		Do:    "Check the network, or the server's name in the settings; Offhook goes on trying",
		Since: at(13, 58, 1).Format(time.RFC3339)}
	s.Problem = wrong
	s.Phones[0].Problem = wrong
	s.Phones[0].Known, s.Phones[0].Status, s.Phones[0].Means, s.Phones[0].Chosen = false, "", "", ""
	return s
}

func paused() local.Status {
	s := inStep()
	s.Look, s.Synced, s.Sentence = local.LookPaused, false, "Paused until 15:00"
	s.Paused = &local.Pause{Until: at(15, 0, 0)}
	return s
}

func signedOut() local.Status {
	s := inStep()
	s.Look, s.Synced, s.Sentence = local.LookSignedOut, false, "Nobody is signed in to Teams"
	s.Problem = &local.Problem{Kind: "signed-out", Where: "account", What: "Nobody is signed in to Teams", Do: "Sign in below"}
	s.Account = local.Account{}
	s.Teams = local.Teams{Because: "nobody is signed in"}
	s.Reasons = nil
	return s
}

func browser() local.Status {
	s := signedOut()
	s.Account = local.Account{SigningIn: "browser"}
	return s
}

func deviceCode() local.Status {
	s := signedOut()
	s.Account = local.Account{SigningIn: "device-code", Code: "HJK4PQRT", CodeURL: "https://login.example.com/device",
		CodeUntil: at(14, 19, 32)}
	return s
}

func twoPhones() local.Status {
	s := inStep()
	s.Phones = append(s.Phones, local.Phone{
		ID: "pbx", System: "mitel-cloudlink", Title: "Mitel CloudLink", Proof: "mapping only",
		Problem: &local.Problem{Kind: "settings", Where: "pbx", What: "Offhook cannot reach Mitel CloudLink yet",
			Do: "Choose another phone system in the settings"},
		Capabilities: phone.Capabilities{},
		ToTeams: []local.Row{toTeams("In a call", "Busy/InACall", "In a call"),
			toTeams("Do not disturb", "DoNotDisturb/Presenting", "Presenting")},
	})
	s.Phones[0].Held = &local.Hold{Shows: "In a meeting", Before: "Available", Cause: "a Teams meeting began", Since: at(13, 30, 2)}
	s.Phones[0].Status, s.Phones[0].Means, s.Phones[0].Chosen = "In a meeting", "busy", "In a meeting"
	s.Teams.Availability, s.Teams.Activity, s.Teams.Title, s.Teams.Means = "Busy", "InAMeeting", "In a meeting", "busy"
	s.Teams.OutOfOffice = true
	s.Account.Kept, s.Account.NotKept = false, "the keyring is locked"
	s.Look, s.Synced, s.Sentence = local.LookBusy, false, "You are in a Teams meeting; Desk phone shows In a meeting"
	return s
}

// firstRun is a first run with some of it still missing.
func firstRun(missing ...string) local.Status {
	s := signedOut()
	s.Setup.Missing, s.Phones = missing, nil
	if missing[0] != "sign-in" {
		in := inStep()
		s.Account, s.Teams, s.Problem = in.Account, in.Teams, nil
	}
	return s
}

// consent is a sign-in that an administrator must allow first.
func consent() local.Status {
	s := signedOut()
	s.Problem = &local.Problem{Kind: "forbidden", Where: "account", State: "admin-consent-needed",
		What: "Your organisation lets only administrators accept an app's permissions",
		Do:   "Send your administrator the link with which to accept Offhook's permissions for your organisation, then sign in again"}
	s.Account.Problem = s.Problem
	link := "https://login.example.com/organizations/v2.0/adminconsent?client_id=11111111-2222-3333-4444-555555555555"
	s.Account.Consent = &local.Consent{Link: link, Text: "Hello,\n\nOffhook keeps my Teams presence and my phone in step. " +
		"To allow that, please open this page and accept the permissions:\n\n" + link + "\n"}
	return s
}

// lapsed is a sign-in that has ended.
func lapsed() local.Status {
	s := signedOut()
	s.Account.Name = "ada@example.com"
	s.Problem = &local.Problem{Kind: "signed-out", Where: "account", State: "password-changed",
		What: "The password was changed, which ended the sign-in", Do: "Sign in again"}
	s.Teams.Problem = s.Problem
	return s
}

// phoneSignedOut is a phone that is to be signed in to in the browser.
func phoneSignedOut(how local.PhoneSignIn) local.Status {
	s := problem()
	p := &s.Phones[0]
	p.System, p.Title, p.Proof, p.SignIn = "univerge-blue", "Univerge Blue", "built from documents", how
	p.Problem = &local.Problem{Kind: "phone-signed-out", Where: "desk", What: "Nobody is signed in to Univerge Blue", Do: "Sign in to this phone"}
	s.Problem, s.Sentence = p.Problem, p.Problem.What
	return s
}

func firstPhoneSignIn() local.Status {
	s := phoneSignedOut(local.PhoneSignInNeeded)
	s.Setup.Missing = []string{"phone-sign-in", "look"}
	return s
}

func firstLook() local.Status {
	s := inStep()
	s.Setup.Missing = []string{"look"}
	return s
}
