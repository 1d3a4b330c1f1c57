package main

import (
	"github.com/scones-unlimited/scones/testdata/generate/draw"
	"github.com/scones-unlimited/scones/testdata/generate/encode"
)

func pngFixtures() []fixture {
	plain := encode.PNGOptions{}
	interlaced := encode.PNGOptions{Interlaced: true}
	return []fixture{
		{"bicycle-png-32x32.png", bike(draw.Road, 0xc8202a).in(draw.Studio, 1).size(32, 32).noise(2).fill(0.94), png(rgb, plain)},
		{"motorcycle-png-32x32.png", moto(draw.Naked, 0xb01820, 0xe8e4d8).in(draw.Studio, 2).size(32, 32).noise(2).fill(0.94), png(rgb, plain)},
		{"bicycle-png-rgb.png", bike(draw.Road, 0xd8342c).bottle().in(draw.Street, 3).size(240, 180).noise(2), png(rgb, plain)},
		{"motorcycle-png-rgb.png", moto(draw.Sport, 0x1f5fae, 0xf2f4f6).in(draw.Plaster, 4).size(240, 180).noise(2).left(), png(rgb, plain)},
		{"bicycle-png-rgba.png", bike(draw.Mountain, 0x1f6fb8).in(draw.Studio, 5).size(256, 192), png(rgba, plain)},
		{"motorcycle-png-rgba.png", moto(draw.Dirt, 0x2f9a3b, 0xf4f4f0).in(draw.Studio, 6).size(256, 192), png(rgba, plain)},
		{"bicycle-png-gray.png", bike(draw.City, 0x9fb4a8).in(draw.Bricks, 7).size(200, 160).left(), png(grey, plain)},
		{"motorcycle-png-gray-alpha.png", moto(draw.Cruiser, 0x3a0d12, 0xd8c9a0).bags().in(draw.Studio, 8).size(180, 120), png(greyCutOut, plain)},
		{"bicycle-png-palette.png", bike(draw.Mountain, 0xe8a020).in(draw.Meadow, 9).size(220, 165), pngPalette(8, plain)},
		{"motorcycle-png-palette-transparent.png", moto(draw.Sport, 0xd8201c, 0x1a1a1c).in(draw.Studio, 10).size(200, 150), pngClearIndex},
		{"bicycle-png-palette-4bit.png", bike(draw.BMX, 0x2a9a8a).in(draw.Plaster, 11).tint(0xd9d4c4).size(180, 150), pngPalette(4, plain)},
		{"motorcycle-png-palette-2bit.png", moto(draw.Naked, 0xc01818, 0xf0f0f0).in(draw.Studio, 12).size(256, 192).left(), pngPalette(2, plain)},
		{"bicycle-png-1bit.png", bike(draw.Road, 0x101012).in(draw.Studio, 13).size(320, 240), pngSteps(1)},
		{"motorcycle-png-gray-2bit.png", moto(draw.Cruiser, 0x141416, 0xc8c8c8).in(draw.Studio, 14).size(300, 200), pngSteps(2)},
		{"bicycle-png-gray-4bit.png", bike(draw.City, 0x202226).basket().in(draw.Studio, 15).size(200, 160), pngSteps(4)},
		{"motorcycle-png-16bit-rgb.png", moto(draw.Naked, 0xe07018, 0x202020).in(draw.Street, 16).size(96, 72), png(deep, plain)},
		{"bicycle-png-16bit-gray.png", bike(draw.Road, 0x2a2a2e).in(draw.Plaster, 17).size(120, 90), png(deepGrey, plain)},
		{"motorcycle-png-16bit-gray-alpha.png", moto(draw.Sport, 0x303238, 0xf0f0f0).in(draw.Studio, 18).size(96, 72), png(deepGreyCutOut, plain)},
		{"bicycle-png-16bit-rgba.png", bike(draw.City, 0x2f7a4b).in(draw.Studio, 19).size(96, 72), png(deepCutOut, plain)},
		{"motorcycle-png-interlaced.png", moto(draw.Cruiser, 0x5a1018, 0xe0d0a0).in(draw.Beach, 20).size(213, 149).noise(1), png(rgb, interlaced)},
		{"bicycle-png-palette-4bit-interlaced.png", bike(draw.Road, 0x3050c0).in(draw.Street, 21).size(151, 117).left(), pngPalette(4, interlaced)},
		{"bicycle-png-transparent-color.png", bike(draw.BMX, 0xd02890).in(draw.Studio, 22).size(160, 128), pngClearColour},
		{"bicycle-png-named-jpg.jpg", bike(draw.City, 0xc05a28).in(draw.Plaster, 24).tint(0xb4c4b8).size(140, 105), pngPalette(8, plain)},
		{"motorcycle-png-exif-6.png", moto(draw.Dirt, 0xe8b810, 0x20242c).in(draw.Meadow, 23).size(160, 120), pngEXIF(6)},
	}
}
