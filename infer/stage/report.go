package stage

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/scones-unlimited/scones/preprocess"
)

// ReportVersion is the version of [Report].
const ReportVersion = 1

// A Report says what was staged, how it was split, and what was found. It has no times, so that two runs on the same pictures are equal.
type Report struct {
	Version int `json:"version"`
	// Scones is the program's version; the caller fills it in.
	Scones string `json:"scones"`
	Source Source `json:"source"`
	// New tells that the split was made here, by Seed.
	New  bool   `json:"new_split"`
	Seed uint64 `json:"seed"`
	// Classes in the order of their numbers.
	Classes []Class `json:"classes"`
	// Pictures that are staged, and those that were left out by choice.
	Pictures int `json:"pictures"`
	Dropped  int `json:"dropped"`
	// Converted pictures were written anew, because the training would have read them otherwise; filled in by [Stage.Write].
	Converted int       `json:"converted"`
	Decoder   string    `json:"decoder"`
	Findings  []Finding `json:"findings"`
}

// A Class with its pictures by part.
type Class struct {
	Label      string `json:"label"`
	Train      int    `json:"train"`
	Validation int    `json:"validation"`
	Test       int    `json:"test"`
}

// of is the count of a part.
func (c *Class) of(part Part) *int {
	switch part {
	case Train:
		return &c.Train
	case Validation:
		return &c.Validation
	}
	return &c.Test
}

// count fills in the numbers.
func (s *Stage) count() {
	s.Version, s.Pictures = ReportVersion, len(s.pictures)
	s.Classes = make([]Class, len(s.Source.Classes))
	at := map[string]*Class{}
	for i, label := range s.Source.Classes {
		s.Classes[i].Label = label
		at[label] = &s.Classes[i]
	}
	for i := range s.pictures {
		*at[s.pictures[i].Label].of(s.pictures[i].Part)++
	}
}

// Count of a part's pictures.
func (r *Report) Count(part Part) (n int) {
	for i := range r.Classes {
		n += *r.Classes[i].of(part)
	}
	return n
}

// Stops are the errors that are neither allowed nor left out.
func (r *Report) Stops() (all []Finding) {
	for _, f := range r.Findings {
		if f.Error && !f.Allowed && !f.Dropped {
			all = append(all, f)
		}
	}
	return all
}

// Hint says how to go on in spite of a finding.
func (f *Finding) Hint() string {
	switch f.Kind {
	case MissingClass:
		return fmt.Sprintf("--allow %s goes on", f.Kind)
	case Leakage:
		return fmt.Sprintf("--drop %s leaves out the copies outside training, --resplit splits anew with copies on one side, --allow %s goes on", f.Kind, f.Kind)
	}
	return fmt.Sprintf("--drop %s leaves them out, --allow %s goes on with them", f.Kind, f.Kind)
}

// A Sample is a few pictures of a class.
type Sample struct {
	Label    string
	Pictures []string
}

// Samples are up to so many pictures of each class as they will be staged, those of training first.
func (s *Stage) Samples(pictures int) []Sample {
	all := make([]Sample, len(s.Source.Classes))
	for i, label := range s.Source.Classes {
		all[i].Label = label
		for _, part := range Parts {
			for _, p := range s.pictures {
				if p.Label == label && p.Part == part && len(all[i].Pictures) < pictures {
					all[i].Pictures = append(all[i].Pictures, p.Name)
				}
			}
		}
	}
	return all
}

// Image is a picture of the source by its name, also one that is not staged.
func (s *Stage) Image(name string) preprocess.Image {
	at := slices.IndexFunc(s.Source.Pictures, func(p Picture) bool { return p.Name == name })
	if at < 0 {
		return preprocess.File(filepath.Join(s.Source.Name, filepath.FromSlash(name))) // such as one that no list names
	}
	return s.Source.Pictures[at].image()
}
