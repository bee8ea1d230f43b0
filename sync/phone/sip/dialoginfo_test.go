package sip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func info(version int, state string, dialogs ...string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="%d" state="%s" entity="sip:100@pbx">%s</dialog-info>`,
		version, state, strings.Join(dialogs, ""))
}

func one(id, attributes, state string, inner ...string) string {
	return fmt.Sprintf(`<dialog id="%s" %s><state event="cancelled" code="487">%s</state>%s</dialog>`, id, attributes, state, strings.Join(inner, ""))
}

const silentSide = `<remote><target uri="sip:1@x"><param pname="+sip.rendering" pval="no"/></target></remote>`

func TestDialogs(t *testing.T) {
	everything := func(dialog) bool { return true }
	in, out := `direction="recipient"`, `direction="initiator"`
	for name, tt := range map[string]struct {
		documents [][]byte
		want      string
	}{
		"nothing":                       {[][]byte{info(0, "full")}, ""},
		"an empty body":                 {[][]byte{info(0, "full", one("a", in, "early")), nil}, ""},
		"trying, told of":               {[][]byte{info(0, "full", one("a", "", "trying"))}, ringing},
		"proceeding":                    {[][]byte{info(0, "full", one("a", in, "proceeding"))}, ringing},
		"rings":                         {[][]byte{info(0, "full", one("a", in, "early"))}, ringing},
		"dials":                         {[][]byte{info(0, "full", one("a", out, "early"))}, inCall},
		"talks":                         {[][]byte{info(0, "full", one("a", in, " confirmed\n"))}, inCall},
		"over":                          {[][]byte{info(0, "full", one("a", in, "confirmed")), info(1, "full", one("a", in, "terminated"))}, ""},
		"held":                          {[][]byte{info(0, "full", one("a", in, "confirmed", silentSide))}, held},
		"held, as Asterisk says it":     {[][]byte{info(0, "full", one("a", in, "confirmed", strings.ReplaceAll(silentSide, "pval", "pvalue")))}, held},
		"rendering":                     {[][]byte{info(0, "full", one("a", in, "confirmed", strings.ReplaceAll(silentSide, `"no"`, `"yes"`)))}, inCall},
		"talks while another rings":     {[][]byte{info(0, "full", one("a", in, "confirmed"), one("b", in, "early"))}, inCall},
		"one held while another rings":  {[][]byte{info(0, "full", one("a", in, "confirmed", silentSide), one("b", in, "early"))}, held},
		"one held, the other talked to": {[][]byte{info(0, "full", one("a", in, "confirmed", silentSide), one("b", out, "confirmed"))}, inCall},
		"a change":                      {[][]byte{info(7, "full"), info(8, "partial", one("a", in, "early"))}, ringing},
		"a change of one of two":        {[][]byte{info(0, "full", one("a", in, "confirmed"), one("b", in, "early")), info(1, "partial", one("a", in, "terminated"))}, ringing},
		"a change told twice":           {[][]byte{info(0, "full"), info(1, "partial", one("a", in, "early")), info(2, "partial", one("a", in, "terminated")), info(1, "partial", one("a", in, "early"))}, ""},
		"a whole state overtaken":       {[][]byte{info(5, "full"), info(4, "full", one("a", in, "early"))}, ""},
		"a whole state after a gap":     {[][]byte{info(0, "full"), info(9, "full", one("a", in, "early"))}, ringing},
		"what is left out has ended":    {[][]byte{info(0, "full", one("a", in, "confirmed")), info(1, "full")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var d dialogs
			for _, doc := range tt.documents {
				if err := d.update(doc); err != nil {
					t.Fatalf("%v in %s", err, doc)
				}
			}
			if got := d.does(everything); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// What cannot be read leaves what was known, and is told.
func TestDialogsThatCannotBeRead(t *testing.T) {
	for name, tt := range map[string]struct {
		document []byte
		gap      bool
	}{
		"a change is missing":   {info(2, "partial", one("a", "", "early")), true},
		"no XML":                {[]byte("<html>"), false},
		"another document":      {[]byte(`<presence version="1"/>`), false},
		"no version":            {[]byte(`<dialog-info state="full"/>`), false},
		"a version too large":   {[]byte(`<dialog-info version="99999999999" state="full"/>`), false},
		"neither full nor part": {info(1, "half"), false},
		"an unknown state":      {info(1, "full", one("a", "", "dreaming")), false},
	} {
		t.Run(name, func(t *testing.T) {
			var d dialogs
			if err := d.update(info(0, "full", one("a", "", "confirmed"))); err != nil {
				t.Fatal(err)
			}
			err := d.update(tt.document)
			if err == nil || errors.Is(err, errGap) != tt.gap {
				t.Errorf("%v", err)
			}
			if got := d.does(func(dialog) bool { return true }); got != inCall {
				t.Errorf("it now does %q", got)
			}
		})
	}
}

// Do not disturb that lights a call's lamp names no call; a call does.
func TestNamed(t *testing.T) {
	var d dialogs
	named := func(d dialog) bool { return d.named }
	for attributes, want := range map[string]string{"": "", `call-id="1@x"`: inCall, `direction="recipient"`: inCall} {
		if err := d.update(info(int(d.version)+1, "full", one("a", attributes, "confirmed"))); err != nil {
			t.Fatal(err)
		}
		if got := d.does(named); got != want {
			t.Errorf("%s: %q", attributes, got)
		}
	}
}

func FuzzDialogInfo(f *testing.F) {
	f.Add(info(0, "full", one("a", `direction="recipient"`, "confirmed", silentSide)), info(1, "partial", one("a", "", "terminated")))
	f.Add([]byte("<dialog-info version='1' state='full'>"), []byte{})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var d dialogs
		_ = d.update(first)
		before := d.does(func(dialog) bool { return true })
		if err := d.update(second); err != nil && d.does(func(dialog) bool { return true }) != before {
			t.Errorf("a document that could not be read changed %q", before)
		}
		for id, one := range d.live {
			if one.does == "" {
				t.Errorf("%q goes on and does nothing", id)
			}
		}
	})
}
