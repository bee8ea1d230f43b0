package main

import (
	"testing"

	"github.com/offhook/offhook/app/local"
)

// The window comes by itself until the person has been led through setting up, and where nothing is missing not at all.
func TestFirstRun(t *testing.T) {
	for _, tt := range []struct {
		missing []string
		demo    string
		want    bool
	}{
		{[]string{"client-id", "sign-in", "phone", "look"}, "", true},
		{[]string{"sign-in", "look"}, "", true},
		{[]string{"look"}, "", false},    // set up by hand
		{[]string{"sign-in"}, "", false}, // signed out later
		{nil, "", false},
		{[]string{"sign-in", "look"}, "http://127.0.0.1/", false},
	} {
		if got := firstRun(local.Status{Setup: local.Setup{Missing: tt.missing}, DemoPage: tt.demo}); got != tt.want {
			t.Errorf("missing %v, demo %q: %v", tt.missing, tt.demo, got)
		}
	}
}
