package phones

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/app/window/part"
	"github.com/offhook/offhook/app/window/wire"
)

// SignIn is the sign-in to a phone that is signed in to with the browser, as it stands now, with other things
// that can be done beside; nil for other phones.
func SignIn(w *wire.Wire, ph local.Phone, beside ...fyne.CanvasObject) fyne.CanvasObject {
	do := func(what func(context.Context, string) (local.Result, error)) func() {
		return func() {
			w.Do(func(ctx context.Context) (local.Result, error) { return what(ctx, ph.ID) })
		}
	}
	buttons := func(own ...fyne.CanvasObject) fyne.CanvasObject {
		return part.Padded(part.Row(append(own, beside...)...))
	}
	switch ph.SignIn {
	case local.PhoneSignInNeeded:
		return buttons(part.NewMain(w.T("Sign in in the browser"), theme.LoginIcon(), do(w.Door.SignInPhone)))
	case local.PhoneSignInUnderWay:
		return part.Stack(
			part.Text(w.T("Finish signing in on the page that opened in your browser.")),
			buttons(part.NewButton(w.T("Open the page again"), theme.LoginIcon(), do(w.Door.SignInPhone)),
				part.NewQuiet(w.T("Cancel"), nil, do(w.Door.CancelSignInPhone))))
	case local.PhoneSignedIn:
		return buttons(part.NewButton(w.T("Sign out"), theme.LogoutIcon(), do(w.Door.SignOutPhone)))
	}
	return nil
}
