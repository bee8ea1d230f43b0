package bria

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errNotBria: what answers does not speak the Desktop API.
var errNotBria = errors.New("not Bria's Desktop API")

// frame is an answer ("HTTP/1.1 200 OK") or an event ("POST /statusChange").
type frame struct {
	code int    // 0: an event
	path string // of an event
	body []byte
}

// request writes a request. Its id is not needed to tell answers apart: one is asked at a time.
func request(path string, id int, body any) ([]byte, error) {
	content, err := xml.Marshal(body)
	if err != nil {
		return nil, err
	}
	content = append([]byte(`<?xml version="1.0" encoding="utf-8" ?>`+"\r\n"), content...)
	return fmt.Appendf(nil, "GET /%s\r\nUser-Agent: Offhook\r\nTransaction-ID: %d\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n%s",
		path, id, len(content), content), nil
}

// parse reads a frame. The body begins at the empty line, or, as Bria may leave that out, at the first tag.
func parse(text []byte) (f frame, err error) {
	head, _, _ := bytes.Cut(text, []byte("\n"))
	first := strings.Fields(string(head))
	switch {
	case len(first) >= 2 && first[0] == "HTTP/1.1":
		if f.code, err = strconv.Atoi(first[1]); err != nil || f.code < 100 {
			return f, fmt.Errorf("%w: it says %.40q", errNotBria, head)
		}
	case len(first) >= 2 && first[0] == "POST":
		f.path = strings.TrimPrefix(first[1], "/")
	default:
		return f, fmt.Errorf("%w: it says %.40q", errNotBria, head)
	}
	if i := bytes.IndexByte(text, '<'); i >= 0 {
		f.body = text[i:]
	}
	return f, nil
}

// statusRequest asks for a status.
type statusRequest struct {
	XMLName xml.Name `xml:"status"`
	Type    string   `xml:"type"`
}

// presenceRequest sets the presence.
type presenceRequest struct {
	XMLName xml.Name `xml:"presence"`
	Status  string   `xml:"presenceStatus"`
	Text    string   `xml:"presenceText"`
}

// status is the answer to a statusRequest.
type status struct {
	XMLName  xml.Name `xml:"status"`
	Type     string   `xml:"type,attr"`
	Presence string   `xml:"presenceStatus"`
	Text     string   `xml:"presenceText"`
	Calls    []struct {
		Hold   string   `xml:"holdStatus"`
		States []string `xml:"participants>participant>state"`
	} `xml:"call"`
}
