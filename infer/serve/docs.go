package serve

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A docsView is openapi.json as its page shows it.
type docsView struct {
	Title, Summary, Description string
	Groups                      []docsGroup
	Schemas                     []docsSchema
}

type docsGroup struct {
	Name, Description string
	Operations        []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Description string
	Parameters                             []docsParameter
	Body                                   string
	BodyTypes                              []string
	Responses                              []docsResponse
}

type docsParameter struct {
	Name, In, Description string
	Required              bool
}

type docsResponse struct {
	Status, Description, Example string
	Types                        []string
}

type docsSchema struct{ Name, JSON string }

// openAPIDocument is as much of OpenAPI 3.1 as openapi.json uses.
type openAPIDocument struct {
	Info struct{ Title, Summary, Description string }
	Tags []struct{ Name, Description string }
	// Paths by method; the member "parameters" holds for all methods of a path.
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Responses map[string]openAPIResponse
		Schemas   map[string]json.RawMessage
	}
}

type openAPIOperation struct {
	OperationID, Summary, Description string
	Tags                              []string
	Parameters                        []docsParameter
	RequestBody                       struct {
		Description string
		Content     map[string]json.RawMessage
	}
	Responses map[string]openAPIResponse
}

type openAPIResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]struct{ Example json.RawMessage }
}

// readDocs sorts the operations by tag and path.
func readDocs(data []byte) (*docsView, error) {
	var d openAPIDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, err
	}
	view := &docsView{Title: d.Info.Title, Summary: d.Info.Summary, Description: d.Info.Description}
	byTag := make(map[string][]docsOperation)
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		var shared []docsParameter
		if raw := d.Paths[path]["parameters"]; raw != nil {
			if err := json.Unmarshal(raw, &shared); err != nil {
				return nil, err
			}
		}
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			if method == "parameters" {
				continue
			}
			var op openAPIOperation
			if err := json.Unmarshal(d.Paths[path][method], &op); err != nil {
				return nil, err
			}
			shown := d.operation(&op)
			shown.Method, shown.Path = strings.ToUpper(method), path
			shown.Parameters = slices.Concat(shared, op.Parameters)
			for _, tag := range op.Tags {
				byTag[tag] = append(byTag[tag], shown)
			}
		}
	}
	for _, tag := range d.Tags {
		view.Groups = append(view.Groups, docsGroup{tag.Name, tag.Description, byTag[tag.Name]})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		pretty, err := json.MarshalIndent(d.Components.Schemas[name], "", "  ")
		if err != nil {
			return nil, err
		}
		view.Schemas = append(view.Schemas, docsSchema{name, string(pretty)})
	}
	return view, nil
}

func (d *openAPIDocument) operation(op *openAPIOperation) docsOperation {
	shown := docsOperation{
		ID: op.OperationID, Summary: op.Summary, Description: op.Description,
		Body: op.RequestBody.Description, BodyTypes: slices.Sorted(maps.Keys(op.RequestBody.Content)),
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		if name, isRef := strings.CutPrefix(r.Ref, "#/components/responses/"); isRef {
			r = d.Components.Responses[name]
		}
		response := docsResponse{Status: status, Description: r.Description, Types: slices.Sorted(maps.Keys(r.Content))}
		for _, kind := range response.Types {
			if example := r.Content[kind].Example; example != nil && response.Example == "" {
				response.Example = compactJSON(example)
			}
		}
		shown.Responses = append(shown.Responses, response)
	}
	return shown
}
