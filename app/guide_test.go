package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/offhook/offhook/sync/phone/catalog"
	"github.com/offhook/offhook/sync/phone/profile"
	"github.com/offhook/offhook/sync/simulate"
)

const guide = "../assets/guides/add-your-phone-system.md"

// fenced is one block of the guide: ```kind name.
type fenced struct{ kind, name, text string }

func blocks(t *testing.T) (list []fenced) {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+) ?(\\S*)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		list = append(list, fenced{m[1], m[2], m[3]})
	}
	return list
}

// Whoever follows the guide, word by word, arrives: its files are checked without a remark and its commands
// are run against the small PBX that it speaks of.
func TestTheGuideCanBeFollowed(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	world, err := simulate.Start(ctx, simulate.Options{HTTPAddr: "127.0.0.1:0", TLSAddr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = world.Wait() }()
	dir := t.TempDir()
	t.Setenv("OFFHOOK_CONFIG_DIR", t.TempDir())
	ran := 0
	for _, b := range blocks(t) {
		switch {
		case b.kind == "yaml" && strings.HasSuffix(b.name, ".yaml"):
			if err := os.WriteFile(filepath.Join(dir, b.name), []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
		case b.kind == "sh":
			for line := range strings.Lines(b.text) {
				words := strings.Fields(line)
				if len(words) < 3 || words[0] != "offhook" || words[1] != "phones" {
					continue
				}
				ran++
				for i, w := range words {
					if strings.HasSuffix(w, ".yaml") {
						words[i] = filepath.Join(dir, w)
					}
					words[i] = strings.Replace(words[i], "http://127.0.0.1:8088/phone/v1", world.PhoneURL(), 1)
				}
				var out, errs bytes.Buffer
				if code := run(ctx, words[1:], strings.NewReader(simulate.DefaultPassword+"\n"), &out, &errs); code != exitOK {
					t.Fatalf("%s: exit code %d\n%s%s", strings.TrimSpace(line), code, errs.String(), out.String())
				}
				switch words[2] {
				case "check":
					if strings.HasSuffix(words[3], "whole.yaml") && strings.Contains(out.String(), "remark") {
						t.Errorf("the whole file is remarked on:\n%s", out.String())
					}
				case "try":
					for _, want := range []string{"It shows “Available” (it was chosen).\n", "•••"} {
						if !strings.Contains(out.String(), want) {
							t.Errorf("%s: %q was not printed:\n%s", strings.TrimSpace(line), want, out.String())
						}
					}
					if slices.Contains(words, "--write") != strings.Contains(out.String(), "Giving back “Available”.") {
						t.Errorf("%s printed\n%s", strings.TrimSpace(line), out.String())
					}
				}
			}
		}
	}
	if ran != 6 {
		t.Errorf("%d commands of the guide were run", ran)
	}
	// What the guide ends in: a file of one's own that is used like a shipped one.
	config := t.TempDir()
	whole, err := os.ReadFile(filepath.Join(dir, "whole.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(config, "phones"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "phones", "my-pbx.yaml"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := catalog.Load(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all.System("my-pbx"); err != nil {
		t.Error(err)
	}
}

// Each fragment can stand in the place of the part of the same name.
func TestTheGuidesFragments(t *testing.T) {
	var whole string
	fragments := 0
	for _, b := range blocks(t) {
		if b.name == "whole.yaml" {
			whole = b.text
		}
		if b.kind != "yaml" || strings.HasSuffix(b.name, ".yaml") {
			continue
		}
		fragments++
		part := b.name
		if part == "secrets_in_url" {
			part = "events"
		}
		old := regexp.MustCompile("(?m)^" + part + ":\n(  .*\n)+").FindString(whole)
		if old == "" {
			t.Fatalf("there is no %s to replace", part)
		}
		mistaken, _ := profile.Lint(b.name, []byte(strings.Replace(whole, old, b.text, 1)))
		for _, m := range mistaken {
			t.Errorf("%s\n%s", m, b.text)
		}
	}
	if fragments < 6 {
		t.Errorf("%d fragments", fragments)
	}
}
