package drift

import (
	"time"

	"github.com/scones-unlimited/scones/infer/evaluate"
)

// ReportVersion is the version of the schema of [Report].
const ReportVersion = 1

// A Verdict is the outcome of a run.
type Verdict string

// The verdicts.
const (
	Quiet     Verdict = "quiet"
	Drift     Verdict = "drift"
	CannotSay Verdict = "cannot say"
)

// A Number is a figure that may have no value: NaN, null in JSON.
type Number = evaluate.Number

// A Report is what [Run] found.
type Report struct {
	Version int    `json:"version"` // [ReportVersion]
	Scones  string `json:"scones"`  // version of the program; the caller fills it

	Verdict Verdict `json:"verdict"`
	// Sentence says the verdict in one sentence, Reasons what it rests on, the weightiest first.
	Sentence string   `json:"sentence"`
	Reasons  []string `json:"reasons"`
	// Notes are what should be known besides: missing columns, another model, skipped records.
	Notes []string `json:"notes"`

	Baseline Side  `json:"baseline"`
	Window   Side  `json:"window"`
	Level    Level `json:"level"`
	// Threshold that a confidence must reach to be accepted, the baseline's; 0 for none.
	Threshold float64 `json:"threshold,omitempty"`
	// MinEffect is the size, as [Effect.Size], below which a significant difference is no drift; Large the size that a quiet run must
	// have been able to see.
	MinEffect float64 `json:"min_effect"`
	Large     float64 `json:"large_effect"`
	// Power is the part of such shifts that would be seen: [Test.Detectable] refers to it.
	Power float64 `json:"power"`

	// Tests that the verdict rests on, those of drift first, then by adjusted p.
	Tests []Test `json:"tests"`
	// Columns in the baseline's order: distributions of both sides, and distances that do not know n.
	Columns []Compared `json:"columns"`
	// Carriers are the window's rows that carry the drift, the heaviest first; empty without drift.
	Carriers []Carrier `json:"carriers"`

	Timeline []Moment `json:"timeline"`
	// Expected accuracy without true classes; absent without confidences.
	Expected *Expected `json:"expected,omitempty"`
	// Quality with true classes, by the code of scones evaluate; absent without.
	Quality   *evaluate.Report `json:"quality,omitempty"`
	Operation Served           `json:"operation"`

	// Violations of the constraints of Model Monitor, where the caller has them checked. They have no part in the verdict: their rules do
	// not know how many rows there are.
	Violations []Violation `json:"violations,omitempty"`
}

// A Violation is a constraint that is not met, as Model Monitor's constraint_violations.json has it.
type Violation struct {
	Feature     string `json:"feature_name"`
	Check       string `json:"constraint_check_type"`
	Description string `json:"description"`
}

// A Side is one of the two samples.
type Side struct {
	Source   string         `json:"source"`
	Rows     int            `json:"rows"`   // that were seen
	Kept     int            `json:"kept"`   // that were compared: a reservoir of them when there are many
	Failed   int            `json:"failed"` // rows of requests that failed
	From     time.Time      `json:"from,omitzero"`
	To       time.Time      `json:"to,omitzero"`
	ModelSHA string         `json:"model_sha256,omitempty"`
	Skipped  map[string]int `json:"skipped,omitempty"`
}

// A Level is the error rate of a run and where it comes from.
type Level struct {
	// Alpha is the rate that is promised over what Guarantee says; Run the part of it that this run may use.
	Alpha float64 `json:"alpha"`
	Run   float64 `json:"run"`
	// Look is the number of this run in its sequence, from 1; 0 when it stands alone.
	Look int `json:"look,omitempty"`
	// Guarantee in a sentence.
	Guarantee string `json:"guarantee"`
}

// A Test compares one column of the two samples.
type Test struct {
	Column string `json:"column"`
	Group  Group  `json:"group"`
	Method Method `json:"method"`
	// N rows of the window and M of the baseline have a value.
	N int `json:"n"`
	M int `json:"m"`
	// Statistic as package twosample defines it.
	Statistic Number `json:"statistic"`
	// P is the probability of such a statistic or a greater one when nothing has changed. Exact is true when it was counted, false when
	// it was drawn; Draws is the number of permutations then.
	P     Number `json:"p"`
	Exact bool   `json:"exact"`
	Draws int    `json:"draws,omitempty"`
	// Weight is the test's share of the run's error rate; 0 for one that could not be significant whatever the rows were.
	Weight float64 `json:"weight"`
	// Adjusted is P after Holm, to be compared with [Level.Run].
	Adjusted Number `json:"adjusted_p"`
	Effect   Effect `json:"effect"`
	// Detectable is the smallest size that this test alone would see with [Report.Power] at these numbers of rows; NaN when unknown.
	Detectable Number `json:"detectable"`
	// Significant: Adjusted is at most the run's level. Drift: the effect is not too small either.
	Significant bool `json:"significant"`
	Drift       bool `json:"drift"`
	// Text says it in a sentence.
	Text string `json:"text"`
}

// A Method is a statistical test.
type Method string

// The methods.
const (
	KS          Method = "ks"          // largest distance of the distribution functions (Smirnov 1939)
	Wasserstein Method = "wasserstein" // mean distance that values moved
	ChiSquare   Method = "chi-square"  // of labels
	EachLabel   Method = "each label"  // each label's share against all others, for levels that drawing does not reach (Bonferroni)
	Proportions Method = "proportions" // difference of two proportions (Boschloo 1970; Fisher where samples are large)
	MMD         Method = "mmd"         // maximum mean discrepancy of vectors (Gretton et al. 2012)
	Witness     Method = "witness"     // of vectors: one half learns the difference, the other is tested (Lopez-Paz and Oquab 2017)
)

// An Effect is how large a difference is, whatever the number of rows.
type Effect struct {
	// Name of the measure, such as "standardised Wasserstein", "Cramér's V".
	Name  string `json:"name"`
	Value Number `json:"value"`
	// Size on the scale of Cohen's d: 0.2 is small, 0.5 medium, 0.8 large.
	Size Number `json:"size"`
}

// Compared is a column on both sides.
type Compared struct {
	Name  string `json:"name"`
	Group Group  `json:"group"`
	Unit  string `json:"unit,omitempty"`
	// Drift is true when one of its tests says so.
	Drift    bool    `json:"drift"`
	Baseline Summary `json:"baseline"`
	Window   Summary `json:"window"`
	// Bins of numbers, on edges that both sides share; Shares of words, the most frequent first.
	Bins   []Bin   `json:"bins,omitempty"`
	Shares []Share `json:"shares,omitempty"`
	// Cliff's delta, -1 to 1: how much more often a value of the window is greater than one of the baseline than less (Cliff 1993).
	Cliff Number `json:"cliffs_delta"`
	// Simple and Robust are the distances of SageMaker's Model Monitor, PSI the population stability index with ten bins of the
	// baseline. None of them knows how far chance reaches at these numbers of rows, Robust by a constant alone.
	Simple Number `json:"model_monitor_simple"`
	Robust Number `json:"model_monitor_robust"`
	PSI    Number `json:"psi"`
	// Examples are rows typical of the baseline, and those of the window that lie farthest from it; only with Drift.
	Examples Examples `json:"examples,omitzero"`
}

// Examples of a column's values on both sides.
type Examples struct {
	Baseline []Example `json:"baseline,omitempty"`
	Window   []Example `json:"window,omitempty"`
}

// An Example is a row with its value as people read it.
type Example struct {
	Row   Row    `json:"row"`
	Index int    `json:"index"` // among the rows of its sample
	Value string `json:"value"`
}

// A Summary is a column of one side. Figures of numbers are NaN for words and vectors.
type Summary struct {
	N       int    `json:"n"` // values
	Missing int    `json:"missing"`
	Mean    Number `json:"mean"`
	SD      Number `json:"sd"` // n - 1
	Min     Number `json:"min"`
	P05     Number `json:"p05"`
	Median  Number `json:"median"`
	P95     Number `json:"p95"`
	Max     Number `json:"max"`
}

// A Bin counts values in [Low, High); the last bin includes its High.
type Bin struct {
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Baseline int     `json:"baseline"`
	Window   int     `json:"window"`
}

// A Share counts a word on both sides.
type Share struct {
	Value    string `json:"value"`
	Baseline int    `json:"baseline"`
	Window   int    `json:"window"`
}

// A Carrier is a row of the window with its part in the drift.
type Carrier struct {
	Row   Row `json:"row"`
	Index int `json:"index"` // among the window's rows
	// Share of the drift that the row carries; all rows together have 1.
	Share float64 `json:"share"`
	// Why, such as "brightness 31, usual 96 to 171".
	Why []string `json:"why"`
}

// A Moment is a row of the window on the time axis; at most [MaxMoments] of them, evenly chosen.
type Moment struct {
	Time       time.Time `json:"time,omitzero"` // zero when unknown: then the order of rows is the axis
	Index      int       `json:"index"`
	Label      string    `json:"label"`
	Confidence Number    `json:"confidence"`
	Below      bool      `json:"below,omitempty"` // the threshold
	Error      string    `json:"error,omitempty"`
}

// MaxMoments bounds [Report.Timeline].
const MaxMoments = 2000

// Expected is the accuracy that the scores themselves promise.
type Expected struct {
	Accuracy float64           `json:"accuracy"`
	Interval evaluate.Interval `json:"interval"`
	N        int               `json:"n"`
	// Calibrated says that the scores were mapped by the baseline's true classes first; without, they are taken at their word.
	Calibrated bool `json:"calibrated"`
	// Baseline is the accuracy measured there, with true classes; NaN without.
	Baseline Number `json:"baseline_accuracy"`
	Text     string `json:"text"`
}

// Served is how the window was served.
type Served struct {
	// PerHour is the mean rate between the first and the last row; NaN without times.
	PerHour Number `json:"per_hour"`
	// Slots of one Step with their numbers of rows, in order, empty ones included: hours, or longer where they would be more than [MaxSlots]. Of a sample of
	// the rows, counts are scaled to all.
	Step  time.Duration `json:"step"`
	Slots []Slot        `json:"slots"`
	// Gaps are the longest times without a row, the longest first; none where only a sample of the rows is known.
	Gaps    []Gap   `json:"gaps"`
	Latency Summary `json:"latency"` // milliseconds
	// P99 of latency, milliseconds.
	P99 Number `json:"latency_p99"`
	// Errors and Below are rates with intervals, in the window and in the baseline.
	Errors        evaluate.Proportion  `json:"errors"`
	Below         *evaluate.Proportion `json:"below_threshold,omitempty"`
	BaselineBelow *evaluate.Proportion `json:"baseline_below_threshold,omitempty"`
	// Changes over time that chance does not explain.
	Changes []Change `json:"changes"`
}

// MaxSlots bounds [Served.Slots].
const MaxSlots = 24 * 31

// A Slot is a step of time.
type Slot struct {
	From       time.Time `json:"from"`
	Rows       int       `json:"rows"`
	Errors     int       `json:"errors"`
	Below      int       `json:"below"`
	Confidence Number    `json:"confidence"` // mean
}

// A Gap is a time without rows.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// A Change is a point in time before which a series was on another level than after it.
type Change struct {
	Series string    `json:"series"` // a column's name, or "time between requests"
	Index  int       `json:"index"`  // of the first row after it
	At     time.Time `json:"at,omitzero"`
	Before float64   `json:"before"` // means of the segments on both sides
	After  float64   `json:"after"`
	P      float64   `json:"p"`
	Text   string    `json:"text"`
}
