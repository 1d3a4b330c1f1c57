// The program that draws testdata/images is a module of its own, so that what writes pictures stays out of
// what reads them: scones itself needs none of these.
module github.com/scones-unlimited/scones/testdata/generate

go 1.26.0

require (
	// WebP with and without loss: libwebp compiled to WebAssembly, so the same bytes everywhere. MIT, libwebp BSD-3-Clause; last release May 2025.
	github.com/gen2brain/webp v0.5.5
	// deflate for PNG and TIFF, pinned: the standard library's output may change with a Go release. BSD-3-Clause; last release November 2026.
	github.com/klauspost/compress v1.20.4
	// vector is the anti-aliasing rasterizer; bmp, tiff and webp check the result in tests. BSD-3-Clause; last release October 2026.
	golang.org/x/image v0.47.0
)

require (
	github.com/ebitengine/purego v0.8.3 // indirect
	github.com/tetratelabs/wazero v1.9.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
