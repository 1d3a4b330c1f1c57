package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/graphcache"
)

// noGraphs is the --graph-cache that keeps nothing.
const noGraphs = "off"

// graphFlag says where optimised graphs are kept.
func graphFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "graph-cache", EnvVars: []string{"SCONES_GRAPH_CACHE"}, DefaultText: "the user's cache",
		Usage: "keep ONNX Runtime's optimised graphs in `FOLDER` for the next start, or " + noGraphs,
	}
}

// graphsFromFlags returns the cache of optimised graphs, nil for none. A user without a cache folder has none.
func graphsFromFlags(c *cli.Context) *graphcache.Cache {
	dir := c.String("graph-cache")
	if dir == noGraphs {
		return nil
	}
	if dir == "" {
		var err error
		if dir, err = graphcache.Dir(); err != nil {
			return nil
		}
	}
	return &graphcache.Cache{Dir: dir}
}

func graphsCommand() *cli.Command {
	return &cli.Command{
		Name:  "graphs",
		Usage: "list the optimised graphs that shorten the next start, or remove them",
		Description: "A graph is kept for each model, library and processor; the least recently used go first when they take more than " +
			byteText(graphcache.DefaultMaxBytes) + ".\n\nExample:\n  scones runtime graphs --clear",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "clear", Usage: "remove them all"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
			graphFlag(),
		},
		Action: showGraphs,
	}
}

// A graphsReport is what scones runtime graphs --json prints.
type graphsReport struct {
	Dir     string             `json:"dir"` // empty for none
	Entries []graphcache.Entry `json:"entries"`
	Freed   int64              `json:"freed_bytes,omitempty"`
}

func showGraphs(c *cli.Context) error {
	if c.Args().Present() {
		return &usageError{fmt.Sprintf("graphs takes no argument, got %q", c.Args().First()), "scones runtime graphs --clear removes all"}
	}
	report := graphsReport{Entries: []graphcache.Entry{}}
	if cache := graphsFromFlags(c); cache != nil {
		report.Dir = cache.Dir
		if c.Bool("clear") {
			var err error
			if report.Freed, err = cache.Clear(); err != nil {
				return err
			}
		}
		entries, err := cache.Entries()
		if err != nil {
			return err
		}
		report.Entries = append(report.Entries, entries...)
	}
	if c.Bool("json") {
		return writeJSON(c.App.Writer, report)
	}
	return report.write(c.App.Writer, c.Bool("clear"))
}

// write prints the report as people read it.
func (r *graphsReport) write(w io.Writer, cleared bool) error {
	if r.Dir == "" {
		_, err := fmt.Fprintln(w, "optimised graphs are not kept")
		return err
	}
	if cleared {
		_, err := fmt.Fprintf(w, "%s of optimised graphs removed from %s\n", byteText(r.Freed), r.Dir)
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "MODEL\tRUNTIME\tUSED\tSIZE\n")
	var total int64
	for _, e := range r.Entries {
		model, runtime := e.Model, e.Runtime
		if model == "" {
			model, runtime = "damaged", "-"
		}
		fmt.Fprintf(table, "%.12s\t%.19s\t%s\t%s\n", model, runtime, e.Used.Format(time.DateTime), byteText(e.Bytes))
		total += e.Bytes
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s in %s\n", byteText(total), r.Dir)
	return err
}
