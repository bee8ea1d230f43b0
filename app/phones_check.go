package main

import (
	"fmt"

	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/phone/profile"
)

// finding is something that `phones check --json` says of a file.
type finding struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	What   string `json:"what"`   // what is wrong and what to do
	Remark bool   `json:"remark"` // it can be used nevertheless
}

// checkPhone says what is wrong with a phone system's file, by line.
func (p *program) checkPhone(name string) error {
	mistaken, remarks, err := catalog.Check(name)
	if err != nil {
		return err
	}
	found := []finding{}
	add := func(list []*profile.Error, remark bool) {
		for _, e := range list {
			found = append(found, finding{name, e.Line, e.Column, e.What, remark})
		}
	}
	add(mistaken, false)
	add(remarks, true)
	if p.json {
		p.printJSON(found, true)
	} else {
		for _, f := range found {
			what := f.What
			if f.Remark {
				what = "remark: " + what
			}
			fmt.Fprintf(p.out, "%s:%d:%d: %s\n", f.File, f.Line, f.Column, what)
		}
		if len(mistaken) == 0 {
			fmt.Fprintf(p.out, "%s can be used.\n", name)
		}
	}
	if len(mistaken) > 0 {
		return exit(exitSettings)
	}
	return nil
}
