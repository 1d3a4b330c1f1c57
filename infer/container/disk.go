package container

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// A disk is a folder with libraries, / for this machine's own.
type disk struct {
	root string
	fs.FS
}

func newDisk(root string) *disk {
	if root == "" {
		root = "/"
	}
	return &disk{root, os.DirFS(root)}
}

// maxLibrary bounds a file that is read whole; the largest C library has a few megabytes.
const maxLibrary = 256 << 20

func (d *disk) read(name string) ([]byte, error) {
	f, err := d.Open(strings.TrimPrefix(name, "/"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s: not a regular file", name))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxLibrary+1))
	if err == nil && len(data) > maxLibrary {
		err = fmt.Errorf("%s has more than %d bytes", name, maxLibrary)
	}
	return data, err
}

func (d *disk) describe() string {
	if d.root == "/" {
		return "this machine"
	}
	return d.root
}

// certificateFiles are where systems keep the authorities that they trust, in one file.
var certificateFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, Arch
	"/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL, Amazon Linux
	"/etc/ssl/ca-bundle.pem",             // SUSE
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
}

// certificates returns the authorities and where they were found.
func (d *disk) certificates() (data []byte, from string, err error) {
	for _, name := range certificateFiles {
		if data, err := d.read(name); err == nil {
			return data, name, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
	}
	return nil, "", &inputError{
		d.describe() + " has no certificates of authorities that a container could trust",
		"install ca-certificates, or name a PEM file with --ca",
	}
}
