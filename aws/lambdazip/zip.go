// Package lambdazip makes the programs of this module what AWS Lambda takes: a zip with an executable called bootstrap, for the runtime
// provided.al2023.
//
// The same program gives the same bytes, so that a deployment can tell by the hash whether anything is to be done.
package lambdazip

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// Module is this module's path.
const Module = "github.com/scones-unlimited/scones"

// MaxSize is the largest zip that Lambda takes with a call, in bytes.
const MaxSize = 50 << 20

// The architectures, by Lambda's names.
const (
	ARM64 = "arm64"
	X86   = "x86_64"
)

// goArch is what Go calls an architecture.
var goArch = map[string]string{ARM64: "arm64", X86: "amd64"}

// A Zip is a deployment package.
type Zip struct {
	Data []byte
	// From says where it came from, for people.
	From string
}

// SHA256 is the hash as Lambda writes it, in base64: a function's CodeSha256.
func (z *Zip) SHA256() string {
	sum := sha256.Sum256(z.Data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Options say where a program is to be taken from.
type Options struct {
	// Program is its folder in the module, such as cmd/scones-lambda.
	Program string
	// Architecture is [ARM64] or [X86].
	Architecture string
	// File is a zip, or the executable itself; empty means the one beside this program, or one that Go builds.
	File string
}

// errNoSource says that nothing can be built.
var errNoSource = errors.New("there is no source to build it from")

// Make returns a program's zip: of Options.File, else NAME-ARCHITECTURE.zip from beside this program, which a release has, else one that
// the go command builds, from the module's folder that is worked in or from the published version of this program.
func Make(ctx context.Context, o Options) (*Zip, error) {
	if goArch[o.Architecture] == "" {
		return nil, fmt.Errorf("architecture %q: must be %s or %s", o.Architecture, ARM64, X86)
	}
	if o.File != "" {
		return read(o.File, o.Architecture)
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), path.Base(o.Program)+"-"+o.Architecture+".zip")
		if _, err := os.Stat(beside); err == nil {
			return read(beside, o.Architecture)
		}
	}
	z, err := build(ctx, o)
	if err != nil {
		return nil, &BuildError{o, err}
	}
	return z, nil
}

// A BuildError says why a program could not be built.
type BuildError struct {
	Options
	Err error
}

// Error names the program.
func (e *BuildError) Error() string {
	return fmt.Sprintf("build %s for Lambda: %v", path.Base(e.Program), e.Err)
}

// Unwrap returns the cause.
func (e *BuildError) Unwrap() error { return e.Err }

// Hint says what the user can do.
func (e *BuildError) Hint() string {
	name := path.Base(e.Program)
	return fmt.Sprintf("--code FILE takes a zip or the program itself; a release has %s-%s.zip, and lies it beside scones, it is found", name, e.Architecture)
}

// read takes a zip, or packs an executable.
func read(name, architecture string) (*Zip, error) {
	data, err := readLimited(name)
	if err != nil {
		return nil, fmt.Errorf("read code: %w", err)
	}
	z := &Zip{Data: data, From: name}
	if bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		if z.Data, err = Pack(data); err != nil {
			return nil, err
		}
	}
	if err := check(z.Data, architecture); err != nil {
		return nil, fmt.Errorf("code %q: %w", name, err)
	}
	return z, nil
}

// maxProgram bounds an executable, in bytes: what Lambda takes unpacked.
const maxProgram = 250 << 20

func readLimited(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxProgram+1))
	if err == nil && len(data) > maxProgram {
		err = fmt.Errorf("%q has more than %d bytes", name, maxProgram)
	}
	return data, err
}

// check looks for a bootstrap of the architecture in a zip.
func check(data []byte, architecture string) error {
	if len(data) > MaxSize {
		return fmt.Errorf("the zip has %d bytes, Lambda takes %d", len(data), MaxSize)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("it is neither a zip nor a program for Linux: %w", err)
	}
	file, err := archive.Open("bootstrap")
	if err != nil {
		return errors.New("the zip has no bootstrap at its root")
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Mode()&0o111 == 0 {
		return errors.New("the bootstrap in the zip is not executable")
	}
	head := make([]byte, 20)
	if _, err := io.ReadFull(file, head); err != nil || !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return errors.New("the bootstrap in the zip is no program for Linux")
	}
	machine := elf.Machine(uint16(head[18]) | uint16(head[19])<<8)
	if want := map[string]elf.Machine{ARM64: elf.EM_AARCH64, X86: elf.EM_X86_64}[architecture]; machine != want {
		return fmt.Errorf("the bootstrap in the zip is for %v, not for %s", machine, architecture)
	}
	return nil
}

// Pack puts an executable into a zip, as bootstrap, with a time that never changes.
func Pack(program []byte) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(program); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// build has the go command build a program.
func build(ctx context.Context, o Options) (*Zip, error) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("the go command is not there")
	}
	folder, err := os.MkdirTemp("", "scones-lambda-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary copy
	root, version := source(ctx, goCommand)
	if root == "" && version == "" {
		return nil, errNoSource
	}
	flags := []string{"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="}
	program, from := filepath.Join(folder, path.Base(o.Program)), "built from "+root
	run := exec.CommandContext(ctx, goCommand, append(append([]string{"build"}, flags...), "-o", program, Module+"/"+o.Program)...)
	run.Dir = root
	run.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goArch[o.Architecture], "CGO_ENABLED=0", "GOFLAGS=")
	if root == "" { // into a folder of its own, which go install allows for this machine's platform alone
		from = "built from " + version
		run.Args = append(append([]string{goCommand, "install"}, flags...), Module+"/"+o.Program+"@"+version)
		run.Env = append(run.Env, "GOPATH="+folder, "GOMODCACHE="+moduleCache(ctx, goCommand))
		program = filepath.Join(folder, "bin", "linux_"+goArch[o.Architecture], path.Base(o.Program))
	}
	if said, err := run.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", run.Args[1], err, strings.TrimSpace(string(said)))
	}
	data, err := readLimited(program)
	if errors.Is(err, os.ErrNotExist) { // for this machine's own platform there is no folder
		data, err = readLimited(filepath.Join(folder, "bin", path.Base(o.Program)))
	}
	if err != nil {
		return nil, err
	}
	packed, err := Pack(data)
	if err != nil {
		return nil, err
	}
	return &Zip{packed, from}, check(packed, o.Architecture)
}

// source is the folder of this module, where that is worked in, or else the published version of this program.
func source(ctx context.Context, goCommand string) (root, version string) {
	list := exec.CommandContext(ctx, goCommand, "list", "-m", "-f", "{{.Dir}}", Module)
	list.Env = append(os.Environ(), "GOFLAGS=")
	if out, err := list.Output(); err == nil {
		if root = strings.TrimSpace(string(out)); root != "" {
			return root, ""
		}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != Module || !strings.HasPrefix(info.Main.Version, "v") || strings.Contains(info.Main.Version, "+dirty") {
		return "", ""
	}
	return "", info.Main.Version
}

func moduleCache(ctx context.Context, goCommand string) string {
	out, err := exec.CommandContext(ctx, goCommand, "env", "GOMODCACHE").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
