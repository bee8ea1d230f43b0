package sip

import (
	"slices"
	"testing"
	"time"
)

const head = `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:100@pbx">`

func TestPIDF(t *testing.T) {
	tuple := func(inner string) string { return `<tuple id="t"><status>` + inner + `</status></tuple>` }
	for name, tt := range map[string]struct{ inner, want string }{
		"nobody":               {"", available},
		"open":                 {tuple("<basic>open</basic>"), available},
		"closed":               {tuple("<basic>closed</basic>"), offline},
		"one of two is open":   {tuple("<basic>closed</basic>") + tuple("<basic> open\n</basic>"), available},
		"without a word":       {tuple(""), available},
		"the person is away":   {tuple("<basic>open</basic>") + `<dm:person id="p"><rpid:activities><rpid:away/></rpid:activities></dm:person>`, away},
		"and in several ways":  {`<dm:person id="p"><rpid:activities><rpid:away/><rpid:meeting/></rpid:activities></dm:person>`, meeting},
		"an older form":        {tuple(`<basic>open</basic><ep:activities xmlns:ep="urn:ietf:params:xml:ns:pidf:rpid:status:rpid-status"><ep:on-the-phone/></ep:activities>`), onThePhone},
		"an unknown activity":  {tuple("<basic>open</basic>") + `<dm:person id="p"><rpid:activities><rpid:yodelling/></rpid:activities></dm:person>`, available},
		"do not disturb":       {`<dm:person id="p"><rpid:activities><rpid:busy/></rpid:activities><dm:note>Do  Not Disturb</dm:note></dm:person>`, dnd},
		"so in the activities": {`<dm:person id="p"><rpid:activities><rpid:note>DND</rpid:note><rpid:busy/></rpid:activities></dm:person>`, dnd},
		"a note alone":         {tuple("<basic>open</basic>") + "<note>do not disturb the cat</note>", available},
		"the newer one": {`<dm:person id="p"><rpid:activities><rpid:busy/></rpid:activities><dm:timestamp>2026-03-02T09:00:00Z</dm:timestamp></dm:person>` +
			`<dm:person id="q"><rpid:activities><rpid:away/></rpid:activities><dm:timestamp>2026-03-02T11:00:00.5+01:00</dm:timestamp></dm:person>`, away},
		"of two without a time the quieter": {`<dm:person id="p"><rpid:activities><rpid:busy/></rpid:activities></dm:person>` +
			`<dm:person id="q"><rpid:activities><rpid:away/></rpid:activities></dm:person>`, busy},
	} {
		t.Run(name, func(t *testing.T) {
			says, err := parsePIDF([]byte(head + tt.inner + "</presence>"))
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(says); got != tt.want {
				t.Errorf("%q, want %q: %+v", got, tt.want, says)
			}
		})
	}
	for name, doc := range map[string]string{"no XML": "<html", "another document": `<dialog-info version="1"/>`,
		"neither open nor closed": head + tuple("<basic>ajar</basic>") + "</presence>"} {
		if says, err := parsePIDF([]byte(doc)); err == nil {
			t.Errorf("%s: %+v", name, says)
		}
	}
}

// What is written is read as what it was.
func TestPIDFGivesBack(t *testing.T) {
	for _, word := range order[1:] {
		says, err := parsePIDF(writePIDF("sip:a&b@pbx", "offhook-1", word, time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(says); got != word {
			t.Errorf("%s is read as %s: %+v", word, got, says)
		}
	}
}

func FuzzPIDF(f *testing.F) {
	for _, word := range order[1:] {
		f.Add(writePIDF("sip:100@pbx", "x", word, time.Unix(0, 0)))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		says, err := parsePIDF(doc)
		if err == nil && !slices.Contains(order[1:], shown(says)) {
			t.Errorf("shown is %q", shown(says))
		}
	})
}
