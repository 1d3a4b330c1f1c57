package plan

import "time"

// A Phase is how far an object is.
type Phase int

// The phases. The zero value is Absent.
const (
	// Absent does not exist.
	Absent Phase = iota
	// Ready exists, and nothing is under way.
	Ready
	// Pending is being made or changed.
	Pending
	// Deleting is on its way out.
	Deleting
	// Failed exists, is of no use and cannot be updated: it is deleted and made anew.
	Failed
)

var phases = [...]string{"absent", "ready", "pending", "deleting", "failed"}

// String returns the phase in lower case.
func (p Phase) String() string { return phases[p] }

// A State is what exists of an object. The zero value is an absent one.
type State struct {
	Phase Phase
	// Detail is the service's own word, such as InService, and why, where it says so.
	Detail string
	ARN    string
	Fields Fields
	Tags   map[string]string
	// Adoptable is an object that may be ours although its tags are missing, because making and tagging it are two calls.
	Adoptable bool
	// Created is zero where the service does not tell.
	Created time.Time
	// Price is what the existing object costs.
	Price Price
	// Holds describes data of the user in it, such as "12 objects, 3.4 MB". It is empty where there is none.
	Holds string
}

// Exists tells whether there is something.
func (s *State) Exists() bool { return s.Phase != Absent }

// settled tells that nothing is under way.
func (s *State) settled() bool { return s.Phase != Pending && s.Phase != Deleting }

// Part is the object's part by its tags.
func (s *State) Part() Part { return Part(s.Tags[TagPart]) }

// belongsTo tells whether a deployment may change the object.
func (s *State) belongsTo(name string) bool {
	owner, tagged := s.Tags[TagName]
	return tagged && owner == name || !tagged && s.Adoptable
}
