package main

import (
	"slices"

	"github.com/scones-unlimited/scones/testdata/generate/draw"
	"github.com/scones-unlimited/scones/testdata/generate/encode"
)

// encoder makes a file of a picture.
type encoder func(p *draw.Picture) ([]byte, error)

func rgb(p *draw.Picture) encode.Raster  { return encode.RGB(p.W, p.H, p.RGB) }
func rgba(p *draw.Picture) encode.Raster { return rgb(p).WithAlpha(p.Cover) }
func grey(p *draw.Picture) encode.Raster { return rgb(p).Grey() }

// deep and deepGrey have 16 bits a sample.
func deep(p *draw.Picture) encode.Raster     { return rgb(p).Deep() }
func deepGrey(p *draw.Picture) encode.Raster { return grey(p).Deep() }

// The cut-outs are opaque where the vehicle is and clear elsewhere, as retouchers make them.
func greyCutOut(p *draw.Picture) encode.Raster     { return grey(p).WithAlpha(p.Cover) }
func deepCutOut(p *draw.Picture) encode.Raster     { return rgba(p).Deep() }
func deepGreyCutOut(p *draw.Picture) encode.Raster { return greyCutOut(p).Deep() }

func png(of func(*draw.Picture) encode.Raster, o encode.PNGOptions) encoder {
	return func(p *draw.Picture) ([]byte, error) { return encode.PNG(of(p), o), nil }
}

func pngPalette(bits int, o encode.PNGOptions) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		return encode.PNGPalette(encode.Quantize(rgb(p), 1<<bits), bits, o), nil
	}
}

func pngSteps(bits int) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		return encode.PNGSteps(encode.Levels(grey(p), bits), bits, encode.PNGOptions{}), nil
	}
}

// pngClearIndex keeps one entry of the palette for the backdrop and makes it transparent.
func pngClearIndex(p *draw.Picture) ([]byte, error) {
	q := encode.Quantize(rgb(p), 255)
	clear := uint8(len(q.Palette))
	q.Palette = append(q.Palette, [3]uint8{246, 246, 245})
	for i, c := range p.Cover {
		if c == 0 {
			q.Pix[i] = clear
		}
	}
	alpha := append(slices.Repeat([]byte{255}, int(clear)), 0)
	return encode.PNGPalette(q, 8, encode.PNGOptions{Clear: alpha}), nil
}

// pngClearColour declares one colour transparent and paints the backdrop with it.
func pngClearColour(p *draw.Picture) ([]byte, error) {
	pix := slices.Clone(p.RGB)
	for i, c := range p.Cover {
		if c == 0 {
			copy(pix[3*i:], []uint8{244, 245, 247})
		}
	}
	clear := []byte{0, 244, 0, 245, 0, 247}
	return encode.PNG(encode.RGB(p.W, p.H, pix), encode.PNGOptions{Clear: clear}), nil
}

func pngEXIF(orientation int) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		o := encode.PNGOptions{EXIF: encode.Orientation(orientation, false)}
		return encode.PNG(rgb(p).Oriented(orientation), o), nil
	}
}

func jpeg(o encode.JPEGOptions) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		if o.Colour == encode.Luma {
			return encode.JPEG(grey(p), o)
		}
		return encode.JPEG(rgb(p), o)
	}
}

// jpegEXIF stores the picture turned and says so; every second file is little endian.
func jpegEXIF(orientation int) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		o := encode.JPEGOptions{Quality: 88, Sampling: [2]int{2, 2}, EXIF: encode.Orientation(orientation, orientation%2 == 0)}
		return encode.JPEG(rgb(p).Oriented(orientation), o)
	}
}

func webp(of func(*draw.Picture) encode.Raster, lossless bool, quality int) encoder {
	return func(p *draw.Picture) ([]byte, error) { return encode.WebP(of(p), lossless, quality) }
}

func webpEXIF(orientation int) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		r := rgb(p).Oriented(orientation)
		file, err := encode.WebP(r, false, 85)
		if err != nil {
			return nil, err
		}
		return encode.WebPWithEXIF(file, r.W, r.H, encode.Orientation(orientation, true)), nil
	}
}

// gif writes the picture, and the given shots as further frames, which a classifier must not look at.
func gif(more ...shot) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		frames := []encode.Indexed{encode.Quantize(rgb(p), 256)}
		for _, s := range more {
			frames = append(frames, encode.Quantize(rgb(s.Draw()), 256))
		}
		return encode.GIF(frames...)
	}
}

func bmp(of func(*draw.Picture) encode.Raster, o encode.BMPOptions) encoder {
	return func(p *draw.Picture) ([]byte, error) { return encode.BMP(of(p), o), nil }
}

func bmpPalette(p *draw.Picture) ([]byte, error) {
	return encode.BMPPalette(encode.Quantize(rgb(p), 256)), nil
}

func tiff(of func(*draw.Picture) encode.Raster, o encode.TIFFOptions) encoder {
	return func(p *draw.Picture) ([]byte, error) {
		return encode.TIFF(of(p).Oriented(max(o.Orientation, 1)), o), nil
	}
}

func tiffPalette(p *draw.Picture) ([]byte, error) {
	return encode.TIFFPalette(encode.Quantize(rgb(p), 256), encode.TIFFOptions{Compression: encode.LZW}), nil
}

func tiffBlackWhite(p *draw.Picture) ([]byte, error) {
	return encode.TIFFBlackWhite(encode.BlackWhite(grey(p)), encode.TIFFOptions{Compression: encode.PackBits}), nil
}
