package main

import (
	"errors"
	"fmt"
	"image/png"
	"io"
	"slices"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/explain"
	"github.com/scones-unlimited/scones/model/atomicfile"
	"github.com/scones-unlimited/scones/preprocess"
)

// overlaySide is the longer side of the pictures in --out, in pixels.
const overlaySide = 640

// explainRun is a run on many pictures.
type explainRun struct {
	o         *explainOptions
	explainer *explain.Explainer
	about     explain.About
	out       *outFolder // nil without --out
	page      *explain.Page
	table     *table
	stdout    io.Writer
	bar       *progressbar.ProgressBar
	total     int
	failed    int
	weak      int
}

// explain runs a checked command line.
func (o *explainOptions) explain(c *cli.Context) error {
	classifier, meta, err := openClassifier(c, o.limits)
	if err != nil {
		return err
	}
	defer classifier.close()
	r := &explainRun{o: o, stdout: c.App.Writer, table: newTable(c.App.Writer)}
	r.about = explain.About{
		Scones: meta.Scones, Model: meta.Model, ModelSHA256: meta.ModelSHA, Contract: meta.Contract,
		Runtime: meta.Runtime, Device: meta.Device, Decoder: meta.Decoder,
	}
	r.page = &explain.Page{About: r.about}
	if isTerminal(c.App.Writer) { // a pipe has room for whole names
		r.table.path = max(pathColumns, r.table.path-restColumns)
	}
	o.run.Batch, o.run.Workers = classifier.plan.Batch, classifier.plan.Workers
	o.run.Progress = func(done, calls int) { // a bar that cannot be drawn is no reason to stop
		_ = r.bar.Set64(int64(r.total*calls + done))
	}
	if r.explainer, err = explain.New(classifier.Classifier, o.run); err != nil {
		return flagsOf(err)
	}
	if o.out != "" {
		if r.out, err = openOutFolder(o.out); err != nil {
			return err
		}
		defer r.out.close()
	}
	var skipped preprocess.Skipped
	r.bar = newProgress(c.App.ErrWriter, "explain", -1, false)
	if isTerminal(c.App.ErrWriter) && !slices.Contains(o.paths, "-") {
		go countPictures(c.Context, &classifyOptions{paths: o.paths, root: o.root}, func(n int64) {
			r.bar.ChangeMax64(n * int64(r.explainer.Calls()))
		})
	}
	if err := r.each(c, &skipped); err != nil {
		_ = r.bar.Clear()
		return err
	}
	_ = r.bar.Clear()
	return r.finish(c, skipped)
}

// each explains one picture after the other; all cores work on each.
func (r *explainRun) each(c *cli.Context, skipped *preprocess.Skipped) error {
	for img, err := range preprocess.Paths(c.Context, r.o.paths, r.o.root, c.App.Reader, skipped) {
		if err != nil {
			return err
		}
		x, err := r.explainer.Explain(c.Context, img)
		if err == nil {
			err = r.write(x)
		}
		r.total++
		if imageError, ok := errors.AsType[*preprocess.ImageError](err); ok {
			r.failed++
			fmt.Fprintf(c.App.ErrWriter, "scones: %s: %s: %s\n", printable(img.Name), imageError.Code, printable(err.Error()))
			continue
		}
		if err != nil {
			return fmt.Errorf("explaining %q: %w", img.Name, err)
		}
	}
	return nil
}

// write writes what is asked for of one picture.
func (r *explainRun) write(x *explain.Explanation) error {
	if !x.Holds() {
		r.weak++
	}
	if r.o.html != "" {
		if _, err := r.page.Add(x); err != nil {
			return err
		}
	}
	data, err := x.JSON(r.about)
	if err != nil {
		return err
	}
	if r.out != nil {
		name := r.out.name(x.Picture) + ".explain"
		if err := r.out.create(name+".png", func(to io.Writer) error { return png.Encode(to, explain.Overlay(x, overlaySide)) }); err != nil {
			return err
		}
		if err := r.out.create(name+".json", func(to io.Writer) error { _, err := to.Write(append(data, '\n')); return err }); err != nil {
			return err
		}
	}
	if r.o.json {
		_, err = r.stdout.Write(append(data, '\n'))
		return err
	}
	return r.row(x)
}

// row prints a line of the table.
func (r *explainRun) row(x *explain.Explanation) error {
	if !r.table.begun {
		r.table.begun = true
		if err := r.line("PATH", "LABEL", "SCORE", "DELETION", "RANDOM", "INSERTION", "RANDOM", "MAP"); err != nil {
			return err
		}
	}
	verdict := "holds"
	if !x.Holds() {
		verdict = "no better than chance"
	}
	return r.line(x.Picture, printable(x.Class.Label), fmt.Sprintf("%.4f", x.Class.Score), fmt.Sprintf("%.3f", x.Test.Deletion),
		fmt.Sprintf("%.3f", x.RandomDeletion()), fmt.Sprintf("%.3f", x.Test.Insertion), fmt.Sprintf("%.3f", x.RandomInsertion()), verdict)
}

func (r *explainRun) line(path, label, score, deletion, randomDeletion, insertion, randomInsertion, verdict string) error {
	_, err := fmt.Fprintf(r.stdout, "%s  %-*s  %6s  %8s  %6s  %9s  %6s  %s\n", r.table.pad(path), labelColumns, label, score,
		deletion, randomDeletion, insertion, randomInsertion, verdict)
	return err
}

// finish writes the page and the last line.
func (r *explainRun) finish(c *cli.Context, skipped preprocess.Skipped) error {
	if r.o.html != "" {
		file, err := atomicfile.Create(r.o.html)
		if err != nil {
			return fmt.Errorf("writing --html: %w", err)
		}
		defer file.Close()
		if err := errors.Join(r.page.Write(file), file.Commit()); err != nil {
			return fmt.Errorf("writing --html: %w", err)
		}
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: %s, %d failed, %s no better than chance%s\n", counted(r.total, "picture"), r.failed, counted(r.weak, "map"), leftOut(skipped))
	if r.failed > 0 {
		return &picturesError{r.failed, r.total}
	}
	return nil
}
