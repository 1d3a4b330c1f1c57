package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/infer/evaluate"
	"github.com/scones-unlimited/scones/preprocess"
)

// A Stage is a source that was checked.
type Stage struct {
	Report
	pictures []Picture // that may be written, each with its part
	limits   preprocess.Limits
}

// ErrNothing is wrapped when a source has no picture.
var ErrNothing = errors.New("there are no pictures")

// Check reads every picture, splits those without a part, and reports. Findings are no error of Check: ask [Report.Stops]. Errors are of
// ctx, of options, or wrap [ErrNothing].
func Check(ctx context.Context, src *Source, o Options) (*Stage, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(src.Pictures) == 0 {
		return nil, fmt.Errorf("%q: %w", src.Name, ErrNothing)
	}
	pictures := slices.Clone(src.Pictures)
	unreadable, err := fingerprints(ctx, pictures, o)
	if err != nil {
		return nil, err
	}
	s := &Stage{Report: Report{Source: *src, Seed: o.Seed, Decoder: preprocess.Decoder()}, limits: o.Limits}
	// What cannot be read is no picture to split; whether that stops the run is said by the finding.
	readable := slices.DeleteFunc(pictures, func(p Picture) bool { return p.print == nil })
	missing := slices.Clone(unreadable)
	isMissing := func(c Case) bool { return strings.HasPrefix(c.Text, string(preprocess.CodeNotFound)) }
	missing = slices.DeleteFunc(missing, func(c Case) bool { return !isMissing(c) })
	unreadable = slices.DeleteFunc(unreadable, isMissing)
	given := slices.Concat(src.Findings, found(MissingFile, missing), found(Unreadable, unreadable))
	if len(readable) == 0 {
		return nil, fmt.Errorf("%q: %w that can be read", src.Name, ErrNothing)
	}
	dropped := 0
	for {
		split, err := s.assign(ctx, readable, o)
		if err != nil {
			return nil, err
		}
		findings, err := s.inspect(ctx, readable, split, o)
		if err != nil {
			return nil, err
		}
		out := dropping(findings, o.Drop)
		rest := slices.DeleteFunc(slices.Clone(readable), func(p Picture) bool { return out[p.key()] })
		if len(out) == 0 || len(rest) == 0 {
			s.Findings = append(given, findings...)
			break
		}
		// What the dropped pictures were part of may be well without them, and splits anew.
		for _, f := range findings {
			if slices.Contains(o.Drop, f.Kind) {
				f.Dropped = true
				given = append(given, f)
			}
		}
		dropped += len(readable) - len(rest)
		readable = rest
	}
	s.pictures, s.Dropped = readable, dropped
	s.finish(o)
	return s, nil
}

// finish orders and marks the findings, and counts.
func (s *Stage) finish(o Options) {
	s.Findings = merged(s.Findings)
	order := func(a, b Finding) int { return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind) }
	slices.SortStableFunc(s.Findings, order)
	for i := range s.Findings {
		f := &s.Findings[i]
		// A row that names nothing, or a picture that nothing reads, is out already.
		out := f.Kind == Unreadable || f.Kind == MissingFile || f.Kind == BadRow
		f.Dropped = f.Dropped || out && slices.Contains(o.Drop, f.Kind)
		f.Allowed = f.Error && slices.Contains(o.Allow, f.Kind)
	}
	s.count()
}

// merged joins what was dropped of one kind, time after time.
func merged(findings []Finding) (all []Finding) {
	for _, f := range findings {
		at := slices.IndexFunc(all, func(a Finding) bool { return a.Kind == f.Kind && a.Dropped == f.Dropped })
		if at < 0 {
			all = append(all, f)
			continue
		}
		cases := slices.Concat(all[at].Cases, f.Cases)
		both := newFinding(f.Kind, cases)
		both.Dropped = f.Dropped
		all[at] = *both
	}
	return all
}

// fingerprints reads all pictures, and gives those that cannot be read.
func fingerprints(ctx context.Context, pictures []Picture, o Options) ([]Case, error) {
	byName := make(map[string]*Picture, len(pictures))
	images := func(yield func(preprocess.Image, error) bool) {
		for i := range pictures {
			if byName[pictures[i].Name] != nil { // twice in its list
				if o.Progress != nil {
					o.Progress()
				}
				continue
			}
			byName[pictures[i].Name] = &pictures[i]
			if !yield(pictures[i].image(), nil) {
				return
			}
		}
	}
	prints, failed, err := evaluate.Prints(ctx, images, o.Limits, o.Progress)
	if err != nil {
		return nil, err
	}
	of := make(map[string]*evaluate.Print, len(prints))
	for i := range prints {
		of[prints[i].Picture] = &prints[i]
	}
	for i := range pictures {
		p := &pictures[i]
		if known := of[p.Name]; known != nil {
			own := *known
			own.Label = p.Label
			p.print = &own
		}
	}
	var cases []Case
	for _, f := range failed {
		p := byName[f.Picture]
		cases = append(cases, Case{Picture: f.Picture, Part: p.Part, Label: p.Label, Text: f.Code + ": " + f.Text})
	}
	return cases, nil
}

// inspect looks for everything but what could not be read.
func (s *Stage) inspect(ctx context.Context, pictures []Picture, groups []int, o Options) ([]Finding, error) {
	rows := trainRows(pictures)
	leaked, err := leakage(ctx, pictures, rows)
	if err != nil {
		return nil, err
	}
	copies, err := duplicates(ctx, pictures, groups)
	if err != nil {
		return nil, err
	}
	mismatched, doubted := labels(pictures, s.Source.Classes, s.Source.Known)
	missing, unequal, few := balance(pictures, s.Source.Classes)
	var all []Finding
	for _, f := range []struct {
		kind  Kind
		cases []Case
	}{
		{TrainRows, rows}, {Leakage, leaked}, {TwoLabels, twoLabels(pictures, groups)}, {LabelMismatch, mismatched}, {MissingClass, missing},
		{TooSmall, tooSmall(pictures, o)}, {Duplicates, copies}, {LabelDoubt, doubted}, {Imbalance, unequal}, {FewOf, few}, {Odd, odd(pictures)},
	} {
		all = append(all, found(f.kind, f.cases)...)
	}
	return all, nil
}

// found is the finding of a kind, if there is one.
func found(kind Kind, cases []Case) []Finding {
	if f := newFinding(kind, cases); f != nil {
		return []Finding{*f}
	}
	return nil
}

// dropping are the names of the pictures that are to be left out. Of a leak that is the one outside training, of copies all but the first.
func dropping(findings []Finding, kinds []Kind) map[key]bool {
	out := map[key]bool{}
	for _, f := range findings {
		for _, c := range f.Cases {
			if slices.Contains(kinds, f.Kind) && c.Picture != "" {
				out[key{c.Part, c.Picture}] = true
			}
		}
	}
	return out
}

// A key tells pictures apart: a file may be listed in two parts.
type key struct {
	part Part
	name string
}

func (p *Picture) key() key { return key{p.Part, p.Name} }
