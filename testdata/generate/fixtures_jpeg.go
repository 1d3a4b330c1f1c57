package main

import (
	"fmt"

	"github.com/scones-unlimited/scones/testdata/generate/draw"
	"github.com/scones-unlimited/scones/testdata/generate/encode"
)

func jpegFixtures() []fixture {
	as := func(o encode.JPEGOptions) encoder {
		if o.Quality == 0 {
			o.Quality = 88
		}
		return jpeg(o)
	}
	half := [2]int{2, 2}
	return []fixture{
		{"bicycle-jpeg-444.jpg", bike(draw.Road, 0x1f8a4c).ridden(0xd83028, 0x23262c, 0xf2f2f2, 0.1).in(draw.Beach, 31).size(320, 300).noise(2), as(encode.JPEGOptions{})},
		{"motorcycle-jpeg-422.jpg", moto(draw.Sport, 0xd8201c, 0xf6f6f2).in(draw.Street, 32).size(400, 267).noise(2), as(encode.JPEGOptions{Sampling: [2]int{2, 1}})},
		{"bicycle-jpeg-420.jpg", bike(draw.Mountain, 0x2050b0).in(draw.Meadow, 33).size(480, 360).noise(3).left(), as(encode.JPEGOptions{Sampling: half})},
		{"motorcycle-jpeg-440.jpg", moto(draw.Dirt, 0xe05a10, 0xf4f4f0).in(draw.Plaster, 34).size(301, 227).noise(2).left(), as(encode.JPEGOptions{Sampling: [2]int{1, 2}})},
		{"bicycle-jpeg-411.jpg", bike(draw.City, 0x8a2a3a).in(draw.Bricks, 35).size(333, 251), as(encode.JPEGOptions{Sampling: [2]int{4, 1}})},
		{"motorcycle-jpeg-gray.jpg", moto(draw.Cruiser, 0x30343c, 0xd0d0d0).in(draw.Plaster, 36).size(300, 200).noise(5), as(encode.JPEGOptions{Colour: encode.Luma})},
		{"bicycle-jpeg-progressive.jpg", bike(draw.City, 0xe0b830).basket().in(draw.Meadow, 37).size(400, 300).noise(2), as(encode.JPEGOptions{Sampling: half, Progressive: true})},
		{"motorcycle-jpeg-progressive-444.jpg", moto(draw.Naked, 0x1c4f8c, 0xe8e8e8).in(draw.Bricks, 38).size(310, 230), as(encode.JPEGOptions{Progressive: true})},
		{"bicycle-jpeg-progressive-gray.jpg", bike(draw.Road, 0x404448).in(draw.Street, 39).size(250, 190).left(), as(encode.JPEGOptions{Colour: encode.Luma, Progressive: true})},
		{"motorcycle-jpeg-cmyk.jpg", moto(draw.Sport, 0x20a050, 0xf2f2f2).in(draw.Studio, 40).size(222, 166), as(encode.JPEGOptions{Colour: encode.CMYK})},
		{"bicycle-jpeg-ycck.jpg", bike(draw.BMX, 0xe07a18).in(draw.Beach, 41).size(200, 170), as(encode.JPEGOptions{Colour: encode.YCCK})},
		{"motorcycle-jpeg-adobe-rgb-planes.jpg", moto(draw.Cruiser, 0x1a3a6a, 0xd8d0b0).bags().in(draw.Meadow, 42).size(240, 170), as(encode.JPEGOptions{Colour: encode.Plain})},
		{"bicycle-jpeg-restart.jpg", bike(draw.Mountain, 0xb02020).in(draw.Plaster, 43).tint(0x8fa5ad).size(240, 180), as(encode.JPEGOptions{Sampling: half, Restart: 7})},
		{"motorcycle-jpeg-noisy.jpg", moto(draw.Naked, 0x6a1a1a, 0xd0d0d0).in(draw.Street, 44).size(256, 192).noise(14).light(0.75, 0.05, 0.3), as(encode.JPEGOptions{Sampling: half, Quality: 80})},
		{"bicycle-jpeg-blurred.jpg", bike(draw.Road, 0x28282c).in(draw.Plaster, 45).tint(0xe3d9c2).size(300, 225).blur(1.8), as(encode.JPEGOptions{Sampling: half})},
		{"motorcycle-jpeg-night.jpg", moto(draw.Cruiser, 0x8a1620, 0xe0d8c0).in(draw.Night, 46).size(320, 220).noise(4).light(1.1, 0.04, 0), as(encode.JPEGOptions{Sampling: half})},
		{"bicycle-jpeg-dusk.jpg", bike(draw.City, 0xd8e0e4).ridden(0x2a5a8a, 0x3a3228, 0x202226, 0.9).in(draw.Meadow, 47).size(260, 260).noise(5).light(0.7, 0.08, 0.3), as(encode.JPEGOptions{Sampling: half})},
		{"motorcycle-jpeg-ridden.jpg", moto(draw.Sport, 0xe8c010, 0x1a1a1c).ridden(0x202226, 0x202226, 0xe8e8ea, 0).in(draw.Street, 48).size(320, 280).noise(2), as(encode.JPEGOptions{Sampling: half})},
		{"bicycle-jpeg-tilted.jpg", bike(draw.Road, 0xd0b020).parts(0xb58a52, 0x7a4a22).in(draw.Bricks, 49).size(300, 300).angle(0.82, 0.09), as(encode.JPEGOptions{Sampling: half})},
		{"motorcycle-jpeg-low-quality.jpg", moto(draw.Dirt, 0x1c50b0, 0xf0f0f0).in(draw.Beach, 50).size(320, 240).angle(0.88, -0.05), as(encode.JPEGOptions{Sampling: half, Quality: 25})},
		{"motorcycle-jpeg-named-jpeg.jpeg", moto(draw.Naked, 0x3a3e46, 0xd8a020).in(draw.Meadow, 53).size(240, 180).left(), as(encode.JPEGOptions{Sampling: half})},
		{"bicycle-jpeg-1600x1200.jpg", bike(draw.Mountain, 0x30a048).in(draw.Beach, 51).size(1600, 1200).noise(1).light(1, 0.03, 0.15), as(encode.JPEGOptions{Sampling: half, Quality: 75})},
		{"motorcycle-jpeg-4000x3000.jpg", moto(draw.Naked, 0xb41c24, 0xf0ece0).in(draw.Street, 52).size(4000, 3000).light(1, 0.02, 0.2), as(encode.JPEGOptions{Sampling: half, Quality: 75})},
	}
}

// exifFixtures are one picture for each way to hold a camera. A reader that turns them sees all upright.
func exifFixtures() []fixture {
	shots := [8]shot{
		bike(draw.Road, 0x2060a0).in(draw.Plaster, 61).tint(0xcdd3c8),
		moto(draw.Naked, 0xc02020, 0xf0f0f0).in(draw.Plaster, 62),
		bike(draw.City, 0xc03040).in(draw.Street, 63),
		moto(draw.Cruiser, 0x204a80, 0xd8d0b0).in(draw.Beach, 64).left(),
		bike(draw.Mountain, 0xd06a10).in(draw.Bricks, 65).tint(0x9c948a).left(),
		moto(draw.Sport, 0x18a048, 0x101214).in(draw.Plaster, 66).tint(0xd2ccc0),
		bike(draw.City, 0x7030a0).basket().in(draw.Street, 67),
		moto(draw.Dirt, 0xd8201c, 0xf4f4f0).in(draw.Meadow, 68),
	}
	var out []fixture
	for i, s := range shots {
		label := [2]string{"bicycle", "motorcycle"}[i%2]
		name := fmt.Sprintf("%s-jpeg-exif-%d.jpg", label, i+1)
		out = append(out, fixture{name, s.size(210, 150), jpegEXIF(i + 1)})
	}
	return out
}
