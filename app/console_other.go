//go:build !windows

package main

// leaveConsole: only Windows opens a window for a program's words.
func leaveConsole() bool { return false }
