package label

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/preprocess"
)

// Names of a session's files within its folder.
const (
	ListFile    = "train.lst"
	TruthFile   = "truth.csv"
	sessionFile = "session.json"
	pictures    = "pictures"
)

// Answers that are no class.
const (
	Unanswered = -1
	Skipped    = -2 // not sure
	Useless    = -3 // shows none of the classes
)

// MaxQuestions bounds a session.
const MaxQuestions = 10_000

// ErrSession is wrapped when a folder holds a session of other classes, or one that cannot be read.
var ErrSession = errors.New("bad session")

// A Session is a folder of questions and answers. It is safe for concurrent use.
type Session struct {
	dir     string
	mu      sync.RWMutex
	labels  []string
	entries []entry
}

// An entry is a question with its answer.
type entry struct {
	Question
	Answer int `json:"answer"`
}

// A document is session.json.
type document struct {
	Version int      `json:"version"`
	Labels  []string `json:"labels"`
	Entries []entry  `json:"questions"`
}

const version = 1

// Open begins a session in a folder, or goes on with the one that is there: its questions and answers stay, and new questions are added
// behind them. Read gives the bytes of a question's picture; a picture that cannot be had is left out and counted.
func Open(ctx context.Context, dir string, labels []string, questions []Question, read func(ctx context.Context, place string) ([]byte, error)) (s *Session, missing int, err error) {
	if len(labels) == 0 {
		return nil, 0, fmt.Errorf("%w: no classes are known", ErrSession)
	}
	if err := os.MkdirAll(filepath.Join(dir, pictures), 0o755); err != nil {
		return nil, 0, fmt.Errorf("open session: %w", err)
	}
	s = &Session{dir: dir, labels: labels}
	if err := s.load(); err != nil {
		return nil, 0, fmt.Errorf("open session %q: %w", dir, err)
	}
	known := map[string]bool{}
	for _, e := range s.entries {
		known[e.Place] = true
		known[e.File] = true
	}
	for _, q := range questions {
		if known[q.Place] || len(s.entries) >= MaxQuestions {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, missing, err
		}
		data, err := read(ctx, q.Place)
		format := preprocess.FormatOf(data)
		if err != nil || format == "" {
			missing++
			continue
		}
		q.File = fileName(data, format)
		if known[q.File] { // the same bytes again
			continue
		}
		known[q.Place], known[q.File] = true, true
		if err := atomicfile.Write(filepath.Join(dir, filepath.FromSlash(q.File)), data); err != nil {
			return nil, missing, fmt.Errorf("keep picture: %w", err)
		}
		s.entries = append(s.entries, entry{q, Unanswered})
	}
	return s, missing, s.save()
}

// fileName is a picture's within the folder: the same bytes have the same name.
func fileName(data []byte, format string) string {
	sum := sha256.Sum256(data)
	ending := strings.ToLower(format)
	if ending == "jpeg" {
		ending = "jpg"
	}
	return pictures + "/" + hex.EncodeToString(sum[:12]) + "." + ending
}

// maxSession bounds session.json.
const maxSession = 64 << 20

func (s *Session) load() error {
	name := filepath.Join(s.dir, sessionFile)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size() > maxSession {
		return fmt.Errorf("%w: %s has more than %d bytes", ErrSession, sessionFile, maxSession)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil || d.Version != version {
		return fmt.Errorf("%w: %s is of no session that is read here", ErrSession, sessionFile)
	}
	if strings.Join(d.Labels, "\x00") != strings.Join(s.labels, "\x00") {
		return fmt.Errorf("%w: it has the classes %s, not %s", ErrSession, strings.Join(d.Labels, ", "), strings.Join(s.labels, ", "))
	}
	for _, e := range d.Entries {
		local := filepath.FromSlash(e.File)
		if !filepath.IsLocal(local) || !strings.HasPrefix(e.File, pictures+"/") || e.Answer < Useless || e.Answer >= len(s.labels) {
			return fmt.Errorf("%w: %s has a question with file %q and answer %d", ErrSession, sessionFile, e.File, e.Answer)
		}
	}
	s.entries = d.Entries
	return nil
}

// Answer keeps an answer: a class, or one of the constants.
func (s *Session) Answer(question, answer int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if question < 0 || question >= len(s.entries) || answer < Useless || answer >= len(s.labels) {
		return fmt.Errorf("%w: there is no question %d with an answer %d", ErrSession, question+1, answer)
	}
	before := s.entries[question].Answer
	s.entries[question].Answer = answer
	if err := s.save(); err != nil {
		s.entries[question].Answer = before
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// save writes all files of the session but the pictures.
func (s *Session) save() error {
	data, err := json.MarshalIndent(document{version, s.labels, s.entries}, "", " ")
	if err != nil {
		return err
	}
	var list, truth bytes.Buffer
	table := csv.NewWriter(&truth)
	_ = table.Write([]string{"id", "label"}) // a buffer takes everything
	n := 0
	for _, e := range s.entries {
		if e.Answer < 0 {
			continue
		}
		fmt.Fprintf(&list, "%d\t%d\t%s\n", n, e.Answer, e.File)
		_ = table.Write([]string{cmp.Or(e.InferenceID, e.EventID, e.Place), s.labels[e.Answer]})
		n++
	}
	table.Flush()
	return errors.Join(
		atomicfile.Write(filepath.Join(s.dir, sessionFile), append(data, '\n')),
		atomicfile.Write(filepath.Join(s.dir, ListFile), list.Bytes()),
		atomicfile.Write(filepath.Join(s.dir, TruthFile), truth.Bytes()),
	)
}

// A Count says how far a session is.
type Count struct {
	Questions, Labelled, Skipped, Useless, Open int
	// Agreed of the labelled pictures have the class that the model said.
	Agreed int
}

// Count counts the answers.
func (s *Session) Count() Count {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := Count{Questions: len(s.entries)}
	for _, e := range s.entries {
		switch {
		case e.Answer >= 0:
			c.Labelled++
			if s.labels[e.Answer] == e.Said {
				c.Agreed++
			}
		case e.Answer == Skipped:
			c.Skipped++
		case e.Answer == Useless:
			c.Useless++
		default:
			c.Open++
		}
	}
	return c
}

// next is the first question without an answer from one on, round to the beginning; -1 when all have one.
func (s *Session) next(from int) int {
	for i := range s.entries {
		if at := (from + i) % len(s.entries); s.entries[at].Answer == Unanswered {
			return at
		}
	}
	return -1
}
