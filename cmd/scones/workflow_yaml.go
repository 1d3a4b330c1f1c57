package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// writeYAML writes a JSON document as YAML, in its order.
func writeYAML(c *cli.Context, document []byte) error {
	var node yaml.Node
	if err := yaml.Unmarshal(document, &node); err != nil { // JSON is YAML
		return err
	}
	plain(&node)
	encoder := yaml.NewEncoder(c.App.Writer)
	encoder.SetIndent(2)
	if err := encoder.Encode(&node); err != nil {
		return err
	}
	return encoder.Close()
}

// plain takes JSON's braces and quotes off.
func plain(node *yaml.Node) {
	node.Style = 0
	for _, inner := range node.Content {
		plain(inner)
	}
}

// jsonFromYAML writes a YAML document as JSON, in its order: a picture's states stand in the order of the file.
func jsonFromYAML(document []byte) ([]byte, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(document, &node); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := appendJSON(&out, &node, 0); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// maxYAMLDepth bounds what lies in each other, aliases that lead in a circle too.
const maxYAMLDepth = 100

func appendJSON(out *bytes.Buffer, node *yaml.Node, depth int) error {
	if depth > maxYAMLDepth || out.Len() > asl.MaxDefinition {
		return fmt.Errorf("line %d: the document is too deep or too long", node.Line)
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return appendJSON(out, node.Content[0], depth+1)
	case yaml.AliasNode:
		return appendJSON(out, node.Alias, depth+1)
	case yaml.MappingNode, yaml.SequenceNode:
		object := node.Kind == yaml.MappingNode
		out.WriteByte(map[bool]byte{true: '{', false: '['}[object])
		for i, inner := range node.Content {
			switch {
			case object && i%2 == 1:
				out.WriteByte(':')
			case i > 0:
				out.WriteByte(',')
			}
			if object && i%2 == 0 {
				key, err := json.Marshal(inner.Value)
				if err != nil {
					return err
				}
				out.Write(key)
				continue
			}
			if err := appendJSON(out, inner, depth+1); err != nil {
				return err
			}
		}
		out.WriteByte(map[bool]byte{true: '}', false: ']'}[object])
		return nil
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return err
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("line %d: %w", node.Line, err)
	}
	out.Write(data)
	return nil
}
