package monitor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestSeenIsAMap compares it with a map, spilling often.
func TestSeenIsAMap(t *testing.T) {
	s := newSeen(t.TempDir())
	s.most = 50
	defer s.close()
	random := rand.New(rand.NewPCG(1, 2))
	want := map[string]bool{}
	for range 20_000 {
		id := fmt.Sprintf("event %d", random.IntN(12_000))
		fresh, err := s.add(id)
		if err != nil {
			t.Fatal(err)
		}
		if fresh == want[id] {
			t.Fatalf("%q is new: %v, though it was there: %v", id, fresh, want[id])
		}
		want[id] = true
	}
	if len(s.latest) >= s.most || len(s.runs) > 10 || len(s.runs) < 2 {
		t.Errorf("%d ids in memory, %d runs", len(s.latest), len(s.runs))
	}
}
