package evaluate

// ReportVersion is the version of the schema of [Report].
const ReportVersion = 1

// A Report is everything that one evaluation found.
type Report struct {
	Version int `json:"version"` // [ReportVersion]
	Subject
	// Pictures that the figures are about; those without an answer or a true class are in Doubts.
	Pictures int    `json:"pictures"`
	Doubts   Doubts `json:"doubts"`

	// Accuracy over all pictures. Clean leaves out leaked pictures and all but the first of each that is there more than once; absent
	// where it would be the same.
	Accuracy Proportion  `json:"accuracy"`
	Clean    *Proportion `json:"clean,omitempty"`
	// Frequent is the accuracy of always naming the most frequent class.
	Frequent float64 `json:"frequent"`
	// Top5 is the share of pictures whose class is among the five most probable; NaN for fewer than six classes.
	Top5 Number `json:"top_5"`
	// Means over the classes that have a value. Balanced is the mean recall.
	Balanced  Number `json:"balanced_accuracy"`
	Precision Number `json:"precision"`
	F1        Number `json:"f1"`
	ROCArea   Number `json:"roc_area"`
	PRArea    Number `json:"pr_area"`
	// LogLoss in nats, and Brier score.
	LogLoss Number `json:"log_loss"`
	Brier   Number `json:"brier"`
	// EqualMass and EqualWidth are the calibration error by both kinds of bins.
	EqualMass  Calibration `json:"ece_equal_mass"`
	EqualWidth Calibration `json:"ece_equal_width"`
	// Notes say why figures are missing.
	Notes []string `json:"notes"`

	// Coverage curve, Threshold the point of the filter's threshold, Promise what --target-accuracy found; absent without it.
	Coverage  []Point  `json:"coverage"`
	Threshold Point    `json:"threshold"`
	Promise   *Promise `json:"promise,omitempty"`

	Classes []Class `json:"classes"`
	// Confusion matrix, a row for each true class; absent for more than [MaxMatrix] classes. Mistakes lists its cells that are wrong.
	Confusion [][]int `json:"confusion,omitempty"`
	Mistakes  []Pair  `json:"mistakes"`
	// Worst answers: the least believed true classes first.
	Worst []Worst `json:"worst"`

	Comparison *Comparison `json:"comparison,omitempty"`
	Gates      []Gate      `json:"gates"`
}

// MaxMatrix is the largest number of classes whose confusion matrix a report keeps.
const MaxMatrix = 100

// A Subject says what was evaluated; the caller fills it.
type Subject struct {
	Scones   string `json:"scones"` // version of the program
	Model    string `json:"model"`  // name, or the file of rows
	ModelSHA string `json:"model_sha256,omitempty"`
	Contract string `json:"contract_sha256,omitempty"`
	Runtime  string `json:"runtime,omitempty"`
	Device   string `json:"device,omitempty"`
	Decoder  string `json:"decoder,omitempty"`
	Data     string `json:"data"`
	Truth    string `json:"truth"` // where the true classes stand
	TrainSet string `json:"train,omitempty"`
}

// A Worst is an answer as the page shows it.
type Worst struct {
	Picture   string `json:"picture"`
	Label     string `json:"label"`
	Predicted string `json:"predicted"`
	// Score of Predicted; LabelScore is what the true class got, at most, where only the best score is known.
	Score      float64 `json:"score"`
	LabelScore float64 `json:"label_score"`
	Right      bool    `json:"right"`
}

// CurveFloor is where the accuracy axis of a coverage curve begins: below every accuracy and the interval of all pictures, at a multiple
// of 0.05. The intervals of a few pictures may reach lower.
func (r *Report) CurveFloor() float64 {
	low := r.Accuracy.Interval.Low
	for i := range r.Coverage {
		low = min(low, float64(r.Coverage[i].Accuracy))
	}
	return max(0, float64(int(low*20)-1)/20)
}
