package evaluate

import (
	"encoding/json"
	"math"
)

// A Number is a figure that may have no value: NaN, which JSON does not know, is written as null.
type Number float64

// MarshalJSON writes null for NaN.
func (n Number) MarshalJSON() ([]byte, error) {
	if n.Missing() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads null as NaN.
func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(n))
}

// Missing tells whether the figure has no value.
func (n Number) Missing() bool { return n != n }
