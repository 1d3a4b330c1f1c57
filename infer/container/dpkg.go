package container

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A debian is an installed Debian package.
type debian struct {
	Name, Version, Arch, Source, Maintainer string
}

// stanza is the package's entry in /var/lib/dpkg/status.d, by which scanners know what lies in an image without dpkg.
func (p *debian) stanza() []byte {
	var b bytes.Buffer
	for _, field := range [][2]string{
		{"Package", p.Name}, {"Source", p.Source}, {"Version", p.Version}, {"Architecture", p.Arch}, {"Maintainer", p.Maintainer}, {"Status", "install ok installed"},
	} {
		if field[1] != "" {
			b.WriteString(field[0] + ": " + field[1] + "\n")
		}
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// parseStatus reads the stanzas of a dpkg status file.
func parseStatus(data []byte) []debian {
	var all []debian
	var p debian
	end := func() {
		if p.Name != "" {
			all = append(all, p)
		}
		p = debian{}
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			end()
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		to := map[string]*string{"Package": &p.Name, "Version": &p.Version, "Architecture": &p.Arch, "Source": &p.Source, "Maintainer": &p.Maintainer}[key]
		if to != nil {
			*to = strings.TrimSpace(value)
		}
	}
	end()
	return all
}

// owners tells which installed packages the files belong to; none on systems without dpkg.
func owners(fsys fs.FS, files []string) map[string]*debian {
	status, err := fs.ReadFile(fsys, "var/lib/dpkg/status")
	if err != nil {
		return nil
	}
	packages := map[string]*debian{}
	for _, p := range parseStatus(status) {
		packages[p.Name] = &p
		packages[p.Name+":"+p.Arch] = &p
	}
	wanted := map[string]string{} // a name that dpkg may know the file by
	for _, file := range files {
		for _, name := range []string{file, "/usr" + file, strings.TrimPrefix(file, "/usr")} { // /lib may be a link to /usr/lib
			wanted[name] = file
		}
	}
	lists, err := fs.Glob(fsys, "var/lib/dpkg/info/*.list")
	if err != nil {
		return nil
	}
	slices.Sort(lists)
	owner := map[string]*debian{}
	for _, list := range lists {
		p := packages[strings.TrimSuffix(path.Base(list), ".list")]
		data, err := fs.ReadFile(fsys, list)
		if p == nil || err != nil {
			continue
		}
		for line := range bytes.Lines(data) {
			if file, ok := wanted[string(bytes.TrimSpace(line))]; ok {
				owner[file] = p
			}
		}
	}
	return owner
}
