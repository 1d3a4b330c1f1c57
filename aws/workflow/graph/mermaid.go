package graph

import (
	"fmt"
	"strings"

	"github.com/scones-unlimited/scones/aws/workflow/asl"
)

// Mermaid writes a machine as a Mermaid flowchart, which READMEs on many platforms show as a picture.
func Mermaid(m *asl.Machine, events []asl.Event) string {
	w := &mermaid{outcomes: Outcomes(events)}
	w.out.WriteString("flowchart TD\n")
	w.machine(m, "", "  ")
	if len(events) > 0 {
		for _, o := range []Outcome{Idle, Succeeded, Running, Caught, Failed} {
			s := styles[o]
			fmt.Fprintf(&w.out, "  classDef o%d fill:#%02x%02x%02x,stroke:#%02x%02x%02x\n", o, s.fill.R, s.fill.G, s.fill.B, s.line.R, s.line.G, s.line.B)
		}
	}
	return w.out.String()
}

type mermaid struct {
	out      strings.Builder
	outcomes map[string]Outcome
	states   int
}

// machine writes a machine's states and arrows; prefix makes the names of its start and end its own.
func (w *mermaid) machine(m *asl.Machine, prefix, indent string) {
	ids := map[string]string{}
	for _, s := range m.States {
		w.states++
		ids[s.Name] = fmt.Sprintf("s%d", w.states)
	}
	start, end := prefix+"start", prefix+"end_"
	fmt.Fprintf(&w.out, "%s%s((Start)) --> %s\n", indent, start, ids[m.StartAt])
	for _, s := range m.States {
		id := ids[s.Name]
		machines := s.Branches
		if s.Processor != nil {
			machines = append(machines, s.Processor)
		}
		shape := [2]string{"[", "]"}
		if s.Type == asl.Choice {
			shape = [2]string{"{", "}"}
		}
		switch {
		case len(machines) > 0:
			fmt.Fprintf(&w.out, "%ssubgraph %s[%s]\n", indent, id, mermaidText(s.Name))
			for i, inner := range machines {
				w.machine(inner, fmt.Sprintf("%s_%d_", id, i), indent+"  ")
			}
			fmt.Fprintf(&w.out, "%send\n", indent)
		default:
			fmt.Fprintf(&w.out, "%s%s%s%s%s\n", indent, id, shape[0], mermaidText(s.Name), shape[1])
		}
		if len(w.outcomes) > 0 {
			fmt.Fprintf(&w.out, "%sclass %s o%d\n", indent, id, w.outcomes[s.Name])
		}
		if s.Next != "" {
			fmt.Fprintf(&w.out, "%s%s --> %s\n", indent, id, ids[s.Next])
		} else if s.Type != asl.Choice {
			fmt.Fprintf(&w.out, "%s%s --> %s((End))\n", indent, id, end)
		}
		for _, rule := range s.Choices {
			fmt.Fprintf(&w.out, "%s%s -->|%s| %s\n", indent, id, mermaidText(rule.String()), ids[rule.Next])
		}
		if s.Default != "" {
			fmt.Fprintf(&w.out, "%s%s -->|default| %s\n", indent, id, ids[s.Default])
		}
		for _, c := range s.Catch {
			fmt.Fprintf(&w.out, "%s%s -.->|%s| %s\n", indent, id, mermaidText(strings.Join(c.Errors, ", ")), ids[c.Next])
		}
	}
}

// mermaidText quotes text; what would end the quotes is written as an entity.
func mermaidText(s string) string {
	return `"` + strings.NewReplacer(`"`, "#quot;", "\n", " ").Replace(s) + `"`
}
