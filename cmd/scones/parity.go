package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/parity"
	"github.com/scones-unlimited/scones/preprocess"
)

// parityOptions is a parity command line.
type parityOptions struct {
	endpoint, captures, against, data string
	from, until                       time.Time
	tolerance, rate                   float64
	sample, concurrency               int
	html, out                         string
	json, resume, overwrite, noCause  bool
	candidates                        []string
	region, profile, variant          string
	contentType                       string
	maxPayload                        int64
	timeout                           time.Duration
	limits                            preprocess.Limits
}

func parityCommand() *cli.Command {
	return &cli.Command{
		Name:  "parity",
		Usage: "does this machine answer as the endpoint does, and if not, why",
		Description: "Both sides see the same bytes. The verdict is PASS (every probability within the tolerance), DRIFT (beyond it, but no\n" +
			"label changed that was not a near tie) or FAIL, which ends with exit code 4. When it is not PASS the local side is run\n" +
			"again under each plausible difference (filter, crop, channels, EXIF, float16, ...), and the one that removes it is named.\n" +
			"--captures replays what SageMaker's data capture recorded: no endpoint and no account is needed for files on disk.\n\n" +
			"Examples:\n  scones parity --local model.onnx --endpoint my-endpoint --data photos/\n" +
			"  scones parity --local model.onnx --endpoint http://127.0.0.1:8080/invocations --data photos/\n" +
			"  scones parity --local model.tar.gz --labels bicycle,motorcycle --captures s3://bucket/data-capture/\n" +
			"  scones parity --local model.onnx --against model.int8.onnx --data photos/ --html parity.html",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "local", Aliases: []string{"model", "m"}, Usage: "an .onnx `FILE`, a Hugging Face folder or a SageMaker model.tar.gz (default: the built-in model)"},
			&cli.StringFlag{Name: "endpoint", Usage: "ask a SageMaker endpoint by `NAME`, or a container or scones serve by URL"},
			&cli.StringFlag{Name: "captures", Usage: "replay the recorded inferences of a file, a folder or an s3:// `PREFIX`"},
			&cli.StringFlag{Name: "from", Usage: "of the captures only those from `TIME` on, such as 2024-10-15 or 2024-10-15T14:00:00Z"},
			&cli.StringFlag{Name: "until", Usage: "of the captures only those before `TIME`"},
			&cli.StringFlag{Name: "against", Usage: "compare with `MODEL2`, or with rows of scones classify --format jsonl --top-k 0"},
			&cli.StringFlag{Name: "data", Usage: "the pictures: a `PATH` as scones classify takes"},
			&cli.Float64Flag{Name: "tolerance", Value: parity.DefaultTolerance, Usage: "let a probability differ by `P`, 0 to 1"},
			&cli.IntFlag{Name: "sample", Usage: "take only `N` pictures, evenly spread (default: all)"},
			&cli.StringFlag{Name: "html", Usage: "write a page that needs nothing else to `FILE`"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write a row for each picture to `FILE`, in JSON lines"},
			&cli.BoolFlag{Name: "resume", Usage: "go on where an interrupted --out stopped; nobody is asked twice"},
			&cli.BoolFlag{Name: "overwrite", Usage: "replace an --out that is there"},
			&cli.Float64Flag{Name: "rate", Usage: "begin at most `N` calls a second (default: as fast as --concurrency allows)"},
			&cli.IntFlag{Name: "concurrency", Usage: "have `N` pictures under way at once, 1 to 256 (default: 4 with --endpoint, else one a core)"},
			&cli.BoolFlag{Name: "no-cause", Usage: "do not look for the cause"},
			&cli.StringSliceFlag{Name: "candidate", Usage: "also try whether the other side runs `MODEL`; may be repeated"},
			&cli.StringFlag{Name: "region", Usage: "AWS `REGION` (default: that of the environment)"},
			&cli.StringFlag{Name: "profile", Usage: "AWS `PROFILE` of the shared configuration"},
			&cli.StringFlag{Name: "variant", Usage: "ask this production `VARIANT` of the endpoint"},
			&cli.StringFlag{Name: "content-type", Usage: "send pictures as `TYPE` (default: image/png, image/jpeg or application/x-image, as they are)"},
			&cli.Int64Flag{Name: "max-payload", Value: parity.DefaultMaxPayload, Usage: "do not send pictures of more `BYTES`"},
			&cli.DurationFlag{Name: "timeout", Value: parity.DefaultTimeout, Usage: "wait so long for each answer, 1s to 1h"},
			&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
			&cli.Int64Flag{Name: "max-bytes", Value: preprocess.DefaultMaxBytes, Usage: "largest file that is read"},
		}, modelFlags()[1:], recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := parityFromFlags(c)
			if err != nil {
				return err
			}
			return runParity(c, o)
		},
	}
}

// parityFromFlags checks everything that can be wrong before anything is loaded.
func parityFromFlags(c *cli.Context) (*parityOptions, error) {
	const example = "scones parity --local model.onnx --endpoint NAME --data photos/"
	o := &parityOptions{
		endpoint: c.String("endpoint"), captures: c.String("captures"), against: c.String("against"), data: c.String("data"),
		tolerance: c.Float64("tolerance"), rate: c.Float64("rate"), sample: c.Int("sample"), concurrency: c.Int("concurrency"),
		html: c.String("html"), out: c.String("out"), json: c.Bool("json"), resume: c.Bool("resume"), overwrite: c.Bool("overwrite"),
		noCause: c.Bool("no-cause"), candidates: c.StringSlice("candidate"),
		region: c.String("region"), profile: c.String("profile"), variant: c.String("variant"), contentType: c.String("content-type"),
		maxPayload: c.Int64("max-payload"), timeout: c.Duration("timeout"),
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels"), MaxBytes: c.Int64("max-bytes")},
	}
	others := 0
	for _, other := range []string{o.endpoint, o.captures, o.against} {
		if other != "" {
			others++
		}
	}
	switch {
	case c.NArg() > 0:
		return nil, &usageError{fmt.Sprintf("%q is no flag", c.Args().First()), "the pictures are named by --data"}
	case others != 1:
		return nil, &usageError{"name one other side: --endpoint, --captures or --against", example}
	case o.captures == "" && o.data == "":
		return nil, &usageError{"--data is missing: the pictures to ask about", example}
	case o.captures != "" && o.data != "":
		return nil, &usageError{"--captures hold the pictures: --data has no place", ""}
	case o.data == "-":
		return nil, &usageError{"standard input cannot be read twice", "name the folder or a .lst file"}
	case !(o.tolerance >= 0 && o.tolerance <= 1):
		return nil, &usageError{fmt.Sprintf("--tolerance %v: must be 0 to 1", o.tolerance), ""}
	case c.IsSet("sample") && o.sample < 1:
		return nil, &usageError{fmt.Sprintf("--sample %d: must be 1 or more", o.sample), ""}
	case c.IsSet("rate") && !(o.rate > 0):
		return nil, &usageError{fmt.Sprintf("--rate %v: must be more than 0", o.rate), ""}
	case c.IsSet("concurrency") && (o.concurrency < 1 || o.concurrency > 256):
		return nil, &usageError{fmt.Sprintf("--concurrency %d: must be 1 to 256", o.concurrency), ""}
	case o.resume && o.out == "":
		return nil, &usageError{"--resume needs --out, the file to go on with", ""}
	case o.resume && o.overwrite:
		return nil, &usageError{"--resume and --overwrite exclude each other", ""}
	case o.maxPayload < 1:
		return nil, &usageError{fmt.Sprintf("--max-payload %d: must be 1 or more", o.maxPayload), ""}
	case o.timeout < time.Second || o.timeout > time.Hour:
		return nil, &usageError{fmt.Sprintf("--timeout %v: must be 1s to 1h", o.timeout), ""}
	case o.limits.MaxPixels < 1:
		return nil, &usageError{fmt.Sprintf("--max-pixels %d: must be 1 or more", o.limits.MaxPixels), ""}
	case o.limits.MaxBytes < 1:
		return nil, &usageError{fmt.Sprintf("--max-bytes %d: must be 1 or more", o.limits.MaxBytes), ""}
	case o.captures == "" && (c.IsSet("from") || c.IsSet("until")):
		return nil, &usageError{"--from and --until choose among --captures", ""}
	}
	var err error
	if o.from, err = timeFlag(c, "from"); err != nil {
		return nil, err
	}
	o.until, err = timeFlag(c, "until")
	return o, err
}

// timeFlag reads a day or a moment; a day is its first moment in UTC.
func timeFlag(c *cli.Context, name string) (time.Time, error) {
	text := c.String(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &usageError{fmt.Sprintf("--%s %q: is no time", name, text), "write 2024-10-15 or 2024-10-15T14:00:00Z"}
}

// isURL tells an address from an endpoint's name, which holds no colon.
func isURL(endpoint string) bool { return strings.Contains(endpoint, "://") }
