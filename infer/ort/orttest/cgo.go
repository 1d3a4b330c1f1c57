//go:build cgo

package orttest

const cgo = true
