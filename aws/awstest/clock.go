package awstest

import "time"

// Now is the cloud's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Advance moves the clock on, and everything that is under way with it.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(d)
}

// settleStep is how far the clock goes at once where something is under way: what happens by the minute is seen by the minute.
const settleStep = time.Minute

func (s *Server) move(d time.Duration) {
	for d > 0 {
		step := min(d, settleStep)
		if d > 1000*settleStep { // nothing here takes so long
			step = d - 1000*settleStep
		}
		s.now = s.now.Add(step)
		d -= step
		for _, r := range s.regions {
			r.settle()
		}
	}
}

// visible tells whether lists show what was made then.
func (s *Server) visible(made time.Time) bool { return !s.now.Before(made.Add(s.o.Lag)) }
