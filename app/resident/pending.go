package resident

import (
	"context"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/problem"
)

// What the door offers and this program does not do yet: each says so.
var errPending = &problem.Problem{Kind: problem.Refused, What: "This version of Offhook cannot do that yet"}

func (r *Resident) SetStatus(context.Context, local.SetStatus) local.Result {
	return result(errPending, "offhook")
}
func (r *Resident) Activity(context.Context, local.ActivityQuery) local.ActivityPage {
	return local.ActivityPage{Problem: result(errPending, whereSettings).Problem}
}
