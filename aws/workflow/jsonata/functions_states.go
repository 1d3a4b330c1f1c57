package jsonata

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"
)

// stateFunctions are those that Step Functions adds to the language, under "Transforming data with JSONata" in its developer guide.
var stateFunctions = map[string]function{
	"partition": {2, 2, false, partition},
	"range":     {3, 3, false, stepRange},
	"hash":      {2, 2, false, hash},
	"random":    {0, 1, true, random},
	"uuid":      {0, 0, true, func([]any) (any, error) { return uuid.NewString(), nil }},
	"parse":     {1, 1, false, parseJSON},
}

func partition(args []any) (any, error) {
	size, err := numberArgument(args, 1)
	if err != nil || size < 1 || size != math.Trunc(size) {
		return nil, errors.Join(err, errors.New("argument 2 must be a whole number of 1 or more"))
	}
	items, all := listArgument(args, 0), []any{}
	for len(items) > 0 {
		n := int(min(size, float64(len(items))))
		all = append(all, items[:n:n])
		items = items[n:]
	}
	return all, nil
}

// stepRange counts from the first number to the second by the third, both ends included.
func stepRange(args []any) (any, error) {
	var n [3]float64
	for i := range n {
		var err error
		if n[i], err = numberArgument(args, i); err != nil {
			return nil, err
		}
	}
	if n[2] == 0 || (n[1]-n[0])/n[2] > maxRange {
		return nil, fmt.Errorf("the step is 0, or there are more than %d items", maxRange)
	}
	all := []any{}
	for f := n[0]; n[2] > 0 && f <= n[1] || n[2] < 0 && f >= n[1]; f += n[2] {
		all = append(all, number(f))
	}
	return all, nil
}

func hash(args []any) (any, error) {
	s, err := stringArgument(args, 0)
	if err != nil {
		return nil, err
	}
	algorithm, err := stringArgument(args, 1)
	if err != nil {
		return nil, err
	}
	var sum []byte
	switch data := []byte(s); algorithm {
	case "MD5":
		h := md5.Sum(data)
		sum = h[:]
	case "SHA-1":
		h := sha1.Sum(data)
		sum = h[:]
	case "SHA-256":
		h := sha256.Sum256(data)
		sum = h[:]
	case "SHA-384":
		h := sha512.Sum384(data)
		sum = h[:]
	case "SHA-512":
		h := sha512.Sum512(data)
		sum = h[:]
	default:
		return nil, fmt.Errorf("there is no algorithm %q", algorithm)
	}
	return hex.EncodeToString(sum), nil
}

func random(args []any) (any, error) {
	if !given(args, 0) {
		return number(rand.Float64()), nil
	}
	seed, err := numberArgument(args, 0)
	if err != nil {
		return nil, err
	}
	return number(rand.New(rand.NewPCG(math.Float64bits(seed), 0)).Float64()), nil
}

// parseJSON reads a text as JSON.
func parseJSON(args []any) (any, error) {
	s, err := stringArgument(args, 0)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(s))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON")
	}
	return value, nil
}
