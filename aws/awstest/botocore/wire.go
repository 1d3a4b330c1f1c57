package botocore

import (
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/scones-unlimited/scones/aws/awstest/wire"
)

// A Message is a request, or an answer.
type Message struct {
	Protocol wire.Protocol
	Header   http.Header
	Body     []byte
	// URL and Method of a request; Status of an answer.
	URL    *url.URL
	Method string
	Status int
}

// Request returns what is wrong with a request for an operation.
func (m *Model) Request(operation string, message Message) []string {
	c := &check{model: m}
	o := m.Operations[operation]
	if o == nil {
		return []string{"the model knows no operation " + operation}
	}
	if o.Input == nil {
		return nil
	}
	var tree any
	var err error
	form := asJSON
	switch message.Protocol {
	case wire.REST, wire.RESTXML:
		c.restRequest(o, message)
		return c.problems
	case wire.Query:
		var values url.Values
		values, err = url.ParseQuery(string(message.Body))
		_, fields := wire.ParseQuery(values)
		tree, form = c.fromForm(operation, o.Input, fields), asText
	case wire.CBOR:
		tree, err = wire.ParseCBOR(message.Body)
		form = asCBOR
	default:
		if want := m.Metadata.TargetPrefix + "." + operation; message.Header.Get("X-Amz-Target") != want {
			c.add(operation, "X-Amz-Target is %q, not %q", message.Header.Get("X-Amz-Target"), want)
		}
		tree, err = wire.ParseJSON(message.Body)
	}
	if err != nil {
		return []string{operation + ": " + err.Error()}
	}
	c.value(operation, o.Input, tree, form)
	return c.problems
}

// Answer returns what is wrong with an operation's good answer.
func (m *Model) Answer(operation string, message Message) []string {
	c := &check{model: m}
	o := m.Operations[operation]
	if o == nil {
		return []string{"the model knows no operation " + operation}
	}
	if o.Output == nil {
		return nil // whatever is there, nobody reads
	}
	path := operation + " answer"
	var tree any
	var err error
	form := asJSON
	switch message.Protocol {
	case wire.REST, wire.RESTXML:
		c.restAnswer(path, o, message)
		return c.problems
	case wire.Query:
		var root *element
		root, err = readXML(message.Body)
		if err == nil {
			result := root.child(operation + "Result")
			if root.name != operation+"Response" || result == nil || root.child("ResponseMetadata") == nil {
				return []string{path + ": is not " + operation + "Response with " + operation + "Result and ResponseMetadata"}
			}
			tree, form = c.fromXML(path, o.Output, result), asText
		}
	case wire.CBOR:
		tree, err = wire.ParseCBOR(message.Body)
		form = asCBOR
		if message.Header.Get("Smithy-Protocol") != "rpc-v2-cbor" {
			c.add(path, "Smithy-Protocol is missing")
		}
	default:
		tree, err = wire.ParseJSON(message.Body)
	}
	if err != nil {
		return []string{path + ": " + err.Error()}
	}
	c.value(path, o.Output, tree, form)
	return c.problems
}

// located reads what a structure has outside its body.
func (c *check) located(path string, s *Shape, message Message) {
	for name, ref := range s.Members {
		wireName := nameOr(ref, name)
		var value any
		switch ref.Location {
		case "header":
			text := message.Header.Get(wireName)
			if _, there := message.Header[textproto.CanonicalMIMEHeaderKey(wireName)]; there && text != "" {
				value = text
			}
		case "headers":
			entries := map[string]any{}
			for header := range message.Header {
				if rest, ok := cutFold(header, wireName); ok {
					entries[strings.ToLower(rest)] = message.Header.Get(header)
				}
			}
			if len(entries) > 0 {
				value = entries
			}
		case "querystring":
			value = c.fromQuery(ref, wireName, message.URL.Query())
		default:
			continue
		}
		c.value(path+"."+name, ref, value, asHead)
		if value == nil && contains(s.Required, name) {
			c.add(path, "%s is required and missing", name)
		}
	}
}

func (c *check) fromQuery(ref *Ref, name string, query url.Values) any {
	if !query.Has(name) {
		return nil
	}
	if s := c.model.Shapes[ref.Shape]; s != nil && s.Type == "list" {
		var list []any
		for _, value := range query[name] {
			list = append(list, value)
		}
		return list
	}
	return query.Get(name)
}

func cutFold(text, prefix string) (string, bool) {
	if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
		return text[len(prefix):], true
	}
	return "", false
}

func contains(list []string, text string) bool {
	return slices.Contains(list, text)
}
