// Package endtoend tries the whole of Offhook as a person has it: the resident and the program itself between
// a simulated tenant and a simulated phone, with a real Asterisk and a real browser where they are there. It
// has nothing but tests. It must not know how anything inside works: it plays the person, and looks at both
// sides, at the status and at the exit code.
package endtoend
