package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/stage"
	"github.com/scones-unlimited/scones/preprocess"
)

// stageOptions is a stage command line.
type stageOptions struct {
	out, html string
	json      bool
	records   bool
	classes   []string
	check     stage.Options
	upload    uploadOptions
	limits    preprocess.Limits
}

func stageCommand() *cli.Command {
	return &cli.Command{
		Name:  "stage",
		Usage: "prepare pictures for training: split, check, and lay out as SageMaker reads them",
		Description: "Every picture is read and compared with every other before anything is written: copies, leakage between the parts, labels that\n" +
			"contradict their files, classes out of balance. Errors stop with exit code 4; --allow KIND passes one kind, --drop KIND leaves\n" +
			"its pictures out. Without --out nothing but the check is done.",
		Subcommands: []*cli.Command{stageFolderCommand(), stageCIFARCommand()},
	}
}

func stageFolderCommand() *cli.Command {
	return &cli.Command{
		Name:      "folder",
		Usage:     "stage a folder of class folders, of train and test folders, or of .lst files",
		ArgsUsage: "FOLDER",
		Description: "FOLDER holds a folder for each class; or folders train and test with such folders in them; or train.lst and test.lst beside the\n" +
			"folders of their pictures, where --classes names the numbers. The first is split, the others keep their split. Upright JPEG and\n" +
			"PNG are copied as they are, everything else is written anew, because the training reads nothing else.\n\n" +
			"Examples:\n  scones stage folder photos/\n  scones stage folder --test 0.2 --validation 0.1 --html report.html -o data/ photos/",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "classes", Usage: "`LABELS` to take, with commas between, in the order of their numbers (default: every folder)"},
			&cli.StringFlag{Name: "labels-csv", Usage: "the classes stand in a CSV `FILE` with columns path and label"},
		}, stageFlags()...),
		Action: stageFolder,
	}
}

// stageFlags are those of every source.
func stageFlags() []cli.Flag {
	return slices.Concat([]cli.Flag{
		&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "stage into `FOLDER`, which is made, or replaced when it was staged before"},
		&cli.Float64Flag{Name: "test", Value: stage.DefaultTest, Usage: "`SHARE` of each class to test with, when a split is made"},
		&cli.Float64Flag{Name: "validation", Usage: "`SHARE` of each class to validate with while training, taken from the training pictures"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "`NUMBER` that decides the split"},
		&cli.BoolFlag{Name: "resplit", Usage: "split anew what comes with a split"},
		&cli.BoolFlag{Name: "rec", Usage: "also write RecordIO files, which MXNet and SageMaker's recordio channels read"},
		&cli.StringFlag{Name: "image-shape", Usage: "the training's image shape as `C,H,W`; smaller pictures are errors"},
		&cli.StringSliceFlag{Name: "allow", Usage: "go on with errors of `KIND`; may be given again"},
		&cli.StringSliceFlag{Name: "drop", Usage: "leave out the pictures of findings of `KIND`; may be given again"},
		&cli.StringFlag{Name: "html", Usage: "write a page with the pictures of the findings to `FILE`"},
		&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
		&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
	}, uploadFlags())
}

// stageFromFlags checks everything that can be wrong before anything is read.
func stageFromFlags(c *cli.Context) (*stageOptions, error) {
	o := &stageOptions{
		out: c.String("out"), html: c.String("html"), json: c.Bool("json"), records: c.Bool("rec"),
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
	}
	o.check = stage.Options{Test: c.Float64("test"), Validation: c.Float64("validation"), Seed: c.Uint64("seed"), Resplit: c.Bool("resplit"), Limits: o.limits}
	if text := c.String("classes"); text != "" {
		o.classes = strings.Split(text, ",")
	}
	for _, name := range []string{"test", "validation"} {
		if v := c.Float64(name); c.IsSet(name) && !(v > 0 && v < 1) {
			return nil, &usageError{fmt.Sprintf("--%s %v: must be between 0 and 1", name, v), ""}
		}
	}
	if err := o.check.Validate(); err != nil {
		return nil, &usageError{"--test and --validation: " + err.Error(), ""}
	}
	for _, name := range []string{"out", "html", "classes", "image-shape"} {
		if c.IsSet(name) && c.String(name) == "" {
			return nil, &usageError{fmt.Sprintf("--%s names nothing", name), ""}
		}
	}
	switch {
	case slices.Contains(o.classes, ""):
		return nil, &usageError{fmt.Sprintf("--classes %q: a name is empty", c.String("classes")), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	case o.json && c.IsSet("to"):
		return nil, &usageError{"--json and --to exclude each other: what is uploaded is said in text", ""}
	case o.records && o.out == "" && !c.Bool("dry-run"):
		return nil, &usageError{"--rec needs a folder to write to", "-o data/"}
	}
	var err error
	if o.upload, err = uploadFromFlags(c, o.out); err != nil {
		return nil, err
	}
	if o.check.MinHeight, o.check.MinWidth, err = imageShape(c.String("image-shape")); err != nil {
		return nil, err
	}
	for _, list := range []struct {
		flag string
		to   *[]stage.Kind
	}{{"allow", &o.check.Allow}, {"drop", &o.check.Drop}} {
		for _, name := range c.StringSlice(list.flag) {
			kind, err := stage.ParseKind(name)
			if err != nil {
				return nil, &usageError{fmt.Sprintf("--%s: %v", list.flag, err), ""}
			}
			*list.to = append(*list.to, kind)
		}
	}
	return o, nil
}

// imageShape reads C,H,W as the training's hyperparameter has it.
func imageShape(text string) (height, width int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	fields := strings.Split(text, ",")
	var numbers [3]int
	for i := range min(len(fields), 3) {
		n, numberErr := strconv.Atoi(strings.TrimSpace(fields[i]))
		if numberErr != nil || n < 1 {
			err = errors.New("no number")
		}
		numbers[i] = n
	}
	if err != nil || len(fields) != 3 || numbers[0] != 1 && numbers[0] != 3 {
		return 0, 0, &usageError{fmt.Sprintf("--image-shape %q: must be channels, height and width, such as 3,32,32", text), ""}
	}
	return numbers[1], numbers[2], nil
}

// stageFolder runs scones stage folder.
func stageFolder(c *cli.Context) error {
	if c.NArg() != 1 {
		return &usageError{fmt.Sprintf("%d folders named, want one", c.NArg()), "scones stage folder -o data/ photos/"}
	}
	o, err := stageFromFlags(c)
	if err != nil {
		return err
	}
	dir, table := c.Args().First(), c.String("labels-csv")
	if table == "" {
		src, err := stage.Folder(c.Context, dir, o.classes)
		if err != nil {
			return err
		}
		return o.run(c, src)
	}
	names := &classNames{labels: o.classes, open: len(o.classes) == 0}
	truth, err := csvTruth(table, dir, names)
	if err != nil {
		return err
	}
	var rows []stage.TableRow
	for _, path := range truth.order {
		rows = append(rows, stage.TableRow{Path: path, Class: truth.listed[path]})
	}
	src, err := stage.Table(dir, names.labels, rows)
	if err != nil {
		return err
	}
	return o.run(c, src)
}
