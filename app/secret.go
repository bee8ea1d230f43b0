package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/offhook/offhook/app/local"
)

// readSecret reads a line that a terminal does not show while it is typed.
func (p *program) readSecret(prompt string) (string, error) {
	fmt.Fprint(p.err, prompt)
	var text string
	var err error
	if f, ok := p.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		var typed []byte
		typed, err = term.ReadPassword(int(f.Fd()))
		text = string(typed)
		fmt.Fprintln(p.err)
	} else {
		text, err = bufio.NewReader(p.in).ReadString('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("the secret cannot be read: %w", err)
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// handSecret gives a phone's secret to the running resident, which uses it at once; told is false where none runs.
func (p *program) handSecret(ctx context.Context, id, field, text string) (told bool, err error) {
	r, err := local.Dial(p.folder).EditSettings(ctx, local.Edit{
		ChangePhone: &local.PhoneEdit{ID: id, Secrets: map[string]string{field: text}}})
	if errors.Is(err, local.ErrNotRunning) {
		return false, nil
	}
	done := "Sealed, and used from now on"
	if r.Note != "" {
		done = "Used until Offhook ends. " + r.Note
	}
	return true, p.acted(done, r, err)
}
