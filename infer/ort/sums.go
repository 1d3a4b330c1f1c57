package ort

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/scones-unlimited/scones/model/atomicfile"
)

const (
	// sumsName is the file beside an installed library that remembers hashes.
	sumsName = "checked.json"
	// maxSums bounds that file, which names a library and its few providers.
	maxSums = 64 << 10
)

// settled is how long a file must have lain unchanged before its hash is remembered: a change within one tick of the file system's
// clock leaves no mark.
var settled = 2 * time.Second

// A mark is what changes with every change of a file: who writes to it cannot set Changed back.
type mark struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified_ns"`
	Changed  int64  `json:"changed_ns"`
	Inode    uint64 `json:"inode"`
}

// A sum is the hash of a file that bore the mark.
type sum struct {
	Mark   mark   `json:"mark"`
	SHA256 string `json:"sha256"`
}

// sums are the hashes of the files of one folder, so that a library of 22 MB is read once and not at each start. What they say is
// worth as much as the library beside them: who can write there can change both.
type sums struct {
	dir   string
	known map[string]sum // by file name
	grown bool
}

// openSums reads what is remembered, which may be nothing.
func openSums(dir string) *sums {
	s := &sums{dir: dir}
	file, err := os.Open(filepath.Join(dir, sumsName))
	if err == nil {
		defer file.Close()
		err = json.NewDecoder(io.LimitReader(file, maxSums)).Decode(&s.known)
	}
	if err != nil || s.known == nil {
		s.known = map[string]sum{}
	}
	return s
}

// of returns the hash of a file of the folder, read from it if it was changed since it was last read.
func (s *sums) of(path string) (string, error) {
	before, marked := markOf(path)
	name := filepath.Base(path)
	if known, ok := s.known[name]; ok && marked && known.Mark == before {
		return known.SHA256, nil
	}
	hash, err := HashFile(path)
	if err == nil && marked && time.Since(time.Unix(0, before.Changed)) > settled {
		s.known[name] = sum{before, hash}
		s.grown = true
	}
	return hash, err
}

// keep remembers what was read. A folder that cannot be written remembers nothing, which is no error.
func (s *sums) keep() {
	if !s.grown {
		return
	}
	if data, err := json.Marshal(s.known); err == nil {
		_ = atomicfile.Write(filepath.Join(s.dir, sumsName), data)
	}
}
