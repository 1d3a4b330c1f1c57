package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Policy is a document of permissions with the object that it is attached to.
type Policy struct {
	// Name is the policy's, or "trust" for who may assume a role.
	Name      string      `json:"name"`
	Version   string      `json:"version"`
	Statement []Statement `json:"statement"`
}

// PolicyVersion is the version of IAM's policy language.
const PolicyVersion = "2012-10-17"

// A Statement allows or denies actions. An empty list is left out of the document.
type Statement struct {
	Sid       string
	Effect    string // Allow or Deny
	Principal map[string]string
	Action    []string
	Resource  []string
	// Condition is operator, key, values.
	Condition map[string]map[string][]string
	// Why says why Resource holds a wildcard, where it does. It is no part of the document.
	Why string `json:"-"`
}

// MarshalJSON writes the statement as IAM's grammar has it: lists of one as a string, a principal of everybody as "*".
func (s Statement) MarshalJSON() ([]byte, error) {
	doc := struct {
		Sid       string                    `json:",omitempty"`
		Effect    string                    `json:","`
		Principal any                       `json:",omitempty"`
		Action    any                       `json:","`
		Resource  any                       `json:",omitempty"`
		Condition map[string]map[string]any `json:",omitempty"`
	}{Sid: s.Sid, Effect: s.Effect, Action: single(s.Action), Resource: single(s.Resource)}
	if everybody := s.Principal["*"]; everybody != "" {
		doc.Principal = "*"
	} else if len(s.Principal) > 0 {
		doc.Principal = s.Principal
	}
	for operator, keys := range s.Condition {
		if doc.Condition == nil {
			doc.Condition = make(map[string]map[string]any)
		}
		doc.Condition[operator] = make(map[string]any)
		for key, values := range keys {
			doc.Condition[operator][key] = single(values)
		}
	}
	return encode(doc)
}

func single(list []string) any {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}

// Document is the policy as IAM takes it, canonical: [CanonicalPolicy].
func (p *Policy) Document() string {
	data, err := encode(struct {
		Version   string
		Statement []Statement
	}{PolicyVersion, p.Statement})
	if err != nil {
		panic(err) // strings and maps of strings always encode
	}
	return CanonicalPolicy(string(data))
}

// CanonicalPolicy writes a document so that equal policies are equal texts, whatever form a service gave them: keys in order, lists in
// order where their order means nothing, lists of one as their element. A text that is no JSON comes back as it is.
func CanonicalPolicy(document string) string {
	var value any
	if err := json.Unmarshal([]byte(document), &value); err != nil {
		return document
	}
	if top, ok := value.(map[string]any); ok {
		if one, ok := top["Statement"].(map[string]any); ok {
			top["Statement"] = []any{one}
		}
		delete(top, "Id") // some services add one
	}
	data, err := encode(canonical("", value))
	if err != nil {
		return document
	}
	return string(data)
}

func canonical(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for k := range v {
			v[k] = canonical(k, v[k])
		}
	case []any:
		for i := range v {
			v[i] = canonical("", v[i])
		}
		if key == "Statement" {
			return v
		}
		if len(v) == 1 {
			return v[0]
		}
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	case bool: // conditions have booleans as strings or not
		return fmt.Sprint(v)
	}
	return value
}

// encode is JSON without the escapes that HTML needs.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
