package monitor

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
)

// seen remembers which event ids occurred, in memory of one size however many there are: the latest in a map, older ones as sorted runs
// of fingerprints in a file that has no name. A filter in front says of nearly all new ids that no run has them, so that the file is read
// for repeated ids and few others.
//
// Fingerprints are 128 bits of SHA-256: among 10^9 ids two differ in theirs but for one chance in 10^20.
type seen struct {
	latest map[fingerprint]struct{}
	runs   []run // larger ones first
	filter []uint64
	file   *os.File
	end    int64 // of the file
	block  []byte
	most   int // of latest
	dir    string
}

type fingerprint [16]byte

// A run is a sorted part of the file.
type run struct {
	at    int64
	count int64
}

const (
	size       = int64(len(fingerprint{}))
	latestMost = 1 << 16
	filterBits = 1 << 26 // 8 MiB: at 10^6 ids one new id in 10^5 is looked up in vain, at 10^7 one in 14
	filterKeys = 4
	blockSize  = 512 // fingerprints that are read at once: most searches end in the first block
)

func newSeen(dir string) *seen {
	return &seen{latest: map[fingerprint]struct{}{}, most: latestMost, dir: dir}
}

// add tells whether the id is new, and remembers it.
func (s *seen) add(id string) (fresh bool, err error) {
	sum := sha256.Sum256([]byte(id))
	key := fingerprint(sum[:16])
	if _, there := s.latest[key]; there {
		return false, nil
	}
	if s.maybe(key) {
		for i := len(s.runs) - 1; i >= 0; i-- {
			if there, err := s.search(s.runs[i], key); there || err != nil {
				return false, err
			}
		}
	}
	s.latest[key] = struct{}{}
	if len(s.latest) >= s.most {
		return true, s.spill()
	}
	return true, nil
}

// spots are the filter's bits of a key.
func (k fingerprint) spots() (bits [filterKeys]uint64) {
	a, b := binary.LittleEndian.Uint64(k[:8]), binary.LittleEndian.Uint64(k[8:])
	for i := range bits {
		bits[i] = (a + uint64(i)*(b|1)) % filterBits
	}
	return bits
}

func (s *seen) maybe(k fingerprint) bool {
	if s.filter == nil {
		return false
	}
	for _, bit := range k.spots() {
		if s.filter[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// search looks for a key in a run. Fingerprints are spread evenly, so that a key lies about where its share of the range says.
func (s *seen) search(r run, key fingerprint) (bool, error) {
	low, high := int64(0), r.count // the key is in there if it is anywhere
	share := float64(binary.BigEndian.Uint64(key[:8])) / (1 << 64)
	for guess := int64(share * float64(r.count)); low < high; {
		from := min(max(guess-blockSize/2, low), max(high-blockSize, low))
		n := min(blockSize, high-from)
		s.block = slices.Grow(s.block[:0], int(blockSize*size))[:n*size]
		if _, err := s.file.ReadAt(s.block, r.at+from*size); err != nil {
			return false, fmt.Errorf("read the list of event ids: %w", err)
		}
		at, found := sort.Find(int(n), func(i int) int { return bytes.Compare(key[:], s.block[int64(i)*size:][:size]) })
		switch {
		case found:
			return true, nil
		case at == 0:
			high = from
		case int64(at) == n:
			low = from + n
		default:
			return false, nil
		}
		guess = (low + high) / 2
	}
	return false, nil
}

// spill writes the latest to the file as a run, and merges the last run into the one before as long as that is not the larger.
func (s *seen) spill() error {
	if s.file == nil {
		file, err := os.CreateTemp(s.dir, "scones-event-ids-*")
		if err != nil {
			return fmt.Errorf("keep the list of event ids: %w", err)
		}
		os.Remove(file.Name()) // it lives on until it is closed, where the system can do so; Close removes it elsewhere
		s.file, s.filter = file, make([]uint64, filterBits/64)
	}
	keys := make([]fingerprint, 0, len(s.latest))
	for key := range s.latest {
		keys = append(keys, key)
		for _, bit := range key.spots() {
			s.filter[bit/64] |= 1 << (bit % 64)
		}
	}
	slices.SortFunc(keys, func(a, b fingerprint) int { return bytes.Compare(a[:], b[:]) })
	clear(s.latest)
	text := make([]byte, 0, len(keys)*int(size))
	for _, key := range keys {
		text = append(text, key[:]...)
	}
	if _, err := s.file.WriteAt(text, s.end); err != nil {
		return fmt.Errorf("keep the list of event ids: %w", err)
	}
	s.runs = append(s.runs, run{s.end, int64(len(keys))})
	s.end += int64(len(text))
	for n := len(s.runs); n > 1 && s.runs[n-2].count <= s.runs[n-1].count; n = len(s.runs) {
		merged, err := s.merge(s.runs[n-2], s.runs[n-1])
		if err != nil {
			return fmt.Errorf("keep the list of event ids: %w", err)
		}
		s.runs = append(s.runs[:n-2], merged)
	}
	return nil
}

// close gives the file back.
func (s *seen) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	os.Remove(name)
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	return err
}
