package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/engines"
)

func batchCompareCommand() *cli.Command {
	d := engines.Defaults()
	return &cli.Command{
		Name:  "compare",
		Usage: "say from how many pictures on which way to classify is faster or cheaper, by arithmetic",
		Description: "This machine, Batch Transform and a Distributed Map, each as a time before the first picture and one for every picture. All\n" +
			"assumptions are flags and are shown. scones bench says the --rate.\n\n" +
			"Example:\n  scones batch compare --rate 800 --processors 2",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "rate", Usage: "`N` pictures a second of this machine"},
			&cli.IntFlag{Name: "processors", Value: runtime.NumCPU(), DefaultText: "as there are", Usage: "`N` processors of this machine that --rate uses"},
			&cli.Float64Flag{Name: "hourly", Usage: "`USD` an hour that this machine costs; 0 when it is there anyway"},
			&cli.BoolFlag{Name: "in-s3", Usage: "the pictures lie in S3 already"},
			&cli.Int64Flag{Name: "picture-bytes", Value: d.PictureBytes, Usage: "mean size of a picture"},
			&cli.Float64Flag{Name: "line", Value: d.Uplink / 1e6, Usage: "`Mbit/s` between this machine and S3"},
			&cli.StringFlag{Name: "instance", Value: d.Instance, Usage: "`TYPE` of the instances there"},
			&cli.IntFlag{Name: "instances", Value: d.Instances, Usage: "`N` instances"},
			&cli.DurationFlag{Name: "start", Value: d.Start, Usage: "`TIME` until a transform job's first picture"},
			&cli.StringFlag{Name: "region", Value: d.Region, Usage: "AWS `REGION` of the prices"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		},
		Action: func(c *cli.Context) error {
			a := engines.Defaults()
			a.Rate, a.Processors, a.Hourly, a.InS3 = c.Float64("rate"), c.Int("processors"), c.Float64("hourly"), c.Bool("in-s3")
			a.PictureBytes, a.Uplink, a.Instance, a.Instances = c.Int64("picture-bytes"), c.Float64("line")*1e6, c.String("instance"), c.Int("instances")
			a.Start, a.Region = c.Duration("start"), c.String("region")
			switch {
			case c.NArg() > 0:
				return &usageError{fmt.Sprintf("%q: batch compare takes no paths", c.Args().First()), "scones batch compare --rate 800"}
			case !c.IsSet("rate"):
				return &usageError{"--rate is missing: pictures a second of this machine", "scones bench --model model.onnx photos/ measures it"}
			case a.Hourly < 0 || math.IsNaN(a.Hourly) || a.Start < 0:
				return &usageError{"--hourly and --start must be 0 or more", ""}
			}
			all, err := engines.Engines(a)
			if err != nil {
				return &usageError{err.Error(), ""}
			}
			if c.Bool("json") {
				return writeJSON(c.App.Writer, struct {
					Assumptions engines.Assumptions `json:"assumptions"`
					Engines     []engines.Engine    `json:"engines"`
				}{a, all})
			}
			return writeCompared(c.App.Writer, a, all)
		},
	}
}

// comparedPictures are the lines of the table.
var comparedPictures = []float64{1e3, 1e4, 1e5, 1e6, 1e7}

func writeCompared(w io.Writer, a engines.Assumptions, all []engines.Engine) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "pictures")
	for _, e := range all {
		fmt.Fprintf(t, "\t%s", e.Name)
	}
	fmt.Fprintln(t)
	for _, n := range comparedPictures {
		fmt.Fprint(t, grouped(n))
		for i := range all {
			fmt.Fprintf(t, "\t%s, %s", tookText(all[i].Time(n)), dollars(&all[i], n))
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	here := &all[0]
	for i := range all[1:] {
		e := &all[i+1]
		fmt.Fprintln(w, from(e.Name, "faster than this machine", e.FasterFrom(here)))
		if a.Hourly > 0 && e.Unknown == "" {
			fmt.Fprintln(w, from(e.Name, "cheaper than this machine", e.CheaperFrom(here)))
		}
	}
	if all[1].Unknown == "" && all[2].Unknown == "" {
		fmt.Fprintln(w, from("batch transform", "cheaper than step functions", all[1].CheaperFrom(&all[2])))
	}
	where := "here, and are uploaded first"
	if a.InS3 {
		where = "in S3"
	}
	fmt.Fprintf(w, "\nassumed: %v pictures a second on %d processors here, and as many on each processor there; $%v an hour here\n", a.Rate, a.Processors, a.Hourly)
	fmt.Fprintf(w, "assumed: pictures of %d bytes that lie %s, over a line of %v Mbit/s\n", a.PictureBytes, where, a.Uplink/1e6)
	fmt.Fprintf(w, "assumed: a job begins after %v, the last %v of it charged; instances cost what hosting on them costs in %s\n", a.Start, a.Idle, a.Region)
	fmt.Fprintf(w, "assumed: the map begins after %v, %d child executions of %d pictures at a time, %v a picture, %d MB; its endpoint is charged while it runs\n",
		a.MapStart, a.Concurrent, a.BatchSize, a.Latency, a.MemoryMB)
	for _, e := range all {
		if e.Unknown != "" {
			fmt.Fprintf(w, "%s: %s\n", e.Name, e.Unknown)
		}
	}
	return nil
}

// from says from which number of pictures on something is so.
func from(name, what string, n float64) string {
	switch {
	case math.IsInf(n, 1):
		return fmt.Sprintf("%s is never %s", name, what)
	case n <= 1:
		return fmt.Sprintf("%s is always %s", name, what)
	}
	return fmt.Sprintf("%s is %s from %s pictures on", name, what, grouped(math.Ceil(n)))
}

// grouped writes a whole number with a comma before every third digit.
func grouped(n float64) string {
	text := fmt.Sprintf("%.0f", n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// tookText writes a time as people say it.
func tookText(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.1f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.1f d", d.Hours()/24)
}

// dollars writes a price, or that it is not known.
func dollars(e *engines.Engine, pictures float64) string {
	if e.Unknown != "" {
		return "$?"
	}
	return fmt.Sprintf("$%.2f", e.USD(pictures))
}
