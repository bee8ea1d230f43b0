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
func (p *program) readSecret(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(p.err, prompt)
	f, ok := p.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		text, err := bufio.NewReader(p.in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("the secret cannot be read: %w", err)
		}
		return strings.TrimRight(text, "\r\n"), nil
	}
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("the terminal cannot be read: %w", err)
	}
	type line struct {
		text []byte
		err  error
	}
	typed := make(chan line, 1)
	go func() { // a read of a terminal cannot be cut short; where it is given up, so is the program
		text, err := term.ReadPassword(fd)
		typed <- line{text, err}
	}()
	select {
	case l := <-typed:
		fmt.Fprintln(p.err)
		if l.err != nil && !errors.Is(l.err, io.EOF) {
			return "", fmt.Errorf("the secret cannot be read: %w", l.err)
		}
		return string(l.text), nil
	case <-ctx.Done():
		fmt.Fprintln(p.err)
		return "", errors.Join(errors.New("given up, so nothing is kept"), term.Restore(fd, before))
	}
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
