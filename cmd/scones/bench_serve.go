package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/bench"
	"github.com/scones-unlimited/scones/preprocess"
)

// loadFlags measure a server instead of a model.
func loadFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "serve", Usage: "load the server at `URL` instead, such as a scones serve; a URL without a path means /invocations"},
		&cli.StringFlag{Name: "clients", Value: "1,8,64", Usage: "with --serve: `NUMBERS` of clients that each wait for their answer, one row each"},
		&cli.Float64Flag{Name: "rate", Usage: "with --serve: send `N` pictures a second whatever comes back; the last of --clients bounds those under way"},
		&cli.StringFlag{Name: "token", Usage: "with --serve: show the token in `FILE`"},
	}
}

// loadOptions reads loadFlags.
func loadOptions(c *cli.Context, o *benchOptions) (load bench.LoadOptions, clients []int, err error) {
	u, err := url.Parse(c.String("serve"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return load, nil, &usageError{fmt.Sprintf("--serve %q is no URL of a server", c.String("serve")), "--serve http://127.0.0.1:8080"}
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/invocations"
	}
	for text := range strings.SplitSeq(c.String("clients"), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > 10_000 {
			return load, nil, &usageError{fmt.Sprintf("--clients %q: must be numbers from 1 to 10000, separated by commas", c.String("clients")), ""}
		}
		clients = append(clients, n)
	}
	load = bench.LoadOptions{URL: u.String(), Rate: c.Float64("rate"), Time: o.time}
	if load.Rate < 0 || load.Rate > 1e6 {
		return load, nil, &usageError{fmt.Sprintf("--rate %v: must be 0 to 1000000", load.Rate), ""}
	}
	if load.Rate > 0 {
		clients = clients[len(clients)-1:]
	}
	if o.compare != "" || o.grid || o.plot != "" {
		return load, nil, &usageError{"--serve excludes --compare, --grid and --plot", ""}
	}
	if c.IsSet("token") {
		token, err := readToken(c.String("token"))
		if err != nil {
			return load, nil, err
		}
		load.Header = http.Header{"Authorization": {"Bearer " + token}}
	}
	return load, clients, nil
}

// benchServe loads a server with each number of clients in turn and prints a row for each.
func benchServe(c *cli.Context, o *benchOptions) error {
	load, clients, err := loadOptions(c, o)
	if err != nil {
		return err
	}
	say, clear := stepLine(c.App.ErrWriter)
	defer clear()
	if load.Files, err = loadFiles(c.Context, o, say); err != nil {
		return err
	}
	var reports []bench.LoadReport
	for _, n := range clients {
		say(fmt.Sprintf("%s: %s", load.URL, counted(n, "client")))
		load.Clients = n
		r, err := bench.Load(c.Context, load)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	clear()
	if o.json {
		return writeJSON(c.App.Writer, reports)
	}
	return loadTable(c.App.Writer, reports)
}

// loadFiles reads the pictures, so that reading them costs the measurement nothing.
func loadFiles(ctx context.Context, o *benchOptions, say func(string)) ([][]byte, error) {
	images, _, err := benchPictures(ctx, o, &benchModel{side: smallSide}, say)
	if err != nil {
		return nil, err
	}
	var files [][]byte
	for _, image := range images {
		data, err := readImage(image, o.limits.MaxBytes)
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", image.Name, err)
		}
		files = append(files, data)
	}
	return files, nil
}

func readImage(image preprocess.Image, most int64) ([]byte, error) {
	r, err := image.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most))
}

// loadTable prints the reports for people.
func loadTable(out io.Writer, reports []bench.LoadReport) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "%s, %v s each\n\n", reports[0].URL, reports[0].Seconds)
	fmt.Fprintln(w, "clients\trate\tanswers/s\tp50 ms\tp90 ms\tp99 ms\tmax ms\trefused\tp99 ms\tfailed\tunsent\t")
	for _, r := range reports {
		rate := "closed"
		if r.Rate > 0 {
			rate = fmt.Sprintf("%.0f/s", r.Rate)
		}
		fmt.Fprintf(w, "%d\t%s\t%.1f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t%.2f\t%d\t%d\t\n", r.Clients, rate, r.PerSecond,
			r.Latency.P50, r.Latency.P90, r.Latency.P99, r.Latency.Max, r.Refused, r.Refusal.P99, r.Failed, r.Unsent)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range reports {
		if r.Failed > 0 {
			fmt.Fprintf(out, "\n%s: the first failure of %d: %s\n", counted(r.Clients, "client"), r.Failed, r.FirstFailure)
		}
	}
	return nil
}
