package endtoend_test

import (
	"net/url"
	"testing"

	"github.com/offhook/offhook/app/local"
	"github.com/offhook/offhook/sync/simulate"
)

// Sign-ins that end on a page from which no browser comes back, or that come back with what is not theirs: the
// person reads why, and the next attempt succeeds.
func TestRealBrowserMeetsErrorPages(t *testing.T) {
	t.Parallel()
	b := realBrowser(t)
	b.errorPages.Store(true)
	w := newWorld(t)
	asked := make(chan string, 1)
	o := begin(t, write(t, w, desk(w)), simulate.DefaultPassword, func(url string) error { asked <- url; return nil })
	signIn := func(how local.SignIn) {
		t.Helper()
		if r := o.SignIn(t.Context(), how); !r.OK {
			t.Fatal(r.Problem.What)
		}
	}

	// Not on the list: the page says so, and Offhook goes on waiting until the person tries something else.
	act(t, w.Fail(simulate.Faults{Entra: "not_assigned"}))
	signIn(local.SignIn{})
	b.open(<-asked)
	b.press("continue")
	b.says("AADSTS50105")
	o.until("it waits", func(s local.Status) bool { return s.Account.SigningIn == "browser" && s.Account.Problem == nil })

	// With a code the answer comes to Offhook itself.
	act(t, w.Fail(simulate.Faults{Entra: "device_code_blocked"}))
	signIn(local.SignIn{DeviceCode: true})
	s := o.until("codes are not allowed", func(s local.Status) bool { return s.Account.Problem != nil })
	if p := s.Account.Problem; p.State != "device-code-blocked" || p.Do != "Sign in with the browser" {
		t.Errorf("told %+v", p)
	}

	// The answer of another sign-in is turned away, and the right one still taken.
	act(t, w.Fail(simulate.Faults{Entra: "none"}))
	signIn(local.SignIn{})
	page := <-asked
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("state", "of-an-older-sign-in")
	u.RawQuery = q.Encode()
	b.open(u.String())
	b.press("continue")
	b.says("the answer of another sign-in")
	b.shot("another-sign-in")
	b.open(page)
	b.press("continue")
	b.says("Offhook finishes the sign-in")
	o.until("both sides are read", func(s local.Status) bool { return s.Synced })
}
