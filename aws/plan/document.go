package plan

// A Document is a plan as JSON: what a pipeline stores, compares and lets people approve.
type Document struct {
	*Plan
	Total       Total  `json:"total"`
	Fingerprint string `json:"fingerprint"`
}

// Document returns the plan with its total and its fingerprint.
func (p *Plan) Document() Document { return Document{p, p.Total(), p.Fingerprint()} }
