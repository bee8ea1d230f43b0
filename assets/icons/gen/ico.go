package main

import (
	"bytes"
	"encoding/binary"
	"image"
)

// ico packs pictures of several sizes into one Windows icon, uncompressed as every Windows reads it.
func ico(images ...*image.NRGBA) []byte {
	var directory, bodies bytes.Buffer
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	put(&directory, uint16(0), uint16(1), uint16(len(images)))
	for _, img := range images {
		size := img.Bounds().Dx()
		start := bodies.Len()
		maskRow := (size + 31) / 32 * 4
		// BITMAPINFOHEADER; the height counts the colours and the mask below them.
		put(&bodies, uint32(40), int32(size), int32(2*size), uint16(1), uint16(32), uint32(0),
			uint32(size*size*4+maskRow*size), int32(0), int32(0), uint32(0), uint32(0))
		for y := size - 1; y >= 0; y-- {
			for x := range size {
				c := img.NRGBAAt(x, y)
				bodies.Write([]byte{c.B, c.G, c.R, c.A})
			}
		}
		for y := size - 1; y >= 0; y-- { // the mask, for what knows no transparency: a bit where nothing is
			row := make([]byte, maskRow)
			for x := range size {
				if img.NRGBAAt(x, y).A < 128 {
					row[x/8] |= 0x80 >> (x % 8)
				}
			}
			bodies.Write(row)
		}
		put(&directory, uint8(size), uint8(size), uint8(0), uint8(0), uint16(1), uint16(32),
			uint32(bodies.Len()-start), uint32(6+16*len(images)+start))
	}
	return append(directory.Bytes(), bodies.Bytes()...)
}
