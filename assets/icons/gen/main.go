// Command gen draws Offhook's icons: `go run ./assets/icons/gen` from the project's root writes them to
// assets/icons. Every size is drawn from the same shapes, so each is crisp. It must know nothing of the program.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"
)

func main() {
	dir := filepath.Join("assets", "icons")
	for name, data := range files() {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("icons drawn in", dir)
}

// files are all icons by file name: each look as PNG for Linux and macOS and as ICO for Windows, and the
// program's own.
func files() map[string][]byte {
	all := map[string][]byte{}
	for look, p := range looks() {
		all[look+".png"] = encode(forTray(paint(p, 64)))
		var sizes []*image.NRGBA
		for _, size := range []int{16, 20, 24, 32, 48} {
			sizes = append(sizes, paint(p, size))
		}
		all[look+".ico"] = ico(sizes...)
	}
	all["offhook.png"] = encode(paint(app(), 512))
	return all
}

// forTray has sixteen bits a channel. The tray library sends a Linux panel the lower eight bits of each
// channel as multiplied by alpha, and the panel takes them as not multiplied: in a picture of eight bits every
// smooth edge would be noise. Here the lower bits are chosen to be what the panel should get, and the upper ones
// stay right for whoever reads pictures as usual.
func forTray(img *image.NRGBA) *image.NRGBA64 {
	wide := image.NewNRGBA64(img.Bounds())
	for i := 0; i < len(img.Pix); i += 4 {
		alpha := int(img.Pix[i+3]) * 0x101
		x, y := i/4%img.Rect.Dx(), i/4/img.Rect.Dx()
		channel := func(c uint8) uint16 {
			if alpha == 0 {
				return 0
			}
			multiplied := int(c) * 0x101 * alpha / 0xffff
			multiplied += int(int8(c - uint8(multiplied))) // the nearest that ends in c
			if multiplied > alpha {
				multiplied -= 256
			}
			if multiplied < 0 {
				multiplied += 256
			}
			return uint16((multiplied*0xffff + alpha - 1) / alpha)
		}
		wide.SetNRGBA64(x, y, color.NRGBA64{channel(img.Pix[i]), channel(img.Pix[i+1]), channel(img.Pix[i+2]), uint16(alpha)})
	}
	return wide
}

func encode(img image.Image) []byte {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
