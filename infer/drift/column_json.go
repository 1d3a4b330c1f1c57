package drift

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// columnJSON is a column in a file: numbers as a list with null for missing ones, words as indices into their list, vectors as base64 of
// little-endian float32.
type columnJSON struct {
	Name    string    `json:"name"`
	Group   Group     `json:"group"`
	Unit    string    `json:"unit,omitempty"`
	Numbers []Number  `json:"numbers,omitzero"`
	Words   []string  `json:"words,omitzero"`
	Values  []int     `json:"values,omitzero"` // -1 where missing
	Size    int       `json:"size,omitempty"`  // of vectors
	Vectors []*string `json:"vectors,omitzero"`
}

// MarshalJSON writes a column as files hold it.
func (c Column) MarshalJSON() ([]byte, error) {
	j := columnJSON{Name: c.Name, Group: c.Group, Unit: c.Unit}
	switch {
	case c.Numbers != nil:
		j.Numbers = make([]Number, len(c.Numbers))
		for i, v := range c.Numbers {
			j.Numbers[i] = Number(v)
		}
	case c.Values != nil:
		at := map[string]int{"": -1}
		j.Words, j.Values = []string{}, make([]int, len(c.Values))
		for i, v := range c.Values {
			k, ok := at[v]
			if !ok {
				k = len(j.Words)
				at[v], j.Words = k, append(j.Words, v)
			}
			j.Values[i] = k
		}
	case c.Vectors != nil:
		j.Vectors = make([]*string, len(c.Vectors))
		for i, v := range c.Vectors {
			if v == nil {
				continue
			}
			j.Size = len(v)
			raw := make([]byte, 0, 4*len(v))
			for _, x := range v {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			j.Vectors[i] = new(base64.StdEncoding.EncodeToString(raw))
		}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Column) UnmarshalJSON(data []byte) error {
	var j columnJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*c = Column{Name: j.Name, Group: j.Group, Unit: j.Unit}
	if j.Numbers != nil {
		c.Numbers = make([]float64, len(j.Numbers))
		for i, v := range j.Numbers {
			c.Numbers[i] = float64(v)
		}
	}
	if j.Values != nil {
		c.Values = make([]string, len(j.Values))
		for i, k := range j.Values {
			if k < -1 || k >= len(j.Words) {
				return fmt.Errorf("column %q, row %d: word %d of %d", c.Name, i, k, len(j.Words))
			}
			if k >= 0 {
				c.Values[i] = j.Words[k]
			}
		}
	}
	if j.Vectors != nil {
		return c.readVectors(&j)
	}
	return nil
}

func (c *Column) readVectors(j *columnJSON) error {
	c.Vectors = make([][]float32, len(j.Vectors))
	for i, text := range j.Vectors {
		if text == nil {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(*text)
		if err != nil {
			return fmt.Errorf("column %q, row %d: %w", c.Name, i, err)
		}
		if len(raw) != 4*j.Size || j.Size == 0 {
			return fmt.Errorf("column %q, row %d: %d bytes, want %d numbers of 4", c.Name, i, len(raw), j.Size)
		}
		v := make([]float32, j.Size)
		for k := range v {
			v[k] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*k:]))
		}
		c.Vectors[i] = v
	}
	return nil
}
