package container

import (
	"context"
	"crypto/x509"
	"debug/buildinfo"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// A builder gathers the files of the layers and packs them.
type builder struct {
	o      Options
	image  *Image
	base   *base // nil for none
	parts  []part
	distro string // such as debian-12, of /etc/os-release
	layers []*packed

	built             *buildinfo.BuildInfo
	version, revision string // of the program
}

// A part is a layer's files. What changes least lies lowest, so that it is sent least often.
type part struct {
	name  string
	files []file
}

// collect finds everything that goes into the image and checks that it fits together.
func (b *builder) collect(ctx context.Context) error {
	binary, err := b.program()
	if err != nil {
		return err
	}
	if err := b.identify(); err != nil {
		return err
	}
	runtime, err := b.object(b.o.Runtime, "ONNX Runtime's library")
	if err != nil {
		return err
	}
	roots := []root{{b.o.Binary, binary}, {b.o.Runtime, runtime}}
	if b.o.Base != "" {
		if b.base, err = openBase(ctx, b.o); err != nil {
			return err
		}
		b.image.Base = b.base.reference
		if _, err := closure(b.base, b.o.Arch, roots); err != nil {
			return err
		}
		b.distro = distribution(b.base)
		if err := b.baseCertificates(); err != nil {
			return err
		}
	} else if err := b.system(roots); err != nil {
		return err
	}
	b.add("runtime", file{path: runtimePath, mode: 0o755, from: b.o.Runtime, said: b.o.Runtime})
	b.add("program", file{path: binaryPath, mode: 0o755, from: b.o.Binary, said: b.o.Binary})
	for name, f := range b.o.Model.Files {
		if !fs.ValidPath(name) || name == "." {
			return fmt.Errorf("model file %q: not a name", name)
		}
		b.add("model", file{path: path.Join(modelDir, name), mode: 0o644, data: f.Data, from: f.Path, said: f.Path})
	}
	return nil
}

func (b *builder) add(name string, files ...file) {
	at := slices.IndexFunc(b.parts, func(p part) bool { return p.name == name })
	if at < 0 {
		b.parts = append(b.parts, part{name: name})
		at = len(b.parts) - 1
	}
	b.parts[at].files = append(b.parts[at].files, files...)
}

// object reads an ELF file of the image's architecture.
func (b *builder) object(name, what string) (*object, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", what, err)
	}
	defer f.Close()
	o, err := readObject(f)
	if err != nil {
		return nil, &inputError{fmt.Sprintf("%s %q is not a Linux one: %v", what, name, err), fmt.Sprintf("name one for linux/%s", b.o.Arch)}
	}
	if o.machine != machines[b.o.Arch] {
		return nil, &inputError{fmt.Sprintf("%s %q is for %v, the image is to be for %s", what, name, o.machine, b.o.Arch), fmt.Sprintf("name one for linux/%s", b.o.Arch)}
	}
	return o, nil
}

// compilers are what cgo needs to build for an architecture on another one.
var compilers = map[Arch]string{AMD64: "x86_64-linux-gnu-gcc", ARM64: "aarch64-linux-gnu-gcc"}

// program reads the binary, which must be one that can load ONNX Runtime.
func (b *builder) program() (*object, error) {
	how := fmt.Sprintf("build one with CGO_ENABLED=1 GOOS=linux GOARCH=%s CC=%s go build -trimpath ./cmd/scones and name it with --binary", b.o.Arch, compilers[b.o.Arch])
	o, err := b.object(b.o.Binary, "the program")
	if err != nil {
		if input, ok := errors.AsType[*inputError](err); ok {
			input.hint = how
		}
		return nil, err
	}
	if o.interp == "" {
		return nil, &inputError{fmt.Sprintf("the program %q was built without cgo, so that it cannot load ONNX Runtime", b.o.Binary), how}
	}
	return o, nil
}

// identify reads what the go command wrote into the program.
func (b *builder) identify() error {
	var err error
	if b.built, err = buildinfo.ReadFile(b.o.Binary); err != nil {
		return &inputError{fmt.Sprintf("the program %q: %v", b.o.Binary, err), "name a build of scones with --binary"}
	}
	b.version = "devel"
	if v := b.built.Main.Version; v != "" && v != "(devel)" {
		b.version = v
	}
	committed := time.Unix(0, 0)
	for _, setting := range b.built.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.revision = setting.Value
		case "vcs.time":
			if at, err := time.Parse(time.RFC3339, setting.Value); err == nil {
				committed = at
			}
		}
	}
	if b.o.Created.IsZero() {
		b.o.Created = committed
	}
	b.o.Created = b.o.Created.UTC().Truncate(time.Second)
	return nil
}

// system takes the libraries from a folder, and adds what a base image would have.
func (b *builder) system(roots []root) error {
	d := newDisk(b.o.Sysroot)
	if l, err := find(d, b.o.Arch, "libturbojpeg.so.0", nil); err == nil { // which decodes JPEG several times as fast, and is loaded if there
		roots = append(roots, root{l.name, &object{machine: l.object.machine, needed: []string{l.name}}})
	}
	libraries, err := closure(d, b.o.Arch, roots)
	if err != nil {
		return err
	}
	b.distro = distribution(d)
	var names []string
	for _, l := range libraries {
		names = append(names, l.from)
	}
	certificates, from, err := b.certificates(d)
	if err != nil {
		return err
	}
	owner := owners(d, names)
	for _, l := range libraries {
		b.add("system", file{path: l.path, mode: 0o755, data: l.data, said: path.Join(d.root, l.from), owner: owner[l.from]})
	}
	b.add("system",
		file{path: "etc/passwd", mode: 0o644, data: []byte("root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n")},
		file{path: "etc/group", mode: 0o644, data: []byte("root:x:0:\nnonroot:x:65532:\n")},
		file{path: "etc/nsswitch.conf", mode: 0o644, data: []byte("hosts: files dns\n")},
		file{path: "tmp", mode: 0o1777, dir: true},
		file{path: caPath, mode: 0o644, data: certificates, said: from},
	)
	if release, err := d.read("/etc/os-release"); err == nil {
		b.add("system", file{path: "etc/os-release", mode: 0o644, data: release, said: path.Join(d.root, "etc/os-release")})
	}
	b.addPackages(d, owner)
	return nil
}

// addPackages writes what scanners read to know the packages, and the licences that the packages' files come under.
func (b *builder) addPackages(d *disk, owner map[string]*debian) {
	byName := map[string]*debian{}
	for _, p := range owner {
		byName[p.Name] = p
	}
	for name, p := range byName {
		b.add("system", file{path: "var/lib/dpkg/status.d/" + name, mode: 0o644, data: p.stanza(), owner: p})
		licence := "/usr/share/doc/" + name + "/copyright"
		if text, err := d.read(licence); err == nil {
			b.add("system", file{path: strings.TrimPrefix(licence, "/"), mode: 0o644, data: text, said: path.Join(d.root, licence), owner: p})
		}
	}
}

// certificates reads the authorities that the user names, or the folder's own.
func (b *builder) certificates(d *disk) (data []byte, from string, err error) {
	if from = b.o.Certificates; from != "" {
		data, err = newDisk("/").read(absolute(from))
	} else {
		data, from, err = d.certificates()
		from = path.Join(d.root, from)
	}
	if err != nil {
		return nil, "", err
	}
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); block.Type == "CERTIFICATE" && err == nil {
			return data, from, nil
		}
	}
	return nil, "", &inputError{fmt.Sprintf("%q holds no certificate", from), "name a PEM file of authorities with --ca"}
}

// baseCertificates adds authorities where the base has none, or the user names some.
func (b *builder) baseCertificates() error {
	if _, err := b.base.read("/" + caPath); err == nil && b.o.Certificates == "" {
		return nil
	}
	data, from, err := b.certificates(newDisk("/"))
	if err == nil {
		b.add("system", file{path: caPath, mode: 0o644, data: data, said: from})
	}
	return err
}

// distribution names the system of a tree as package URLs do, such as debian-12; empty when it does not say.
func distribution(t tree) string {
	text, err := t.read("/etc/os-release")
	if err != nil {
		if text, err = t.read("/usr/lib/os-release"); err != nil {
			return ""
		}
	}
	var id, version string
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ID":
			id = strings.Trim(value, `"`)
		case "VERSION_ID":
			version = strings.Trim(value, `"`)
		}
	}
	return strings.TrimSuffix(id+"-"+version, "-")
}
