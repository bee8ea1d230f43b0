package profile

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// The forms of answers.
const (
	answerJSON = "json"
	answerXML  = "xml"
	answerText = "text"
)

var errWebPage = errors.New("a web page")

// decodeAnswer reads an answer as what expressions see.
func decodeAnswer(form string, data []byte) (any, error) {
	switch form {
	case answerXML:
		return decodeXML(data)
	case answerText:
		s := strings.TrimSpace(string(data))
		if head := strings.ToLower(s[:min(len(s), 14)]); strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html") {
			return nil, errWebPage
		}
		return s, nil
	}
	return decodeJSON(data)
}

// decodeJSON reads exactly one JSON value; numbers keep all their digits.
func decodeJSON(data []byte) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}

// decodeXML reads exactly one XML document as JSON would have it: {root: value}. An element without elements
// and attributes is its text, an empty one null. Any other is an object: its elements by name, the namespace left out, each a
// list where it stands more than once; its attributes as "@name"; its text, where there is some, as "#text".
func decodeXML(data []byte) (any, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = fromLatin
	top := map[string]any{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
			continue
		case len(top) > 0:
			return nil, errors.New("a second XML document follows the first")
		case strings.EqualFold(start.Name.Local, "html"):
			return nil, errWebPage
		}
		v, err := element(d, start, 0)
		if err != nil {
			return nil, err
		}
		top[start.Name.Local] = v
	}
	if len(top) == 0 {
		return nil, errors.New("not XML")
	}
	return top, nil
}

// fromLatin reads the one character set besides UTF-8 that phone systems still write.
func fromLatin(name string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "iso-8859-1", "latin1", "windows-1252", "us-ascii", "ascii":
	default:
		return nil, errors.New("the XML is written in " + name)
	}
	data, err := io.ReadAll(in)
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return strings.NewReader(string(runes)), err
}

const deepest = 100 // elements within each other

func element(d *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > deepest {
		return nil, errors.New("the XML is nested too deeply")
	}
	object := map[string]any{}
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			object["@"+a.Name.Local] = a.Value
		}
	}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			v, err := element(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			name := t.Name.Local
			before, again := object[name]
			list, isList := before.([]any)
			switch {
			case !again:
				object[name] = v
			case isList:
				object[name] = append(list, v)
			default:
				object[name] = []any{before, v}
			}
		case xml.EndElement:
			s := strings.TrimSpace(text.String())
			switch {
			case len(object) == 0 && s == "":
				return nil, nil
			case len(object) == 0:
				return s, nil
			}
			if s != "" {
				object["#text"] = s
			}
			return object, nil
		}
	}
}
