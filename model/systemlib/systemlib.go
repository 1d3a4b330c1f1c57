// Package systemlib knows where systems keep their shared libraries.
package systemlib

import "runtime"

// Dirs are the folders that a package manager or "make install" puts libraries into; none on systems without such folders. The dynamic
// loader's own search is no substitute: it loads a file before anything of it is known.
func Dirs() []string {
	switch runtime.GOOS {
	case "linux":
		dirs := []string{"/usr/local/lib", "/usr/lib64", "/usr/lib"}
		if triple := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]; triple != "" {
			dirs = append(dirs, "/usr/local/lib/"+triple, "/usr/lib/"+triple)
		}
		return dirs
	case "darwin":
		return []string{"/opt/homebrew/lib", "/usr/local/lib"}
	default:
		return nil
	}
}
