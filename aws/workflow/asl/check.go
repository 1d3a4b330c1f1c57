package asl

import "fmt"

// Check asks about every Task before anything runs, those in branches and Maps too: supports returns why its resource cannot be used
// here, or nil. Parameters are the constant ones; what is computed is not known yet. What a Distributed Map needs is checked by
// whether there are objects.
func (m *Machine) Check(objects bool, supports func(s *State, constant func(name string) (any, bool)) error) error {
	var problems []string
	for s := range m.All() {
		if s.Type == Task {
			if err := supports(s, s.parameters.constantOf); err != nil {
				problems = append(problems, fmt.Sprintf("state %q: %v", s.Name, err))
			}
		}
		if e := s.each; !objects && (e.reader != nil || e.writer != nil && e.writer.parameters != nil) {
			problems = append(problems, fmt.Sprintf("state %q: reads or writes a bucket, and there is none here", s.Name))
		}
	}
	if len(problems) > 0 {
		return &RefusedError{problems}
	}
	return nil
}

// All yields every state, those within others behind the one that holds them.
func (m *Machine) All() func(yield func(*State) bool) {
	return func(yield func(*State) bool) { m.walk(yield) }
}

func (m *Machine) walk(yield func(*State) bool) bool {
	for _, s := range m.States {
		if !yield(s) {
			return false
		}
		for _, branch := range s.Branches {
			if !branch.walk(yield) {
				return false
			}
		}
		if s.Processor != nil && !s.Processor.walk(yield) {
			return false
		}
	}
	return true
}
