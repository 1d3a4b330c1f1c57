package wire

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// ParseCBOR reads a request's body; an empty one is an empty structure.
func ParseCBOR(body []byte) (map[string]any, error) {
	if len(body) == 0 {
		return map[string]any{}, nil
	}
	value, err := cbor.Decode(body)
	if err != nil {
		return nil, err
	}
	tree, err := fromCBOR(value)
	if err != nil {
		return nil, err
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return nil, errors.New("the body is no map")
	}
	return members, nil
}

func fromCBOR(value cbor.Value) (any, error) {
	switch value := value.(type) {
	case cbor.Map:
		out := make(map[string]any, len(value))
		for key, item := range value {
			tree, err := fromCBOR(item)
			if err != nil {
				return nil, err
			}
			out[key] = tree
		}
		return out, nil
	case cbor.List:
		out := make([]any, len(value))
		for i, item := range value {
			tree, err := fromCBOR(item)
			if err != nil {
				return nil, err
			}
			out[i] = tree
		}
		return out, nil
	case *cbor.Tag:
		return cbor.AsTime(value) // the one tag that the protocol has
	case cbor.String:
		return string(value), nil
	case cbor.Slice:
		return []byte(value), nil
	case cbor.Bool:
		return bool(value), nil
	case cbor.Float32:
		return float64(value), nil
	case cbor.Float64:
		return float64(value), nil
	case cbor.Uint:
		return float64(value), nil
	case cbor.NegInt:
		return -float64(value), nil
	case *cbor.Nil, *cbor.Undefined:
		return nil, nil
	}
	return nil, fmt.Errorf("%T is not understood", value)
}

// WriteCBOR writes a tree.
func WriteCBOR(tree any) []byte { return cbor.Encode(toCBOR(tree)) }

func toCBOR(tree any) cbor.Value {
	switch tree := tree.(type) {
	case map[string]any:
		out := make(cbor.Map, len(tree))
		for name, member := range tree {
			out[name] = toCBOR(member)
		}
		return out
	case Map:
		return toCBOR(map[string]any(tree))
	case []any:
		out := make(cbor.List, len(tree))
		for i, item := range tree {
			out[i] = toCBOR(item)
		}
		return out
	case string:
		return cbor.String(tree)
	case []byte:
		return cbor.Slice(tree)
	case bool:
		return cbor.Bool(tree)
	case int64:
		if tree < 0 {
			return cbor.NegInt(-tree)
		}
		return cbor.Uint(tree)
	case float64:
		return cbor.Float64(tree)
	case time.Time:
		const epoch = 1 // the tag of seconds since 1970
		return &cbor.Tag{ID: epoch, Value: cbor.Float64(math.Round(float64(tree.UnixMilli())) / 1000)}
	}
	return &cbor.Nil{}
}
