package main

import (
	"github.com/scones-unlimited/scones/testdata/generate/draw"
	"github.com/scones-unlimited/scones/testdata/generate/encode"
)

// otherFixtures are WebP, GIF and BMP.
func otherFixtures() []fixture {
	other := bike(draw.City, 0x30a0c0).in(draw.Studio, 79).size(180, 135)
	return []fixture{
		{"bicycle-webp-lossy.webp", bike(draw.Road, 0x7a1fa0).in(draw.Street, 71).size(320, 240).noise(2), webp(rgb, false, 80)},
		{"motorcycle-webp-lossy-alpha.webp", moto(draw.Cruiser, 0xb06a18, 0xf0e0c0).in(draw.Studio, 72).size(240, 160), webp(rgba, false, 80)},
		{"motorcycle-webp-lossless.webp", moto(draw.Dirt, 0x2a62c0, 0xf4f4f0).in(draw.Bricks, 73).size(200, 150), webp(rgb, true, 0)},
		{"bicycle-webp-lossless-alpha.webp", bike(draw.Mountain, 0xc81c28).in(draw.Studio, 74).size(200, 150).left(), webp(rgba, true, 0)},
		{"motorcycle-webp-exif-8.webp", moto(draw.Naked, 0x1c1c20, 0xc0a040).in(draw.Beach, 75).size(200, 150), webpEXIF(8)},
		{"bicycle-gif.gif", bike(draw.Road, 0x2c7a3a).bottle().in(draw.Studio, 76).size(200, 150), gif()},
		{"motorcycle-gif-animated.gif", moto(draw.Sport, 0xe86a10, 0x18181a).in(draw.Studio, 77).size(180, 135), gif(other, other.left())},
		{"bicycle-bmp-24bit.bmp", bike(draw.BMX, 0x1c50c8).in(draw.Plaster, 80).size(133, 101), bmp(rgb, encode.BMPOptions{})},
		{"bicycle-bmp-top-down.bmp", bike(draw.City, 0x3a6a4a).in(draw.Studio, 81).size(130, 98).left(), bmp(rgb, encode.BMPOptions{TopDown: true})},
		{"motorcycle-bmp-palette.bmp", moto(draw.Naked, 0x1a6a8a, 0xf0f0f0).in(draw.Street, 82).size(141, 105), bmpPalette},
		{"motorcycle-bmp-32bit.bmp", moto(draw.Dirt, 0xc02828, 0xf0e8d0).in(draw.Plaster, 83).size(128, 96), bmp(rgb, encode.BMPOptions{Wide: true})},
		{"bicycle-bmp-32bit-alpha.bmp", bike(draw.Road, 0xb03a20).in(draw.Studio, 84).size(120, 90), bmp(rgba, encode.BMPOptions{})},
	}
}

func tiffFixtures() []fixture {
	with := func(c encode.Compression) encode.TIFFOptions { return encode.TIFFOptions{Compression: c} }
	predicted := func(c encode.Compression) encode.TIFFOptions {
		return encode.TIFFOptions{Compression: c, Predictor: true}
	}
	return []fixture{
		{"bicycle-tiff-uncompressed.tiff", bike(draw.Mountain, 0x20242a).in(draw.Studio, 91).size(131, 99), tiff(rgb, with(encode.Uncompressed))},
		{"motorcycle-tiff-big-endian.tif", moto(draw.Naked, 0xc8a018, 0x202020).in(draw.Studio, 92).size(120, 90), tiff(rgb, encode.TIFFOptions{Compression: encode.Uncompressed, BigEndian: true})},
		{"motorcycle-tiff-lzw.tiff", moto(draw.Sport, 0x2038a0, 0xf0f0f0).in(draw.Street, 93).size(200, 150), tiff(rgb, with(encode.LZW))},
		{"bicycle-tiff-lzw-predictor.tiff", bike(draw.Road, 0xd83a2c).in(draw.Beach, 94).size(200, 150), tiff(rgb, predicted(encode.LZW))},
		{"bicycle-tiff-deflate.tiff", bike(draw.City, 0x386ab0).in(draw.Plaster, 95).size(170, 128), tiff(rgb, predicted(encode.Deflate))},
		{"motorcycle-tiff-packbits.tiff", moto(draw.Cruiser, 0x701018, 0xe0d8c0).in(draw.Studio, 96).size(160, 110), tiff(rgb, with(encode.PackBits))},
		{"motorcycle-tiff-gray.tiff", moto(draw.Dirt, 0x808890, 0xf4f4f4).in(draw.Plaster, 97).size(160, 120), tiff(grey, with(encode.Deflate))},
		{"bicycle-tiff-16bit-gray.tiff", bike(draw.Road, 0x282a30).in(draw.Studio, 98).size(120, 90), tiff(deepGrey, with(encode.Deflate))},
		{"motorcycle-tiff-16bit-rgb.tiff", moto(draw.Sport, 0xb8b8c0, 0xd02020).in(draw.Plaster, 99).tint(0x7d8794).size(96, 72), tiff(deep, with(encode.Deflate))},
		{"bicycle-tiff-palette.tiff", bike(draw.BMX, 0x30a040).in(draw.Studio, 100).size(160, 128).left(), tiffPalette},
		{"bicycle-tiff-1bit.tiff", bike(draw.Mountain, 0x101012).in(draw.Studio, 101).size(280, 210), tiffBlackWhite},
		{"motorcycle-tiff-rgba.tiff", moto(draw.Naked, 0x2a7a3a, 0xf0f0e8).in(draw.Studio, 102).size(160, 120), tiff(rgba, with(encode.LZW))},
		{"motorcycle-tiff-tiled.tiff", moto(draw.Cruiser, 0x18181c, 0xc8b070).bags().in(draw.Beach, 103).size(180, 130), tiff(rgb, encode.TIFFOptions{Compression: encode.Deflate, Tile: 64})},
		{"bicycle-tiff-exif-3.tiff", bike(draw.Road, 0x1c90a8).in(draw.Bricks, 104).size(150, 113), tiff(rgb, encode.TIFFOptions{Compression: encode.LZW, Orientation: 3})},
	}
}
