package local

import (
	"context"
	"time"
)

// Resident is what stands behind the door. The client has the same methods, each with an error for the door
// itself (nobody answers).
type Resident interface {
	Status() Status
	// Follow sends the status now and at each change, the newest only, until ctx ends; then it closes.
	Follow(ctx context.Context) <-chan Status
	SignIn(ctx context.Context, how SignIn) Result
	SignOut(ctx context.Context) Result
	Pause(ctx context.Context, until time.Time) Result // zero: until resumed
	Resume(ctx context.Context) Result
	Settings(ctx context.Context) Result // opens the window, or brings the open one to the front
	Quit(ctx context.Context) Result     // gives back what is held and ends

	SetStatus(ctx context.Context, set SetStatus) Result // on both sides
	CancelSignIn(ctx context.Context) Result             // gives up the sign-in under way, if there is one

	// SignInPhone begins a sign-in to a phone, by its id, in the person's browser; how it goes on stands in the
	// status, in Phone.SignIn. One that is under way is given up for it, and by CancelSignInPhone. SignOutPhone
	// forgets the sign-in.
	SignInPhone(ctx context.Context, phone string) Result
	CancelSignInPhone(ctx context.Context, phone string) Result
	SignOutPhone(ctx context.Context, phone string) Result

	ReadSettings(ctx context.Context) Settings
	EditSettings(ctx context.Context, e Edit) Result
	Systems(ctx context.Context) Systems
	Test(ctx context.Context, t Test) Tested // takes as long as the phone lets it wait, 20 seconds at most
	Targets(ctx context.Context, phone string) Targets
	Try(ctx context.Context, t Try) Tried
	Activity(ctx context.Context, q ActivityQuery) ActivityPage

	// OpenWindow opens the window on a page, or brings the open one to the front. Attend is how an open window
	// hears of that: it is sent to until ctx ends. Only one window attends: for another ok is false, and the
	// first one is brought to the front instead.
	OpenWindow(ctx context.Context, o Open) Result
	Attend(ctx context.Context) (shows <-chan Show, ok bool)
	ReadWindow(ctx context.Context) Window
	KeepWindow(ctx context.Context, w Window) Result
}
