package part

import (
	"slices"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Choice is one of several things, each known by a value and shown by a title. Return opens it as Space does,
// and a letter goes to the next title that begins with it.
type Choice struct {
	widget.Select
	focus  focus
	values []string
	chosen func(value string)
}

// NewChoice makes one. chosen is called when the person, not the program, chooses.
func NewChoice(chosen func(value string)) *Choice {
	c := &Choice{chosen: chosen}
	c.PlaceHolder = " "
	c.OnChanged = func(string) { c.tell() }
	c.ExtendBaseWidget(c)
	return c
}

func (c *Choice) tell() {
	if i := c.SelectedIndex(); i >= 0 && c.chosen != nil {
		c.chosen(c.values[i])
	}
}

// Set shows a value out of values, with their titles. A value that is none of them is shown as it is.
func (c *Choice) Set(values, titles []string, value string) {
	i := slices.Index(values, value)
	if i < 0 {
		values, titles, i = append(slices.Clone(values), value), append(slices.Clone(titles), value), len(values)
	}
	if c.Selected == titles[i] && slices.Equal(c.Options, titles) && slices.Equal(c.values, values) {
		return
	}
	c.values, c.Options, c.Selected = values, titles, titles[i]
	c.Refresh()
}

// Value is what is chosen.
func (c *Choice) Value() string {
	if i := c.SelectedIndex(); i >= 0 {
		return c.values[i]
	}
	return ""
}

// CreateRenderer is Fyne's.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(c.Select.CreateRenderer(), func() bool { return c.focus.has })
}

// FocusGained is Fyne's.
func (c *Choice) FocusGained() {
	c.focus.gained(c)
	c.Select.FocusGained()
}

// FocusLost is Fyne's.
func (c *Choice) FocusLost() {
	c.focus.has = false
	c.Select.FocusLost()
}

// TypedKey is Fyne's.
func (c *Choice) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter {
		ev = &fyne.KeyEvent{Name: fyne.KeySpace}
	}
	c.Select.TypedKey(ev)
}

// TypedRune is Fyne's.
func (c *Choice) TypedRune(r rune) {
	for n := 1; n <= len(c.Options); n++ {
		i := (c.SelectedIndex() + n) % len(c.Options)
		if first := []rune(strings.TrimSpace(c.Options[i])); len(first) > 0 && unicode.ToLower(first[0]) == unicode.ToLower(r) {
			c.SetSelectedIndex(i)
			return
		}
	}
}

// Entry is a line to type in. Return does what done says.
type Entry struct {
	widget.Entry
}

// NewEntry makes one.
func NewEntry() *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// NewSecret makes one that does not show what is typed.
func NewSecret() *Entry {
	e := NewEntry()
	e.Password = true
	return e
}

// Put shows a text, unless the person is typing there or it stands there already.
func (e *Entry) Put(text string) {
	c := canvasOf(e)
	if e.Text != text && (c == nil || c.Focused() != fyne.Focusable(e)) {
		e.SetText(text)
	}
}

// FocusGained is Fyne's.
func (e *Entry) FocusGained() {
	reveal(e)
	e.Entry.FocusGained()
}

// Check is a switch. Return turns it as Space does.
type Check struct {
	widget.Check
	focus focus
}

// NewCheck makes one. turned is called when the person, not the program, turns it.
func NewCheck(text string, turned func(bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = text, turned
	c.ExtendBaseWidget(c)
	return c
}

// Put shows whether it is on.
func (c *Check) Put(on bool) {
	if c.Checked != on {
		c.Checked = on
		c.Refresh()
	}
}

// CreateRenderer is Fyne's.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(c.Check.CreateRenderer(), func() bool { return c.focus.has })
}

// FocusGained is Fyne's.
func (c *Check) FocusGained() {
	c.focus.gained(c)
	c.Check.FocusGained()
	c.Refresh()
}

// FocusLost is Fyne's.
func (c *Check) FocusLost() {
	c.focus.has = false
	c.Check.FocusLost()
	c.Refresh()
}

// TypedKey is Fyne's.
func (c *Check) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		press(c, func() { c.SetChecked(!c.Checked) })
	}
}

// TypedRune is Fyne's: a space is a key already.
func (c *Check) TypedRune(rune) {}
