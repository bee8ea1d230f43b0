package autostart

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
)

const label = "io.github.offhook"

// place is where macOS looks for a person's agents.
func place() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", label+".plist"), err
}

func (s Switch) text() string {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` +
		"\n<plist version=\"1.0\"><dict>\n<key>Label</key><string>" + label + "</string>\n<key>ProgramArguments</key><array>\n")
	for _, a := range slices.Concat([]string{s.Program}, s.Arguments) {
		b.WriteString("<string>")
		_ = xml.EscapeText(&b, []byte(a)) // a buffer takes everything
		b.WriteString("</string>\n")
	}
	b.WriteString("</array>\n<key>RunAtLoad</key><true/>\n<key>ProcessType</key><string>Interactive</string>\n</dict></plist>\n")
	return b.String()
}

func enabled(string) bool { return true }
