package stage

import (
	"fmt"
	"slices"
)

// A Kind says what a finding is about, and is its name on the command line.
type Kind string

// The kinds that are errors: training on such pictures fails, or its figures are worthless.
const (
	Unreadable    Kind = "unreadable"     // no decoder reads it
	MissingFile   Kind = "missing-file"   // a list names it, and it is not there
	BadRow        Kind = "bad-row"        // a list's row that is none
	TrainRows     Kind = "train-rows"     // a test row that names a training picture
	Leakage       Kind = "leakage"        // the same picture in two parts
	TwoLabels     Kind = "two-labels"     // the same picture under two labels
	LabelMismatch Kind = "label-mismatch" // the file is named after another class, or the source's group says another
	MissingClass  Kind = "missing-class"  // a class without pictures in a part
	TooSmall      Kind = "too-small"      // smaller than the training's image_shape
)

// The kinds that are warnings.
const (
	Duplicates Kind = "duplicates"   // the same picture twice in one part
	LabelDoubt Kind = "label-doubt"  // nearly all files of its kind of name are of another class
	Imbalance  Kind = "imbalance"    // a class with several times the pictures of another
	FewOf      Kind = "few-pictures" // a class with too few to learn from
	Odd        Kind = "odd"          // without contrast, tiny, very long, or of another size or colour than nearly all
	Unlisted   Kind = "unlisted"     // a file that no list names
)

// Kinds are all of them, errors first, in the order of reports.
var Kinds = []Kind{Unreadable, MissingFile, BadRow, TrainRows, Leakage, TwoLabels, LabelMismatch, MissingClass, TooSmall,
	Duplicates, LabelDoubt, Imbalance, FewOf, Odd, Unlisted}

// IsError tells an error from a warning.
func (k Kind) IsError() bool { return slices.Index(Kinds, k) < slices.Index(Kinds, Duplicates) }

// ParseKind reads the name of a kind.
func ParseKind(name string) (Kind, error) {
	if slices.Contains(Kinds, Kind(name)) {
		return Kind(name), nil
	}
	return "", fmt.Errorf("%q is no kind of finding; they are %q", name, Kinds)
}

// A Finding is all that was found of one kind.
type Finding struct {
	Kind Kind `json:"kind"`
	// Error is true for a kind that stops, unless Allowed.
	Error   bool `json:"error"`
	Allowed bool `json:"allowed,omitempty"`
	// Dropped is true where the pictures were left out.
	Dropped bool   `json:"dropped,omitempty"`
	Text    string `json:"text"`
	Cases   []Case `json:"cases,omitempty"`
}

// A Case is a picture, or a class, with what is wrong with it.
type Case struct {
	Picture string `json:"picture,omitempty"`
	Part    Part   `json:"part,omitempty"`
	Label   string `json:"label,omitempty"`
	// Other is the picture that it is the same as.
	Other      string `json:"other,omitempty"`
	OtherPart  Part   `json:"other_part,omitempty"`
	OtherLabel string `json:"other_label,omitempty"`
	Text       string `json:"text"`
}

// texts are a kind in words, of one and of many.
var texts = map[Kind][2]string{
	Unreadable:    {"picture cannot be read", "pictures cannot be read"},
	MissingFile:   {"row names a file that is not there", "rows name files that are not there"},
	BadRow:        {"row of a list is none", "rows of lists are none"},
	TrainRows:     {"test row names a training picture", "test rows name training pictures"},
	Leakage:       {"picture is in two parts: what is learned by heart is taken for knowledge", "pictures are in two parts: what is learned by heart is taken for knowledge"},
	TwoLabels:     {"picture is there under two labels", "pictures are there under two labels"},
	LabelMismatch: {"label does not match its file", "labels do not match their files"},
	MissingClass:  {"class has no picture in a part", "classes have no picture in a part"},
	TooSmall:      {"picture is smaller than the image shape, which ends the training", "pictures are smaller than the image shape, which ends the training"},
	Duplicates:    {"picture is there more than once in its part", "pictures are there more than once in their part"},
	LabelDoubt:    {"label is another one than nearly all files of that name have", "labels are other ones than nearly all files of those names have"},
	Imbalance:     {"class is out of balance", "classes are out of balance"},
	FewOf:         {"class has few pictures", "classes have few pictures"},
	Odd:           {"picture is unlike the others", "pictures are unlike the others"},
	Unlisted:      {"file is in no list", "files are in no list"},
}

// newFinding is nil without a case.
func newFinding(kind Kind, cases []Case) *Finding {
	if len(cases) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d %s", len(cases), texts[kind][min(len(cases), 2)-1])
	return &Finding{Kind: kind, Error: kind.IsError(), Text: text, Cases: cases}
}
