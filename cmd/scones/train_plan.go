package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds that the algorithm reads
	_ "image/png"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/aws/plan"
	"github.com/scones-unlimited/scones/aws/price"
	"github.com/scones-unlimited/scones/aws/registry"
	"github.com/scones-unlimited/scones/aws/train"
)

// A trainPlan is what would run, ready to be shown.
type trainPlan struct {
	o      *trainOptions
	region string
	list   train.List
	// shared tells that the test pictures also choose the epoch.
	shared bool
	price  plan.Price
	notes  []string
}

// settle completes the hyperparameters by what the list and the first picture say, and checks all of them.
func (p *trainPlan) settle(picture []byte) error {
	s := p.o.job.Settings
	for name, counted := range map[string]int{"num_classes": p.list.Classes, "num_training_samples": p.list.Pictures} {
		if said, err := strconv.Atoi(s[name]); err == nil && said != counted {
			p.notes = append(p.notes, fmt.Sprintf("%s=%d is said, the list has %d", name, said, counted))
		} else if s[name] == "" {
			s[name] = strconv.Itoa(counted)
		}
	}
	if p.list.MultiLabel && s["multi_label"] == "" {
		s["multi_label"] = "1"
		p.notes = append(p.notes, "multi_label=1, because the list has a column for each class")
	}
	if config, _, err := image.DecodeConfig(bytes.NewReader(picture)); err == nil && s["image_shape"] == "" && (config.Width < 224 || config.Height < 224) {
		s["image_shape"] = fmt.Sprintf("3,%d,%d", config.Height, config.Width)
		p.notes = append(p.notes, fmt.Sprintf("image_shape=%s, the size of the first picture", s["image_shape"]))
	}
	checked := maps.Clone(s)
	for _, r := range p.o.ranges { // the largest batch that may be tried must be possible too
		if r.Integer {
			checked[r.Name] = strconv.Itoa(int(r.Max))
		}
	}
	warnings, err := checked.Check(p.o.job.Instances)
	if err != nil {
		return asUsage(err)
	}
	if labels := p.o.labels; labels != nil && strconv.Itoa(len(labels)) != s["num_classes"] {
		return &usageError{fmt.Sprintf("%d labels for %s classes", len(labels), s["num_classes"]), "name every class, in the order of their numbers"}
	}
	p.notes = append(p.notes, warnings...)
	r, err := registry.Find(p.region)
	if err != nil {
		return err
	}
	p.o.job.Image = r.Image()
	p.price = price.Hourly(p.region, "training "+p.o.job.Instance, float64(p.o.job.Instances))
	return nil
}

// most is what everything can cost at most, in USD; 0 where nobody knows.
func (p *trainPlan) most() float64 {
	jobs := 1
	if p.o.ranges != nil {
		jobs = p.o.trials
	}
	return p.price.Hourly * p.o.job.MaxRuntime.Hours() * float64(jobs)
}

// cost says the price before it is owed, and where the figure is from.
func (p *trainPlan) cost() string {
	if p.price.Unknown != "" {
		return "not known: " + p.price.Unknown
	}
	text := fmt.Sprintf("$%.2f at most: $%.4g an hour for %s", p.most(), p.price.Hourly, minutes(p.o.job.MaxRuntime))
	if p.o.ranges != nil {
		text += fmt.Sprintf(" in each of %d jobs", p.o.trials)
	}
	if low, high, source, ok := p.o.job.Estimate(); ok {
		likely := fmt.Sprintf("$%.2f for %s", high.Hours()*p.price.Hourly, minutes(high))
		if low < high {
			likely = fmt.Sprintf("$%.2f to $%.2f for %s to %s", low.Hours()*p.price.Hourly, high.Hours()*p.price.Hourly, minutes(low), minutes(high))
		}
		text += fmt.Sprintf("; likely %s (%s)", likely, source)
	}
	if p.o.job.Spot {
		text += "; on spot machines less, AWS says up to 90 %"
	}
	return fmt.Sprintf("%s (%s, %s)", text, p.price.Source, p.price.Date)
}

// minutes writes a time of whole minutes as people say it: "1h30m", "40m".
func minutes(d time.Duration) string {
	text := d.Round(time.Minute).String()
	text = strings.TrimSuffix(text, "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return cmp.Or(text, "0m")
}

// write shows the plan.
func (p *trainPlan) write(w io.Writer) error {
	j := &p.o.job
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	what := "job"
	if p.o.ranges != nil {
		what = "search"
	}
	fmt.Fprintf(table, "%s\t%s in %s\n", what, j.Name, p.region)
	fmt.Fprintf(table, "image\t%s\n", j.Image)
	fmt.Fprintf(table, "pictures\t%d of %d classes (%s), %s\n", p.list.Pictures, p.list.Classes, joinInts(p.list.Counts, p.o.labels), j.Data.Train)
	fmt.Fprintf(table, "validation\t%s\n", j.Data.Validation)
	var chosen []string
	for _, name := range slices.Sorted(maps.Keys(j.Settings)) {
		chosen = append(chosen, name+"="+j.Settings[name])
	}
	fmt.Fprintf(table, "settings\t%s\n", strings.Join(chosen, " "))
	var left []string
	for _, name := range []string{"num_layers", "image_shape", "epochs", "mini_batch_size", "learning_rate", "optimizer"} {
		if j.Settings[name] == "" && !slices.ContainsFunc(p.o.ranges, func(r train.Range) bool { return r.Name == name }) {
			left = append(left, name+"="+j.Settings.Value(name))
		}
	}
	fmt.Fprintf(table, "defaults\t%s\n", strings.Join(left, " "))
	for _, r := range p.o.ranges {
		fmt.Fprintf(table, "tuned\t%s\n", rangeText(r))
	}
	machine := fmt.Sprintf("%d × %s, %d GB", j.Instances, j.Instance, j.VolumeGB)
	if j.Spot {
		machine += ", spot"
	}
	fmt.Fprintf(table, "machine\t%s\nmodel\t%s\ncost\t%s\n", machine, j.Output, p.cost())
	if err := table.Flush(); err != nil {
		return err
	}
	for _, note := range p.notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	if p.shared {
		fmt.Fprintln(w, "note: the test pictures also choose the epoch that is kept, so that their accuracy will flatter; scones stage --validation makes a part for that")
	}
	return nil
}

func rangeText(r train.Range) string {
	switch {
	case r.Values != nil:
		return r.Name + " of " + strings.Join(r.Values, ", ")
	case r.Log:
		return fmt.Sprintf("%s from %v to %v, by orders of magnitude", r.Name, r.Min, r.Max)
	}
	return fmt.Sprintf("%s from %v to %v", r.Name, r.Min, r.Max)
}

// joinInts writes the classes' counts, with their names where they are known.
func joinInts(counts []int, labels []string) string {
	const most = 6
	var parts []string
	for i, n := range counts[:min(len(counts), most)] {
		text := strconv.Itoa(n)
		if i < len(labels) {
			text += " " + labels[i]
		}
		parts = append(parts, text)
	}
	if len(counts) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// localPlan looks at nothing but files of this machine.
func localPlan(c *cli.Context, o *trainOptions) (*trainPlan, error) {
	p := &trainPlan{o: o, region: cmp.Or(c.String("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))}
	if p.region == "" {
		return nil, &usageError{"no region is set: prices and the algorithm's image depend on it", "say it with --region or AWS_REGION"}
	}
	folder, list := o.data, o.list
	part := "validation"
	if strings.HasPrefix(o.data, "s3://") {
		folder, part, p.shared = "", "test", true
		if list == "" {
			return nil, &usageError{"--local asks nobody, and nothing here says how many pictures there are", "name the training list with --lst, or a staged folder with --data"}
		}
	} else {
		if _, err := os.Stat(filepath.Join(folder, "validation.lst")); err != nil {
			part, p.shared = "test", true
		}
		list = cmp.Or(list, filepath.Join(folder, "train.lst"))
		o.data = "s3://BUCKET/" + filepath.Base(folder)
	}
	o.job.Data = train.Data{Train: o.data + "/train/", Validation: o.data + "/" + part + "/", TrainList: o.data + "/train.lst", ValidationList: o.data + "/" + part + ".lst"}
	if o.records {
		o.job.Data = train.Data{Train: o.data + "/train.rec", Validation: o.data + "/" + part + ".rec", Records: true}
	}
	o.job.Output = cmp.Or(o.job.Output, o.data+"/models")
	o.job.Role = cmp.Or(o.role, "arn:"+registry.PartitionOf(p.region).Name+":iam::ACCOUNT:role/scones/"+o.name+"-training")
	var err error
	if p.list, err = readList(list); err != nil {
		return nil, err
	}
	picture, _ := os.ReadFile(filepath.Join(folder, "train", filepath.FromSlash(p.list.First))) // without it the size is not known
	return p, p.settle(picture)
}

func readList(name string) (train.List, error) {
	f, err := os.Open(name)
	if err != nil {
		return train.List{}, &hintedError{fmt.Errorf("open the training list: %w", err), "scones stage writes train.lst; --lst names another"}
	}
	defer f.Close()
	return train.ReadList(name, f)
}

// remotePlan looks at the data in S3.
func remotePlan(c *cli.Context, o *trainOptions, service *train.Service, region string) (*trainPlan, error) {
	p := &trainPlan{o: o, region: region}
	var err error
	if o.job.Data, p.shared, err = service.Layout(c.Context, o.data, o.records); err != nil {
		return nil, err
	}
	o.job.Output = cmp.Or(o.job.Output, o.data+"/models")
	if o.list != "" {
		p.list, err = readList(o.list)
	} else {
		p.list, err = service.List(c.Context, o.data+"/train.lst")
	}
	if err != nil {
		return nil, err
	}
	var picture []byte
	if o.job.Settings["image_shape"] == "" && !o.records {
		if picture, err = service.Picture(c.Context, o.job.Data.Train+p.list.First); err != nil {
			return nil, err
		}
	}
	return p, p.settle(picture)
}
