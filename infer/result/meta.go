package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/scones-unlimited/scones/model/atomicfile"
)

// MetaVersion is the version of [Meta] and [Row] that this package writes.
const MetaVersion = 1

// A Meta says what produced a file of rows. It lies beside the file as NAME.meta.json, and in the key-value metadata of Parquet.
type Meta struct {
	Version  int    `json:"version"`
	Scones   string `json:"scones"`
	Format   Format `json:"format"`
	Model    string `json:"model"`                     // name or path as the user gave it
	ModelSHA string `json:"model_sha256"`              // of the ONNX file
	Contract string `json:"contract_sha256"`           // [model.Model.ContractHash]
	Runtime  string `json:"runtime"`                   // such as "onnxruntime 1.24.4"
	Device   string `json:"device"`                    // such as "cpu"
	Decoder  string `json:"decoder"`                   // such as "go1.26 image/jpeg"
	Workflow string `json:"workflow_sha256,omitempty"` // of the state machine's definition that the pictures went through
	Columns
	// Sources are the paths that were asked for.
	Sources []string `json:"sources"`
	// Complete is false while rows are being written, and stays so when the run is interrupted.
	Complete bool `json:"complete"`
	// Pictures and Failed count the rows of a complete file.
	Pictures int `json:"pictures"`
	Failed   int `json:"failed"`
}

// ErrDiffers is wrapped when a file was begun with another model, contract or setting than it is to be resumed with.
var ErrDiffers = errors.New("cannot resume")

// Differs returns an error that wraps [ErrDiffers] and names the first thing that would make rows of the two runs differ.
func (m *Meta) Differs(next *Meta) error {
	for _, field := range []struct {
		name      string
		was, want any
	}{
		{"schema version", m.Version, next.Version},
		{"format", m.Format, next.Format},
		{"model", short(m.ModelSHA), short(next.ModelSHA)},
		{"contract", short(m.Contract), short(next.Contract)},
		{"runtime", m.Runtime, next.Runtime},
		{"device", m.Device, next.Device},
		{"decoder", m.Decoder, next.Decoder},
		{"workflow", short(m.Workflow), short(next.Workflow)},
		{"--threshold", threshold(m.Threshold), threshold(next.Threshold)},
		{"--top-k", m.TopK, next.TopK},
	} {
		if field.was != field.want {
			return fmt.Errorf("%w: the file was begun with %s %v, this run has %v", ErrDiffers, field.name, field.was, field.want)
		}
	}
	return nil
}

// short is a hash as people compare it.
func short(hash string) string { return hash[:min(12, len(hash))] }

func threshold(t *float64) any {
	if t == nil {
		return "none"
	}
	return *t
}

// MetaPath is where the meta of a results file lies.
func MetaPath(out string) string { return out + ".meta.json" }

// maxMeta bounds a meta file; a long command line of sources fits.
const maxMeta = 4 << 20

// ReadMeta reads the meta beside a results file; it is nil without an error when there is none.
func ReadMeta(out string) (*Meta, error) {
	name := MetaPath(out)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxMeta {
		return nil, fmt.Errorf("read %q: %d bytes, at most %d are read", name, info.Size(), maxMeta)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m := new(Meta)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("read %q: %w", name, err)
	}
	return m, nil
}

// Write puts the meta beside a results file, whole or not at all.
func (m *Meta) Write(out string) error {
	data, err := m.JSON()
	if err != nil {
		return err
	}
	return atomicfile.Write(MetaPath(out), data)
}

// JSON returns the meta as it is written, indented and with a line feed at its end.
func (m *Meta) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}
