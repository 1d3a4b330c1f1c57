package botocore

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Model is a service's.
type Model struct {
	Metadata   struct{ Protocol, TargetPrefix, JSONVersion string }
	Operations map[string]*Operation
	Shapes     map[string]*Shape
}

// An Operation of a service.
type Operation struct {
	HTTP struct {
		Method, RequestURI string
		ResponseCode       int
	}
	Input, Output *Ref
	Errors        []Ref
}

// A Ref is the use of a shape: as a member, an item, an input.
type Ref struct {
	Shape, Location, LocationName, ResultWrapper string
	Flattened, Streaming, JSONValue              bool
}

// A Shape is a type of the model.
type Shape struct {
	Type               string
	Members            map[string]*Ref
	Required           []string
	Member, Key, Value *Ref
	Min, Max           *float64
	Pattern            string
	Enum               []string
	Payload            string
	Flattened, Union   bool
	TimestampFormat    string
	LocationName       string
	Exception          bool
	Error              struct {
		Code           string
		HTTPStatusCode int
	}

	compile sync.Once
	pattern *regexp.Regexp // nil where Go cannot read it
}

var (
	opened   = map[string]*Model{}
	openLock sync.Mutex
)

// Open reads the newest version of a service's model. A model is read once in a process.
func Open(folder, service string) (*Model, error) {
	openLock.Lock()
	defer openLock.Unlock()
	versions, err := filepath.Glob(filepath.Join(folder, service, "*", "service-2.json.gz"))
	if err != nil || len(versions) == 0 {
		return nil, fmt.Errorf("no model of %s in %s", service, folder)
	}
	slices.SortFunc(versions, func(a, b string) int { return cmp.Compare(a, b) })
	path := versions[len(versions)-1]
	if m := opened[path]; m != nil {
		return m, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("unpack model %s: %w", path, err)
	}
	m := new(Model)
	if err := json.NewDecoder(unzipped).Decode(m); err != nil {
		return nil, fmt.Errorf("read model %s: %w", path, err)
	}
	opened[path] = m
	return m, nil
}

// matcher is the pattern, for the whole of a value; nil where there is none or Go's syntax lacks what it uses.
func (s *Shape) matcher() *regexp.Regexp {
	s.compile.Do(func() {
		if s.Pattern == "" {
			return
		}
		text := regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`).ReplaceAllString(s.Pattern, `\x{$1}`)
		text = strings.ReplaceAll(text, `\p{Blank}`, `[ \t]`)
		s.pattern, _ = regexp.Compile(`(?s)^(?:` + text + `)$`)
	})
	return s.pattern
}
