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
func (r *Resident) CancelSignIn(context.Context) local.Result { return result(errPending, "offhook") }
func (r *Resident) ReadSettings(context.Context) local.Settings {
	return local.Settings{Problem: show(errPending, whereSettings, r.status.Changed)}
}
func (r *Resident) EditSettings(context.Context, local.Edit) local.Result {
	return result(errPending, whereSettings)
}
func (r *Resident) Systems(context.Context) local.Systems {
	return local.Systems{Problem: result(errPending, whereSettings).Problem}
}
func (r *Resident) Test(context.Context, local.Test) local.Tested {
	return local.Tested{Problem: result(errPending, whereSettings).Problem}
}
func (r *Resident) Targets(context.Context, string) local.Targets {
	return local.Targets{Problem: result(errPending, whereSettings).Problem}
}
func (r *Resident) Try(context.Context, local.Try) local.Tried {
	return local.Tried{Problem: result(errPending, whereSettings).Problem}
}
func (r *Resident) Activity(context.Context, local.ActivityQuery) local.ActivityPage {
	return local.ActivityPage{Problem: result(errPending, whereSettings).Problem}
}
func (r *Resident) OpenWindow(context.Context, local.Open) local.Result {
	return result(errPending, "offhook")
}
func (r *Resident) Attend(context.Context) (<-chan local.Show, bool) { return nil, false }
func (r *Resident) ReadWindow(context.Context) local.Window          { return local.Window{} }
func (r *Resident) KeepWindow(context.Context, local.Window) local.Result {
	return result(errPending, "offhook")
}
