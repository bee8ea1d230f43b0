package sip

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"
)

// statement is what somebody publishes of the person: a phone, Offhook, the phone system itself.
type statement struct {
	id   string
	word string    // available, busy, …
	said bool      // by an activity; else it only says whether somebody can be reached
	at   time.Time // zero: not told
}

// pidf is the document application/pidf+xml (RFC 3863) with what RPID (RFC 4480) puts into it. The names are found in
// whatever namespace they stand: there are several drafts of RPID about.
type pidf struct {
	XMLName xml.Name  `xml:"presence"`
	Tuples  []element `xml:"tuple"`
	Persons []element `xml:"person"`
	Notes   []string  `xml:"note"`
}

type element struct {
	ID     string `xml:"id,attr"`
	Status struct {
		Basic      string     `xml:"basic"`
		Activities activities `xml:"activities"`
	} `xml:"status"`
	Activities activities `xml:"activities"`
	Notes      []string   `xml:"note"`
	Timestamp  string     `xml:"timestamp"`
}

type activities struct {
	All []struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	} `xml:",any"`
}

// words are RPID's activities in Offhook's words. One that is not here says nothing about whether to disturb.
var words = map[string]string{
	"on-the-phone": onThePhone, "busy": busy, "meeting": meeting, "appointment": meeting, "presentation": meeting,
	"performance": meeting, "away": away, "meal": away, "breakfast": away, "lunch": away, "dinner": away,
	"holiday": away, "vacation": away, "permanent-absence": away, "sleeping": away, "travel": away, "in-transit": away,
	"worship": away, "shopping": away, "steering": away,
}

// order says which of several words is believed when nothing else tells: the later.
var order = []string{"", offline, available, away, busy, meeting, onThePhone, dnd}

// parsePIDF reads what is published. An empty document says that nothing is.
func parsePIDF(document []byte) ([]statement, error) {
	if len(document) == 0 {
		return nil, nil
	}
	var doc pidf
	if err := xml.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	var all []statement
	for _, e := range doc.Tuples {
		s := e.statement(doc.Notes)
		if s.word == "" {
			switch strings.ToLower(strings.TrimSpace(e.Status.Basic)) {
			case "open":
				s.word = available
			case "closed":
				s.word = offline
			case "":
			default:
				return nil, fmt.Errorf("a basic status %q", e.Status.Basic)
			}
		}
		all = append(all, s)
	}
	for _, e := range doc.Persons {
		all = append(all, e.statement(doc.Notes))
	}
	return slices.DeleteFunc(all, func(s statement) bool { return s.word == "" }), nil
}

func (e element) statement(notes []string) statement {
	s := statement{id: e.ID}
	s.at, _ = time.Parse(time.RFC3339, strings.TrimSpace(e.Timestamp)) // one that cannot be read tells nothing
	notes = append(slices.Clone(notes), e.Notes...)
	for _, a := range slices.Concat(e.Activities.All, e.Status.Activities.All) {
		name := strings.ToLower(a.XMLName.Local)
		if name == "note" {
			notes = append(notes, a.Text)
		}
		if w := words[name]; slices.Index(order, w) > slices.Index(order, s.word) {
			s.word = w
		}
	}
	// There is no activity for it, so it is said in the note; what follows a busy one.
	if s.word == busy && slices.ContainsFunc(notes, saysDND) {
		s.word = dnd
	}
	s.said = s.word != ""
	return s
}

func saysDND(note string) bool {
	note = strings.ToLower(strings.Join(strings.Fields(note), " "))
	return note == "dnd" || strings.Contains(note, "do not disturb")
}

// shown is what the statements amount to: an activity before mere reachability, the newer one before the older, and
// of equals the one that asks for more quiet. Where nobody says anything the person has chosen nothing.
func shown(all []statement) string {
	if len(all) == 0 {
		return available
	}
	best := slices.MaxFunc(all, func(a, b statement) int {
		if a.said != b.said {
			if a.said {
				return 1
			}
			return -1
		}
		if c := a.at.Compare(b.at); c != 0 && a.said {
			return c
		}
		return slices.Index(order, a.word) - slices.Index(order, b.word)
	})
	return best.word
}

// writePIDF says a word in Offhook's name. id is the tuple's and the person's.
func writePIDF(entity, id, word string, now time.Time) []byte {
	activity, note := "", ""
	switch word {
	case available, offline:
	case dnd:
		activity, note = busy, "Do not disturb"
	default:
		activity = word
	}
	basic := "open"
	if word == offline {
		basic = "closed"
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
		`xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="` + escaped(entity) + `">`)
	fmt.Fprintf(&b, `<tuple id="%s"><status><basic>%s</basic></status>`, escaped(id), basic)
	if note != "" {
		fmt.Fprintf(&b, `<note>%s</note>`, note)
	}
	at := now.UTC().Format("2006-01-02T15:04:05.000000Z07:00") // the newer is believed, also within a millisecond
	fmt.Fprintf(&b, `<timestamp>%s</timestamp></tuple>`, at)
	if activity != "" {
		fmt.Fprintf(&b, `<dm:person id="%s-person"><rpid:activities><rpid:%s/></rpid:activities>`, escaped(id), activity)
		if note != "" {
			fmt.Fprintf(&b, `<dm:note>%s</dm:note>`, note)
		}
		fmt.Fprintf(&b, `<dm:timestamp>%s</dm:timestamp></dm:person>`, at)
	}
	b.WriteString(`</presence>`)
	return []byte(b.String())
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
