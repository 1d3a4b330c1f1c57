package ort

import (
	"crypto/sha256"
	"encoding/hex"
)

// ForTest replaces the official releases by the address of a server, and the published files by the given ones: their names and
// contents by the way that brings them, "release archive" or "Python package", the library last.
func (o *InstallOptions) ForTest(releases string, files map[string][][2]string) {
	o.releases, o.pins = releases, []pin{}
	for from, list := range files {
		for _, f := range list {
			sum := sha256.Sum256([]byte(f[1]))
			o.pins = append(o.pins, pin{platform, o.GPU, origin(from), f[0], hex.EncodeToString(sum[:]), 0})
		}
	}
}

// What tests need to know of the package's inside.
var (
	LibraryName = libraryName()
	Archive     = archives[platform]
	VersionOf   = versionOf
)

// RememberAtOnce keeps the hash of a file that was changed just now, until the test ends.
func RememberAtOnce(t interface{ Cleanup(func()) }) {
	before := settled
	settled = 0
	t.Cleanup(func() { settled = before })
}

// Publish makes a content one of the published files until the test ends.
func Publish(t interface{ Cleanup(func()) }, name, content string) {
	before := pins
	sum := sha256.Sum256([]byte(content))
	pins = append([]pin{{platform, false, wheel, name, hex.EncodeToString(sum[:]), 0}}, before...)
	t.Cleanup(func() { pins = before })
}
