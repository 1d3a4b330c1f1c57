package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/scones-unlimited/scones/infer/stage"
)

// writeStaged prints a report as people read it.
func writeStaged(w io.Writer, r *stage.Report) error {
	split := "with the source's split"
	if r.New {
		split = fmt.Sprintf("split by seed %d", r.Seed)
	}
	fmt.Fprintf(w, "%s, %s of %s, %s\n", printable(r.Source.Name), counted(r.Pictures, "picture"), plural(len(r.Classes), "class", "classes"), split)
	if r.Dropped > 0 {
		fmt.Fprintf(w, "%s left out\n", counted(r.Dropped, "picture"))
	}
	if r.Converted > 0 {
		fmt.Fprintf(w, "%s written anew\n", counted(r.Converted, "picture"))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	validation := r.Count(stage.Validation) > 0
	columns := func(label string, train, validate, test any) {
		if validation {
			fmt.Fprintf(t, "%s\t%v\t%v\t%v\n", label, train, validate, test)
			return
		}
		fmt.Fprintf(t, "%s\t%v\t%v\n", label, train, test)
	}
	columns("\nclass", "train", "validation", "test")
	for i := range r.Classes {
		c := &r.Classes[i]
		columns(printable(c.Label), c.Train, c.Validation, c.Test)
	}
	columns("all", r.Count(stage.Train), r.Count(stage.Validation), r.Count(stage.Test))
	if err := t.Flush(); err != nil {
		return err
	}
	for i := range r.Findings {
		writeFinding(w, &r.Findings[i])
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, "\nnothing speaks against these pictures")
	}
	return nil
}

// writeFinding prints a kind of finding and its first cases.
func writeFinding(w io.Writer, f *stage.Finding) {
	word := "warning"
	if f.Error {
		word = "ERROR"
	}
	switch {
	case f.Dropped:
		word += ", left out"
	case f.Allowed:
		word += ", allowed"
	}
	fmt.Fprintf(w, "\n%s %s: %s\n", word, f.Kind, f.Text)
	for i, c := range f.Cases {
		if i == shown {
			fmt.Fprintf(w, "  … and %d more\n", len(f.Cases)-shown)
			break
		}
		switch {
		case c.Other != "":
			fmt.Fprintf(w, "  %s = %s (%s)\n", printable(inPart(c.Picture, c.Part)), printable(inPart(c.Other, c.OtherPart)), printable(c.Text))
		case c.Picture != "":
			fmt.Fprintf(w, "  %s: %s\n", printable(inPart(c.Picture, c.Part)), printable(c.Text))
		default:
			fmt.Fprintf(w, "  %s\n", printable(c.Text))
		}
	}
}

// inPart says the part that a picture goes to.
func inPart(name string, part stage.Part) string {
	if part == stage.Unsplit {
		return name
	}
	return fmt.Sprintf("%s [%s]", name, part)
}
