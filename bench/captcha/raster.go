package main

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// raster draws the filled paths black on white, without background and stroked noise, zoom pixels to a pixel.
func raster(s *shapes, zoom int) *image.Gray {
	w, h := int(s.width)*zoom, int(s.height)*zoom
	r := vector.NewRasterizer(w, h)
	z := float32(zoom)
	for _, c := range s.contours() {
		for i, p := range c.points {
			x, y := float32(p.x)*z, float32(p.y)*z
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	alpha := image.NewAlpha(image.Rect(0, 0, w, h))
	r.Draw(alpha, alpha.Bounds(), image.Opaque, image.Point{})
	gray := image.NewGray(alpha.Bounds())
	for i, a := range alpha.Pix {
		gray.Pix[i] = 255 - a
	}
	return gray
}

// open removes ink thinner than twice the radius: an erosion followed by a dilation, with a disc.
func open(src *image.Gray, radius float64) *image.Gray {
	return morph(morph(src, radius, false), radius, true)
}

// morph spreads ink (or paper) by a disc: for each row of the disc the running extreme of a row of the picture, beyond
// whose edges is paper.
func morph(src *image.Gray, radius float64, ink bool) *image.Gray {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	flip := byte(0) // so that the extreme is a maximum
	if ink {
		flip = 255
	}
	out := image.NewGray(src.Rect)
	n := int(radius)
	row := make([]byte, w)
	for dy := -n; dy <= n; dy++ {
		half := int(math.Sqrt(radius*radius - float64(dy*dy)))
		for y := range h {
			v := y + dy
			for x := range row {
				row[x] = 255 ^ flip
				if 0 <= v && v < h {
					row[x] = src.Pix[v*src.Stride+x] ^ flip
				}
			}
			to := out.Pix[y*out.Stride : y*out.Stride+w]
			for k := -half; k <= half; k++ {
				for x := max(0, -k); x < w-max(0, k); x++ {
					to[x] = max(to[x], row[x+k])
				}
			}
		}
	}
	for i := range out.Pix {
		out.Pix[i] ^= flip
	}
	return out
}

// inkBounds returns the columns and rows that hold ink.
func inkBounds(g *image.Gray) image.Rectangle {
	b := image.Rectangle{Min: g.Rect.Max, Max: g.Rect.Min}
	for y := g.Rect.Min.Y; y < g.Rect.Max.Y; y++ {
		for x := g.Rect.Min.X; x < g.Rect.Max.X; x++ {
			if g.GrayAt(x, y).Y < 128 {
				b.Min.X, b.Min.Y = min(b.Min.X, x), min(b.Min.Y, y)
				b.Max.X, b.Max.Y = max(b.Max.X, x+1), max(b.Max.Y, y+1)
			}
		}
	}
	if b.Empty() {
		return g.Rect
	}
	return b
}

// textBounds returns the bounds of what is taller than a line across: where characters begin and end, and not what
// leads to them.
func textBounds(g *image.Gray) image.Rectangle {
	b := inkBounds(g)
	tall := func(x int) bool {
		column := inkBounds(g.SubImage(image.Rect(x, b.Min.Y, x+1, b.Max.Y)).(*image.Gray))
		return g.GrayAt(x, column.Min.Y).Y < 128 && float64(column.Dy()) > tallShare*float64(b.Dy())
	}
	left, right := b.Min.X, b.Max.X
	for left < right && !tall(left) {
		left++
	}
	for right > left && !tall(right-1) {
		right--
	}
	if right-left < b.Dx()/4 {
		return b
	}
	return image.Rect(left, b.Min.Y, right, b.Max.Y)
}

const tallShare = 0.35 // of the ink's height

// shrink averages the part r of g to w by h values from 0 (paper) to 1 (ink).
func shrink(g *image.Gray, r image.Rectangle, w, h int) []float32 {
	out := make([]float32, w*h)
	for j := range h {
		for i := range w {
			x0, x1 := r.Min.X+i*r.Dx()/w, r.Min.X+(i+1)*r.Dx()/w
			y0, y1 := r.Min.Y+j*r.Dy()/h, r.Min.Y+(j+1)*r.Dy()/h
			sum, n := 0, 0
			for y := y0; y < max(y1, y0+1); y++ {
				for x := x0; x < max(x1, x0+1); x++ {
					n++
					if (image.Point{x, y}).In(g.Rect) {
						sum += 255 - int(g.Pix[y*g.Stride+x])
					}
				}
			}
			out[j*w+i] = float32(sum) / float32(255*n)
		}
	}
	return out
}

// framed puts a white frame around g, which OCR expects.
func framed(g *image.Gray, frame int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, g.Rect.Dx()+2*frame, g.Rect.Dy()+2*frame))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			out.SetGray(x+frame, y+frame, color.Gray{Y: g.Pix[y*g.Stride+x]})
		}
	}
	return out
}
