// Package rename puts one file in another's place, as every room does that writes a file whole or not at all. It
// must not know what is in them.
package rename

import "time"

// patience is how long it is tried where somebody has the file open.
const patience = 2 * time.Second

// Over has the file at path be the one at next, which is there no more then; a reader finds the old or the new.
func Over(next, path string) error { return over(next, path, patience) }
