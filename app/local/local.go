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
	Settings(ctx context.Context) Result // opens the window
	Quit(ctx context.Context) Result     // gives back what is held and ends
}
