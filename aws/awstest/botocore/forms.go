package botocore

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// fromForm reads a form's fields, nested by their dots, as the shape says: lists and maps are structures there.
func (c *check) fromForm(path string, ref *Ref, fields any) any {
	s := c.model.Shapes[ref.Shape]
	nested, isNested := fields.(map[string]any)
	if s == nil || !isNested {
		if text, ok := fields.(string); ok && text == "" && s != nil && s.Type == "list" {
			return []any{} // an empty list is a name without a value
		}
		return fields
	}
	switch s.Type {
	case "structure":
		out := map[string]any{}
		for name, member := range nested {
			ref := s.Members[name]
			if ref == nil {
				for candidate, r := range s.Members {
					if r.LocationName == name {
						name, ref = candidate, r
					}
				}
			}
			if ref == nil {
				c.add(path, "the model knows no member %s", name)
				continue
			}
			out[name] = c.fromForm(path+"."+name, ref, member)
		}
		return out
	case "list":
		if !s.Flattened {
			name := s.Member.LocationName
			if name == "" {
				name = "member"
			}
			inner, ok := nested[name].(map[string]any)
			if !ok || len(nested) != 1 {
				c.add(path, "is no list of %s", name)
				return nil
			}
			nested = inner
		}
		return c.numbered(path, nested, func(path string, item any) any { return c.fromForm(path, s.Member, item) })
	case "map":
		if !s.Flattened {
			inner, ok := nested["entry"].(map[string]any)
			if !ok {
				c.add(path, "is no map of entries")
				return nil
			}
			nested = inner
		}
		out := map[string]any{}
		for _, item := range c.numbered(path, nested, func(_ string, item any) any { return item }) {
			entry, _ := item.(map[string]any)
			key, ok := entry[nameOr(s.Key, "key")].(string)
			if !ok {
				c.add(path, "an entry has no key")
				continue
			}
			out[key] = c.fromForm(path+"."+key, s.Value, entry[nameOr(s.Value, "value")])
		}
		return out
	}
	return fields
}

func nameOr(ref *Ref, otherwise string) string {
	if ref.LocationName != "" {
		return ref.LocationName
	}
	return otherwise
}

func (c *check) numbered(path string, nested map[string]any, item func(string, any) any) []any {
	out := make([]any, len(nested))
	for name, value := range nested {
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > len(nested) {
			c.add(path, "%s is no number of an item, from 1 without gaps", name)
			continue
		}
		out[n-1] = item(path+"."+name, value)
	}
	return out
}

// An element of XML.
type element struct {
	name     string
	text     string
	children []*element
}

func readXML(data []byte) (*element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	root := &element{}
	open := []*element{root}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local}
			open[len(open)-1].children = append(open[len(open)-1].children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			open[len(open)-1].text += string(token)
		}
	}
	if len(root.children) != 1 {
		return nil, errors.New("no element, or more than one")
	}
	return root.children[0], nil
}

func (e *element) child(name string) *element {
	for _, child := range e.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

// fromXML reads an element as the shape says.
func (c *check) fromXML(path string, ref *Ref, e *element) any {
	s := c.model.Shapes[ref.Shape]
	if s == nil {
		return nil
	}
	switch s.Type {
	case "structure":
		return c.structureXML(path, s, e.children)
	case "list":
		out := []any{}
		for _, child := range e.children {
			if want := nameOr(s.Member, "member"); child.name != want {
				c.add(path, "an item is called %s, not %s", child.name, want)
				continue
			}
			out = append(out, c.fromXML(path+"[]", s.Member, child))
		}
		return out
	case "map":
		out := map[string]any{}
		for _, child := range e.children {
			key := child.child(nameOr(s.Key, "key"))
			value := child.child(nameOr(s.Value, "value"))
			if child.name != "entry" || key == nil || value == nil {
				c.add(path, "%s is no entry with key and value", child.name)
				continue
			}
			out[key.text] = c.fromXML(path+"."+key.text, s.Value, value)
		}
		return out
	}
	if len(e.children) > 0 {
		c.add(path, "has elements where a value is asked for")
	}
	if s.Type == "string" || s.Type == "blob" {
		return e.text
	}
	return strings.TrimSpace(e.text)
}

func (c *check) structureXML(path string, s *Shape, children []*element) any {
	byName := map[string]string{}
	flat := map[string]bool{}
	for name, ref := range s.Members {
		shape := c.model.Shapes[ref.Shape]
		wire := nameOr(ref, name)
		if shape != nil && shape.Type == "list" && (shape.Flattened || ref.Flattened) {
			flat[name] = true
			if shape.Member.LocationName != "" && ref.LocationName == "" {
				wire = shape.Member.LocationName
			}
		}
		byName[wire] = name
	}
	out := map[string]any{}
	for _, child := range children {
		name, known := byName[child.name]
		if !known {
			c.add(path, "the model knows no member %s", child.name)
			continue
		}
		ref := s.Members[name]
		if flat[name] {
			list, _ := out[name].([]any)
			out[name] = append(list, c.fromXML(path+"."+name+"[]", c.model.Shapes[ref.Shape].Member, child))
			continue
		}
		if out[name] != nil {
			c.add(path, "%s is there twice", name)
		}
		out[name] = c.fromXML(path+"."+name, ref, child)
	}
	return out
}
