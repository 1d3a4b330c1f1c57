package botocore

import (
	"net/url"
	"strings"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// restRequest holds method, path, query, headers and body against an operation.
func (c *check) restRequest(o *Operation, message Message) {
	c.rest = true
	path := o.Input.Shape
	if message.Method != o.HTTP.Method {
		c.add(path, "the method is %s, not %s", message.Method, o.HTTP.Method)
	}
	s := c.model.Shapes[o.Input.Shape]
	pattern, static, _ := strings.Cut(o.HTTP.RequestURI, "?")
	c.labels(path, s, pattern, message.URL)
	known := map[string]bool{"x-id": true}
	if values, err := url.ParseQuery(static); err == nil {
		for name := range values {
			known[name] = true
			if !message.URL.Query().Has(name) {
				c.add(path, "the query lacks %s", name)
			}
		}
	}
	for name, ref := range s.Members {
		if ref.Location == "querystring" {
			known[nameOr(ref, name)] = true
		}
	}
	for name := range message.URL.Query() {
		if !known[name] && !strings.HasPrefix(name, "X-Amz-") {
			c.add(path, "the query has %s, which the model does not know", name)
		}
	}
	c.located(path, s, message)
	c.body(path, s, message)
}

// labels reads the members that stand in the path.
func (c *check) labels(path string, s *Shape, pattern string, address *url.URL) {
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	got := strings.Split(strings.Trim(address.EscapedPath(), "/"), "/")
	for i, part := range want {
		name, isLabel := strings.CutPrefix(part, "{")
		if !isLabel {
			if i >= len(got) || got[i] != part {
				c.add(path, "the path %s is not %s", address.EscapedPath(), pattern)
				return
			}
			continue
		}
		name = strings.TrimSuffix(name, "}")
		greedy := strings.HasSuffix(name, "+")
		name = strings.TrimSuffix(name, "+")
		if i >= len(got) {
			c.add(path, "the path lacks %s", name)
			return
		}
		text := got[i]
		if greedy {
			text = strings.Join(got[i:], "/")
		}
		decoded, err := url.PathUnescape(text)
		if err != nil {
			c.add(path, "%s: %v", name, err)
			return
		}
		for member, ref := range s.Members {
			if ref.Location == "uri" && nameOr(ref, member) == name {
				c.value(path+"."+member, ref, decoded, asText)
			}
		}
		if greedy {
			return
		}
	}
	if len(got) != len(want) {
		c.add(path, "the path %s is not %s", address.EscapedPath(), pattern)
	}
}

// body reads a structure's payload, or its members that stand nowhere else.
func (c *check) body(path string, s *Shape, message Message) {
	if s.Payload != "" {
		ref := s.Members[s.Payload]
		shape := c.model.Shapes[ref.Shape]
		if shape.Type != "structure" {
			if shape.Type == "blob" && !ref.Streaming {
				c.size(path+"."+s.Payload, shape, len(message.Body), "bytes")
			}
			return
		}
		if len(message.Body) == 0 {
			if contains(s.Required, s.Payload) {
				c.add(path, "%s is required and missing", s.Payload)
			}
			return
		}
		c.document(path+"."+s.Payload, ref, message)
		return
	}
	inBody := &Shape{Type: "structure", Members: map[string]*Ref{}}
	for name, ref := range s.Members {
		if ref.Location == "" {
			inBody.Members[name] = ref
			if contains(s.Required, name) {
				inBody.Required = append(inBody.Required, name)
			}
		}
	}
	if len(inBody.Members) == 0 || len(message.Body) == 0 && len(inBody.Required) == 0 {
		return
	}
	c.shape(path, inBody, message)
}

func (c *check) document(path string, ref *Ref, message Message) {
	c.shape(path, c.model.Shapes[ref.Shape], message)
}

// shape reads the whole body as one structure.
func (c *check) shape(path string, s *Shape, message Message) {
	if message.Protocol == wire.REST {
		tree, err := wire.ParseJSON(message.Body)
		if err != nil {
			c.add(path, "%v", err)
			return
		}
		c.structure(path, s, tree, asJSON)
		return
	}
	root, err := readXML(message.Body)
	if err != nil {
		c.add(path, "%v", err)
		return
	}
	if root.name == "LocationConstraint" && len(root.children) == 0 {
		return // the one answer whose root is its member
	}
	tree := c.structureXML(path, s, root.children)
	c.rest = false // the names are the members' from here on
	c.structure(path, s, tree, asText)
	c.rest = true
}

// restAnswer holds status, headers and body against an operation.
func (c *check) restAnswer(path string, o *Operation, message Message) {
	c.rest = true
	want := o.HTTP.ResponseCode
	s := c.model.Shapes[o.Output.Shape]
	free := false // the status is data
	for _, ref := range s.Members {
		free = free || ref.Location == "statusCode"
	}
	if want != 0 && want != message.Status && !free && message.Status != 206 && message.Status != 304 {
		c.add(path, "the status is %d, not %d", message.Status, want)
	}
	c.located(path, s, message)
	if message.Status != 304 && message.Method != "HEAD" {
		c.body(path, s, message)
	}
}
