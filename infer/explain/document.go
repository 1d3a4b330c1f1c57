package explain

import (
	"encoding/json"
	"math"
)

// About says what made an explanation; the fields are those of result.Meta.
type About struct {
	Scones      string `json:"scones"`
	Model       string `json:"model"`
	ModelSHA256 string `json:"model_sha256"`
	Contract    string `json:"contract_sha256"`
	Runtime     string `json:"runtime"`
	Device      string `json:"device"`
	Decoder     string `json:"decoder"`
}

// document is an explanation as it is written.
type document struct {
	Version int `json:"version"`
	About
	*Explanation
	// Holds, RandomDeletion and RandomInsertion are those of the explanation.
	Holds           bool    `json:"holds"`
	RandomDeletion  float64 `json:"random_deletion"`
	RandomInsertion float64 `json:"random_insertion"`
	// Map has a row of values for each row of the model's picture.
	Map [][]number `json:"map"`
}

// DocumentVersion is the version of the JSON that [Explanation.JSON] writes.
const DocumentVersion = 1

// number is written with four decimals: a map is not known any better.
type number float64

// MarshalJSON rounds.
func (n number) MarshalJSON() ([]byte, error) { return json.Marshal(math.Round(float64(n)*1e4) / 1e4) }

// JSON gives the explanation as one JSON object on one line.
func (x *Explanation) JSON(about About) ([]byte, error) {
	d := document{
		Version: DocumentVersion, About: about, Explanation: x,
		Holds: x.Holds(), RandomDeletion: x.RandomDeletion(), RandomInsertion: x.RandomInsertion(),
	}
	for y := range x.Height {
		row := make([]number, x.Width)
		for i, v := range x.Values[y*x.Width:][:x.Width] {
			row[i] = number(v)
		}
		d.Map = append(d.Map, row)
	}
	return json.Marshal(d)
}
