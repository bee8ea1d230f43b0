package main

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32    = windows.NewLazySystemDLL("kernel32.dll")
	freeConsole = kernel32.NewProc("FreeConsole")
	whoseIsIt   = kernel32.NewProc("GetConsoleProcessList")
)

// leaveConsole closes the console window that Windows opens for a program that is started at login or by a double
// click. One that the person has typed the command into has a shell in it too, and stays.
func leaveConsole() bool {
	var processes [2]uint32
	n, _, _ := whoseIsIt.Call(uintptr(unsafe.Pointer(&processes[0])), uintptr(len(processes)))
	if n != 1 {
		return false
	}
	left, _, _ := freeConsole.Call()
	return left != 0
}
