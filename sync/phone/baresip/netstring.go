package baresip

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// errNotBaresip: what answers does not speak ctrl_tcp.
var errNotBaresip = errors.New("not baresip's control port")

const mostBytes = 1 << 20

// message is an answer or an event.
type message struct {
	Response bool
	OK       bool
	Data     string
	Type     string
}

// command is what is asked.
type command struct {
	Command string `json:"command"`
	Params  string `json:"params,omitempty"`
}

func send(w io.Writer, c command) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d:%s,", len(text), text)
	return err
}

// receive reads one netstring: its length, a colon, that many bytes, a comma.
func receive(r *bufio.Reader) (m message, err error) {
	length, digits := 0, 0
	for {
		c, err := r.ReadByte()
		switch {
		case err == io.EOF && digits > 0:
			return m, io.ErrUnexpectedEOF
		case err != nil:
			return m, err
		}
		if c == ':' && digits > 0 {
			break
		}
		if digits++; c < '0' || c > '9' || digits > 7 {
			return m, fmt.Errorf("%w: no length but %s", errNotBaresip, strconv.QuoteRune(rune(c)))
		}
		length = 10*length + int(c-'0')
	}
	if length > mostBytes {
		return m, fmt.Errorf("%w: %d bytes", errNotBaresip, length)
	}
	text := make([]byte, length+1)
	if _, err := io.ReadFull(r, text); err != nil {
		return m, io.ErrUnexpectedEOF
	}
	if text[length] != ',' {
		return m, fmt.Errorf("%w: no comma at the end", errNotBaresip)
	}
	if err := json.Unmarshal(text[:length], &m); err != nil {
		return m, fmt.Errorf("%w: %w", errNotBaresip, err)
	}
	return m, nil
}
