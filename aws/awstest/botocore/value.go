package botocore

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// A form is how scalars are written.
type form int

const (
	asJSON form = iota // numbers are numbers, times seconds, bytes base64
	asText             // all are text, times ISO 8601
	asCBOR             // bytes and times have types
	asHead             // text in a header: times as in HTTP
)

// A check collects what does not fit.
type check struct {
	model    *Model
	rest     bool // members are called by their location's name
	problems []string
}

func (c *check) add(path, format string, args ...any) {
	c.problems = append(c.problems, path+": "+fmt.Sprintf(format, args...))
}

// value holds a tree against a shape: maps, lists and scalars as the wire has them.
func (c *check) value(path string, ref *Ref, tree any, f form) {
	s := c.model.Shapes[ref.Shape]
	if s == nil {
		c.add(path, "the model has no shape %s", ref.Shape)
		return
	}
	if tree == nil {
		return
	}
	switch s.Type {
	case "structure":
		c.structure(path, s, tree, f)
	case "list":
		items, ok := tree.([]any)
		if !ok {
			c.add(path, "%T is no list", tree)
			return
		}
		c.size(path, s, len(items), "items")
		for i, item := range items {
			if item == nil {
				c.add(fmt.Sprintf("%s[%d]", path, i), "is null")
			}
			c.value(fmt.Sprintf("%s[%d]", path, i), s.Member, item, f)
		}
	case "map":
		entries, ok := tree.(map[string]any)
		if !ok {
			c.add(path, "%T is no map", tree)
			return
		}
		c.size(path, s, len(entries), "entries")
		for key, entry := range entries {
			c.value(path+"{key}", s.Key, key, asText)
			c.value(path+"."+key, s.Value, entry, f)
		}
	default:
		c.scalar(path, s, ref, tree, f)
	}
}

func (c *check) structure(path string, s *Shape, tree any, f form) {
	members, ok := tree.(map[string]any)
	if !ok {
		c.add(path, "%T is no structure", tree)
		return
	}
	names := map[string]string{} // by what the wire calls them
	for name, ref := range s.Members {
		wire := name
		if c.rest && ref.LocationName != "" && ref.Location == "" {
			wire = ref.LocationName
		}
		names[wire] = name
	}
	for wire, member := range members {
		name, known := names[wire]
		if !known {
			c.add(path, "the model knows no member %s", wire)
			continue
		}
		c.value(path+"."+name, s.Members[name], member, f)
	}
	for _, name := range s.Required {
		ref := s.Members[name]
		if ref == nil || ref.Location != "" {
			continue
		}
		wire := name
		if c.rest && ref.LocationName != "" {
			wire = ref.LocationName
		}
		if members[wire] == nil {
			c.add(path, "%s is required and missing", name)
		}
	}
	if s.Union && len(members) != 1 {
		c.add(path, "a union has one member, not %d", len(members))
	}
}

func (c *check) size(path string, s *Shape, n int, of string) {
	if s.Min != nil && float64(n) < *s.Min {
		c.add(path, "%d %s, at least %g are asked for", n, of, *s.Min)
	}
	if s.Max != nil && float64(n) > *s.Max {
		c.add(path, "%d %s, at most %g are allowed", n, of, *s.Max)
	}
}

func (c *check) scalar(path string, s *Shape, ref *Ref, tree any, f form) {
	text, isText := tree.(string)
	switch s.Type {
	case "string", "character":
		if !isText {
			c.add(path, "%T is no string", tree)
			return
		}
		c.size(path, s, utf8.RuneCountInString(text), "characters")
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
			c.add(path, "%q is none of %v", text, s.Enum[:min(len(s.Enum), 8)])
		}
		if m := s.matcher(); m != nil && !m.MatchString(text) {
			c.add(path, "%q does not match %s", text, s.Pattern)
		}
	case "blob":
		c.blob(path, s, ref, tree, f)
	case "boolean":
		if _, ok := tree.(bool); !ok && (f == asJSON || f == asCBOR || text != "true" && text != "false") {
			c.add(path, "%v is neither true nor false", tree)
		}
	case "timestamp":
		c.timestamp(path, s, tree, f)
	default: // numbers
		c.number(path, s, tree, f)
	}
}

func (c *check) blob(path string, s *Shape, ref *Ref, tree any, f form) {
	switch tree := tree.(type) {
	case []byte:
		c.size(path, s, len(tree), "bytes")
	case string:
		data, err := base64.StdEncoding.DecodeString(tree)
		if err != nil {
			c.add(path, "is no base64: %v", err)
		}
		c.size(path, s, len(data), "bytes")
	default:
		c.add(path, "%T is no bytes", tree)
	}
	if _, isBytes := tree.([]byte); f == asCBOR && !isBytes {
		c.add(path, "is no byte string of CBOR")
	}
}

func (c *check) number(path string, s *Shape, tree any, f form) {
	number := 0.0
	switch tree := tree.(type) {
	case json.Number:
		number, _ = tree.Float64()
	case float64:
		number = tree
	case string:
		parsed, err := strconv.ParseFloat(tree, 64)
		if err != nil || f == asJSON || f == asCBOR {
			c.add(path, "%q is no number", tree)
			return
		}
		number = parsed
	default:
		c.add(path, "%T is no number", tree)
		return
	}
	if (s.Type == "integer" || s.Type == "long") && number != math.Trunc(number) {
		c.add(path, "%g is no integer", number)
	}
	if s.Min != nil && number < *s.Min || s.Max != nil && number > *s.Max {
		c.add(path, "%g is out of range", number)
	}
}

func (c *check) timestamp(path string, s *Shape, tree any, f form) {
	format := s.TimestampFormat
	if format == "" {
		format = map[form]string{asJSON: "unixTimestamp", asText: "iso8601", asHead: "rfc822", asCBOR: "tag"}[f]
	}
	ok := false
	switch value := tree.(type) {
	case time.Time:
		ok = format == "tag"
	case json.Number:
		ok = format == "unixTimestamp"
	case string:
		switch format {
		case "iso8601":
			_, err := time.Parse(time.RFC3339Nano, value)
			ok = err == nil
		case "rfc822":
			_, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", value)
			ok = err == nil
		}
	}
	if !ok {
		c.add(path, "%v is no time of the form %s", tree, format)
	}
}
