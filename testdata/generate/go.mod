module github.com/scones-unlimited/scones/testdata/generate

go 1.26.0

require (
	github.com/gen2brain/webp v0.5.5
	github.com/klauspost/compress v1.20.4
	golang.org/x/image v0.47.0
)

require (
	github.com/ebitengine/purego v0.8.3 // indirect
	github.com/tetratelabs/wazero v1.9.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
