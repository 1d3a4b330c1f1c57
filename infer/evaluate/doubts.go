package evaluate

import (
	"cmp"
	"slices"
)

// Doubts are what should be known before a figure is believed, the gravest first.
type Doubts struct {
	// Compared pictures with each other, Train of them the training pictures; 0 when that was not asked for.
	Compared int `json:"compared"`
	Train    int `json:"train"`
	// Leaked pictures are also among the training pictures: a model that remembers them says nothing of new ones.
	Leaked []Match `json:"leaked"`
	// Duplicates within the pictures; those whose labels differ come first.
	Duplicates []Match `json:"duplicates"`
	// Contradicted labels, the most doubtful first.
	Contradicted []Contradiction `json:"contradicted"`
	// MissingClasses have no picture.
	MissingClasses []string `json:"missing_classes"`
	// Imbalance of the classes; absent when they are alike.
	Imbalance *Imbalance `json:"imbalance,omitempty"`
	// Unreadable pictures, and those without a true class, are in no figure. UnreadableTrain could not be compared.
	Unreadable      []Failure `json:"unreadable"`
	UnreadableTrain []Failure `json:"unreadable_train"`
	Unlabelled      []string  `json:"unlabelled"`
}

// A Contradiction is a label that the model contradicts with confidence: it believes in another class as much as it does, on average, in
// that class's own pictures (confident learning, Northcutt et al. 2021), or more than half and [MinOdds] times as much as in the label.
type Contradiction struct {
	Picture   string `json:"picture"`
	Label     string `json:"label"`
	Predicted string `json:"predicted"`
	// Score of Predicted, and of Label: 1 - Score at most where the scores of all classes are not known.
	Score      float64 `json:"score"`
	LabelScore float64 `json:"label_score"`
}

// An Imbalance is a most and a least frequent class that differ by a factor of [MaxImbalance] or more.
type Imbalance struct {
	Most   Count   `json:"most"`
	Least  Count   `json:"least"`
	Factor float64 `json:"factor"`
}

// A Count is a class with its pictures.
type Count struct {
	Label    string `json:"label"`
	Pictures int    `json:"pictures"`
}

// MinOdds of another class against the label from which the label is in doubt. With five labels flipped among 210 pictures, six times
// over, the two rules named 27 of the 30, and 14 pictures that are merely hard.
const MinOdds = 4

// MaxImbalance is the factor between the largest and the smallest class from which accuracy says more of the one than of the other.
const MaxImbalance = 3

// contradictions finds the labels that are doubtful.
func contradictions(s *Set) []Contradiction {
	typical := confidence(s)
	var found []Contradiction
	for i := range s.Answers {
		a := &s.Answers[i]
		clear := a.Score > 0.5 && a.Score >= MinOdds*a.believed()
		if a.right() || a.Score < typical[a.Predicted] && !clear {
			continue
		}
		found = append(found, Contradiction{a.Picture, s.Labels[a.Truth], s.Labels[a.Predicted], a.Score, a.believed()})
	}
	slices.SortStableFunc(found, func(a, b Contradiction) int {
		return cmp.Compare(b.Score-b.LabelScore, a.Score-a.LabelScore)
	})
	return found
}

// confidence is what the model believes, on average, of a class's own pictures. Where only the best scores are known it is the mean of
// those that are right, which is higher; for a class without such pictures nothing is typical but certainty.
func confidence(s *Set) []float64 {
	total, count := make([]sum, len(s.Labels)), make([]int, len(s.Labels))
	for i := range s.Answers {
		if a := &s.Answers[i]; a.Scores != nil || a.right() {
			total[a.Truth].add(a.believed())
			count[a.Truth]++
		}
	}
	typical := make([]float64, len(s.Labels))
	for c := range typical {
		typical[c] = 1
		if count[c] > 0 {
			typical[c] = total[c].value() / float64(count[c])
		}
	}
	return typical
}

// balance finds classes without pictures, and unequal ones.
func balance(classes []Class) (missing []string, imbalance *Imbalance) {
	var most, least *Class
	for i := range classes {
		c := &classes[i]
		switch {
		case c.Pictures == 0:
			missing = append(missing, c.Label)
			continue
		case most == nil:
			most, least = c, c
		}
		if c.Pictures > most.Pictures {
			most = c
		}
		if c.Pictures < least.Pictures {
			least = c
		}
	}
	if most == nil || most.Pictures < MaxImbalance*least.Pictures {
		return missing, nil
	}
	return missing, &Imbalance{Count{most.Label, most.Pictures}, Count{least.Label, least.Pictures}, float64(most.Pictures) / float64(least.Pictures)}
}
