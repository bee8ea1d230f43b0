package sip

import (
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dialogs is what an extension's dialogs are known to be (RFC 4235). The zero value knows of none.
type dialogs struct {
	version uint32
	known   bool // a version has been seen
	live    map[string]dialog
}

// dialog is one that goes on.
type dialog struct {
	does  string // ringing, call or hold
	named bool   // it says which call it is; a lamp in the form of a dialog does not
}

// errGap: a change was told of a state that never arrived.
var errGap = errors.New("a change is missing")

// dialogInfo is the document application/dialog-info+xml.
type dialogInfo struct {
	XMLName xml.Name `xml:"dialog-info"`
	Version *uint32  `xml:"version,attr"`
	State   string   `xml:"state,attr"`
	Dialogs []struct {
		ID        string      `xml:"id,attr"`
		CallID    string      `xml:"call-id,attr"`
		Direction string      `xml:"direction,attr"`
		State     string      `xml:"state"`
		Local     participant `xml:"local"`
		Remote    participant `xml:"remote"`
	} `xml:"dialog"`
}

type participant struct {
	Identity string `xml:"identity"`
	Target   struct {
		Params []struct {
			Name  string `xml:"pname,attr"`
			Value string `xml:"pval,attr"`
			Other string `xml:"pvalue,attr"` // so Asterisk calls it
		} `xml:"param"`
	} `xml:"target"`
}

// silent tells whether the participant renders no media: the call is on hold.
func (p participant) silent() bool {
	for _, param := range p.Target.Params {
		if name := strings.TrimPrefix(strings.ToLower(param.Name), "+"); name == "sip.rendering" {
			return strings.EqualFold(param.Value+param.Other, "no")
		}
	}
	return false
}

// update takes a document. errGap says that the whole state must be asked for; other errors, that it cannot be read.
func (d *dialogs) update(document []byte) error {
	if len(document) == 0 { // nothing is said of any dialog
		*d = dialogs{version: d.version, known: d.known}
		return nil
	}
	var info dialogInfo
	if err := xml.Unmarshal(document, &info); err != nil {
		return err
	}
	if info.Version == nil {
		return errors.New("a dialog-info without a version")
	}
	live := map[string]dialog{}
	switch info.State {
	case "full":
		if d.known && *info.Version < d.version {
			return nil // overtaken
		}
	case "partial":
		if d.known && *info.Version <= d.version {
			return nil
		}
		if !d.known || *info.Version != d.version+1 {
			return errGap
		}
		maps.Copy(live, d.live)
	default:
		return fmt.Errorf("a dialog-info in the state %q", info.State)
	}
	for _, one := range info.Dialogs {
		does, ok := doing(strings.TrimSpace(one.State), one.Direction, one.Local.silent() || one.Remote.silent())
		switch {
		case !ok:
			return fmt.Errorf("a dialog in the state %q", one.State)
		case does == "":
			delete(live, one.ID)
		default:
			live[one.ID] = dialog{does, one.CallID != "" || one.Direction != "" || one.Remote.Identity != ""}
		}
	}
	*d = dialogs{*info.Version, true, live}
	return nil
}

// doing is what a dialog's state says of the line. Who dials out is on the phone already.
func doing(state, direction string, silent bool) (does string, ok bool) {
	switch state {
	case "terminated":
		return "", true
	case "trying", "proceeding", "early":
		if direction == "initiator" {
			return inCall, true
		}
		return ringing, true
	case "confirmed":
		if silent {
			return held, true
		}
		return inCall, true
	}
	return "", false
}

// does is what the line does: who talks, talks, whatever else is held or rings.
func (d *dialogs) does(counts func(dialog) bool) string {
	all := slices.DeleteFunc(slices.Collect(maps.Values(d.live)), func(one dialog) bool { return !counts(one) })
	for _, what := range []string{inCall, held, ringing} {
		if slices.ContainsFunc(all, func(one dialog) bool { return one.does == what }) {
			return what
		}
	}
	return ""
}
