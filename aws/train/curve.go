package train

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An Epoch is what the log says of one pass over the training pictures. What it has not said yet is negative.
type Epoch struct {
	// Number counts from 1.
	Number     int     `json:"epoch"`
	Train      float64 `json:"train_accuracy"`
	Validation float64 `json:"validation_accuracy"`
	// Speed in pictures a second, as last said; Seconds of the whole pass.
	Speed   float64 `json:"pictures_per_second"`
	Seconds float64 `json:"seconds"`
	// Best tells that the algorithm kept its weights.
	Best bool `json:"best,omitempty"`
}

// unsaid is the value of what the log has not said.
const unsaid = -1

// A Curve gathers what the built-in image classification writes to its log. The zero value is ready.
type Curve struct {
	Epochs []Epoch
	// Problems are lines in which the algorithm says what is wrong.
	Problems []string
	// LogError is why the log could not be read; nil when it could.
	LogError error
}

// The lines, as seen in the logs of many runs of 2018 to 2025. A tab may come as #011, which is how syslog writes it.
var (
	lineEpoch      = regexp.MustCompile(`Epoch\[(\d+)\] (.*)$`)
	lineBatch      = regexp.MustCompile(`Speed: ([0-9.]+) samples/sec`)
	lineTrain      = regexp.MustCompile(`^Train-accuracy=([0-9.eE+-]+)`)
	lineValidation = regexp.MustCompile(`^Validation-accuracy=([0-9.eE+-]+)`)
	lineTime       = regexp.MustCompile(`^Time cost=([0-9.]+)`)
	lineBest       = regexp.MustCompile(`Storing the best model with validation accuracy: ([0-9.]+)`)
	lineProblem    = regexp.MustCompile(`(?:^|\s)((?:Customer ?Error|ClientError|Client Error|Algorithm ?Error|AlgorithmError|Platform ?Error|InternalServerError)\b.*)$`)
)

// maxEpochs bounds what is kept, whatever a log says; maxProblems likewise.
const (
	maxEpochs   = 100_000
	maxProblems = 20
)

// Add reads a line and tells whether it said something new. A job that starts again, as on a spot machine, writes its epochs anew.
func (c *Curve) Add(line string) bool {
	line = strings.ReplaceAll(line, "#011", "\t")
	if m := lineProblem.FindStringSubmatch(line); m != nil {
		if len(c.Problems) < maxProblems && !slices.Contains(c.Problems, m[1]) {
			c.Problems = append(c.Problems, m[1])
		}
		return true
	}
	if lineBest.MatchString(line) {
		if len(c.Epochs) == 0 {
			return false
		}
		c.Epochs[len(c.Epochs)-1].Best = true
		return true
	}
	m := lineEpoch.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	number, err := strconv.Atoi(m[1])
	if err != nil || number < 0 || number >= maxEpochs {
		return false
	}
	e := c.epoch(number + 1)
	for _, field := range []struct {
		pattern *regexp.Regexp
		to      *float64
	}{{lineBatch, &e.Speed}, {lineTrain, &e.Train}, {lineValidation, &e.Validation}, {lineTime, &e.Seconds}} {
		if value := field.pattern.FindStringSubmatch(m[2]); value != nil {
			if n, err := strconv.ParseFloat(value[1], 64); err == nil && n >= 0 {
				*field.to = n
				return true
			}
		}
	}
	return false
}

// epoch finds or begins one. One that comes again after later ones is of a new start of the job, and what followed it is forgotten.
func (c *Curve) epoch(number int) *Epoch {
	at, found := slices.BinarySearchFunc(c.Epochs, number, func(e Epoch, n int) int { return e.Number - n })
	if !found || at < len(c.Epochs)-1 {
		c.Epochs = append(c.Epochs[:at], Epoch{Number: number, Train: unsaid, Validation: unsaid, Speed: unsaid, Seconds: unsaid})
	}
	return &c.Epochs[at]
}

// Best is the epoch with the highest validation accuracy, the earliest of several: the one that the algorithm keeps. It is nil when no
// epoch was validated.
func (c *Curve) Best() *Epoch {
	var best *Epoch
	for i := range c.Epochs {
		if e := &c.Epochs[i]; e.Validation >= 0 && (best == nil || e.Validation > best.Validation) {
			best = e
		}
	}
	return best
}

// Done are the epochs whose pass is over.
func (c *Curve) Done() []Epoch {
	n := len(c.Epochs)
	for n > 0 && c.Epochs[n-1].Train < 0 {
		n--
	}
	return c.Epochs[:n]
}
