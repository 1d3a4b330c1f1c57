package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// A Block is one resource of a CloudFormation template or a Terraform configuration.
type Block struct {
	// Type is AWS::IAM::Role or aws_iam_role.
	Type string
	// Suffix sets it apart from other blocks of the same Resource; the first has none.
	Suffix string
	// Properties of the template, or arguments of the configuration.
	Properties map[string]any
	// Retain keeps the object when the template's stack is deleted, because there is data in it.
	Retain bool
}

// An ExportError is a resource that a format cannot express.
type ExportError struct {
	Kind   Kind
	Name   string
	Format string
}

// Hint says what the user can do.
func (e *ExportError) Hint() string {
	if e.Kind == Object {
		return "upload the file yourself, and name it by its s3:// URI"
	}
	return "leave it out, or let scones make it"
}

// Error names both.
func (e *ExportError) Error() string {
	return fmt.Sprintf("%s %q cannot be written for %s", e.Kind, e.Name, e.Format)
}

// WriteCloudFormation writes all wanted objects as a CloudFormation template in JSON. Errors are [*ExportError]: a template uploads no
// files.
func (p *Plan) WriteCloudFormation(w io.Writer) error {
	resources := make(map[string]any)
	ids := make(map[id]string) // logical IDs
	for _, c := range p.Changes {
		r := c.want()
		if r == nil {
			continue
		}
		e, ok := r.(Exporting)
		if !ok || len(e.CloudFormation()) == 0 {
			return &ExportError{c.Kind, c.Name, "CloudFormation"}
		}
		for i, b := range e.CloudFormation() {
			logical := LogicalID(c.Part) + b.Suffix
			needs := known(r, ids)
			if i == 0 {
				ids[idOf(r)] = logical
			} else {
				needs = []string{ids[idOf(r)]}
			}
			needs = slices.DeleteFunc(needs, func(need string) bool { return refers(b.Properties, need) }) // which CloudFormation sees itself
			entry := map[string]any{"Type": b.Type, "Properties": b.Properties}
			if len(needs) > 0 {
				entry["DependsOn"] = needs
			}
			if b.Retain {
				entry["DeletionPolicy"], entry["UpdateReplacePolicy"] = "Retain", "Retain"
			}
			resources[logical] = entry
		}
	}
	return writeIndented(w, map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09", "Description": "Written by scones for the deployment " + p.Name + ", " + p.Place, "Resources": resources,
	})
}

// WriteTerraform writes all wanted objects as a Terraform configuration in JSON, to be saved as a file NAME.tf.json. Errors are
// [*ExportError].
func (p *Plan) WriteTerraform(w io.Writer, region string) error {
	resources := make(map[string]map[string]any)
	addresses := make(map[id]string)
	for _, c := range p.Changes {
		r := c.want()
		if r == nil {
			continue
		}
		e, ok := r.(Exporting)
		if !ok || len(e.Terraform()) == 0 {
			return &ExportError{c.Kind, c.Name, "Terraform"}
		}
		label := strings.ToLower(strings.NewReplacer("/", "_", "-", "_").Replace(string(c.Part)))
		for i, b := range e.Terraform() {
			needs := known(r, addresses)
			if i == 0 {
				addresses[idOf(r)] = b.Type + "." + label
			} else {
				needs = []string{addresses[idOf(r)]}
			}
			if len(needs) > 0 {
				b.Properties["depends_on"] = needs
			}
			if b.Retain {
				b.Properties["lifecycle"] = map[string]any{"prevent_destroy": true}
			}
			if resources[b.Type] == nil {
				resources[b.Type] = make(map[string]any)
			}
			resources[b.Type][label+b.Suffix] = b.Properties
		}
	}
	return writeIndented(w, map[string]any{
		"//":        "Written by scones for the deployment " + p.Name + ", " + p.Place,
		"terraform": map[string]any{"required_providers": map[string]any{"aws": map[string]any{"source": "hashicorp/aws"}}},
		"provider":  map[string]any{"aws": map[string]any{"region": region}},
		"resource":  resources,
	})
}

// known are the names of those needs that were written.
func known(r Resource, names map[id]string) []string {
	var list []string
	for _, need := range sortedByKind(r.Needs()) {
		if name := names[idOf(need)]; name != "" {
			list = append(list, name)
		}
	}
	return list
}

// LogicalID is the name of a part in a template: EndpointAlarm5xx for "endpoint/alarm-5xx".
func LogicalID(part Part) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(string(part), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// GetAtt is a template's reference to an attribute of a part.
func GetAtt(part Part, attribute string) map[string]any {
	return map[string]any{"Fn::GetAtt": []string{LogicalID(part), attribute}}
}

// Ref is a template's reference to a part.
func Ref(part Part) map[string]any { return map[string]any{"Ref": LogicalID(part)} }

// refers tells whether a value holds a reference to a logical ID.
func refers(value any, logical string) bool {
	switch v := value.(type) {
	case map[string]any:
		if v["Ref"] == logical {
			return true
		}
		if at, ok := v["Fn::GetAtt"].([]string); ok && at[0] == logical {
			return true
		}
		for _, each := range v {
			if refers(each, logical) {
				return true
			}
		}
	case []map[string]any:
		return slices.ContainsFunc(v, func(each map[string]any) bool { return refers(each, logical) })
	}
	return false
}

func writeIndented(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}
