package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// A Field is one property of an object as people read it.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Fixed cannot be changed in place: another value means deleting the object and making it anew.
	Fixed bool `json:"fixed,omitempty"`
}

// Fields are an object's properties, in the order in which they are printed. Names are unique.
type Fields []Field

// F makes a field.
func F(name, value string) Field { return Field{Name: name, Value: value} }

// Fixed makes a field that cannot be changed in place.
func Fixed(name, value string) Field { return Field{Name: name, Value: value, Fixed: true} }

// Get returns the value of a field, empty where there is none.
func (f Fields) Get(name string) string {
	for _, field := range f {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

// A Difference is a field that is not as it should be. From is empty where the field is not there yet, To where it should go.
type Difference struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
	Fixed bool   `json:"fixed,omitempty"`
}

// Compare returns what differs. A field that is not in want is nobody's business and left out.
func Compare(have, want Fields) []Difference {
	var found []Difference
	for _, field := range want {
		if is := have.Get(field.Name); is != field.Value {
			found = append(found, Difference{field.Name, is, field.Value, field.Fixed})
		}
	}
	return found
}

// hashLength is 40 bits: two contents of one deployment share a name once in a million deployments with a thousand contents each.
const hashLength = 10

// Hash is the beginning of the SHA-256 of fields, for the names of what cannot change. The order of the fields does not matter.
func Hash(f Fields) string {
	sorted := slices.SortedFunc(slices.Values(f), func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	hash := sha256.New()
	enc := json.NewEncoder(hash)
	for _, field := range sorted {
		_ = enc.Encode([2]string{field.Name, field.Value}) // strings always encode, a hash always takes them
	}
	return hex.EncodeToString(hash.Sum(nil))[:hashLength]
}
