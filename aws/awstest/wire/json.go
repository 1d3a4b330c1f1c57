package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// ParseJSON reads a request's body; an empty one is an empty structure.
func ParseJSON(body []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // a number of 64 bits keeps all of them
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return tree, nil
}

// WriteJSON writes a tree: times as seconds, unless textTimes asks for ISO 8601 as REST's structures of some services have them, and
// bytes in base64.
func WriteJSON(tree any, textTimes bool) []byte {
	data, err := json.Marshal(plain(tree, textTimes))
	if err != nil {
		panic(err) // a tree holds nothing that could fail
	}
	return data
}

func plain(tree any, textTimes bool) any {
	switch tree := tree.(type) {
	case map[string]any:
		out := make(map[string]any, len(tree))
		for name, member := range tree {
			out[name] = plain(member, textTimes)
		}
		return out
	case Map:
		return plain(map[string]any(tree), textTimes)
	case []any:
		out := make([]any, len(tree))
		for i, item := range tree {
			out[i] = plain(item, textTimes)
		}
		return out
	case time.Time:
		if textTimes {
			return tree.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		return float64(tree.UnixMilli()) / 1000
	}
	return tree
}
