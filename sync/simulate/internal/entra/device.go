package entra

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
)

const (
	maxForm        = 64 << 10
	deviceInterval = 5
)

// postDeviceCode begins a sign-in on another device.
func (a *Authority) postDeviceCode(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if id := r.PostFormValue("client_id"); !strings.EqualFold(id, a.ClientID) {
		a.refuse(w, a.unknownClient(id))
		return
	}
	if kind := a.Faults.Get().Kind; kind == FaultUnknownClient || kind == FaultDisabledClient || kind == FaultClock {
		a.refuse(w, named[kind])
		return
	}
	scopes, bad := parseScopes(r.PostFormValue("scope"))
	if bad != nil {
		a.refuse(w, *bad)
		return
	}
	code := secret("device")
	req := &request{scopes: scopes, userCode: userCode(), until: a.Now().Add(deviceLifetime)}
	a.mu.Lock()
	a.prune(a.Now())
	a.devices[code] = req
	a.mu.Unlock()
	page := a.Pages() + "/device"
	answer(w, http.StatusOK, map[string]any{
		"device_code": code, "user_code": req.userCode, "verification_uri": page,
		"expires_in": int(deviceLifetime.Seconds()), "interval": deviceInterval,
		"message": fmt.Sprintf("To sign in, use a web browser to open the page %s and enter the code %s to authenticate.", page, req.userCode),
	})
}

// userCode makes a code that is easy to type: no vowels, nothing that looks like something else.
func userCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXYZ23456789" + "CFH" // 32, so that each byte is evenly used
	b := make([]byte, 9)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b)
}

func (a *Authority) getDevice(w http.ResponseWriter, _ *http.Request) {
	a.page(w, http.StatusOK, "device", deviceView{App: a.AppName}, "'self'")
}

func (a *Authority) postDevice(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	typed := strings.ToUpper(strings.TrimSpace(r.PostFormValue("code")))
	if req := a.waiting(typed); req != nil {
		a.ask(w, req)
		return
	}
	a.page(w, http.StatusBadRequest, "device", deviceView{App: a.AppName, Typed: typed,
		Wrong: "That code did not work. Look at it again in the application; a code is good for 15 minutes."}, "'self'")
}

func (a *Authority) waiting(userCode string) *request {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, req := range a.devices {
		if req.userCode == userCode && req.outcome == pending && a.Now().Before(req.until) {
			return req
		}
	}
	return nil
}

func (a *Authority) decideDevice(w http.ResponseWriter, req *request, yes bool) {
	a.mu.Lock()
	req.outcome = refused
	if yes {
		req.outcome = granted
	}
	a.mu.Unlock()
	if yes {
		a.message(w, http.StatusOK, "You are signed in", a.AppName+" goes on by itself. You can close this window.")
		return
	}
	a.message(w, http.StatusOK, "Nothing was signed in", "You cancelled. You can close this window.")
}
