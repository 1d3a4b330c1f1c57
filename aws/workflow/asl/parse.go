package asl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// MaxDefinition is the largest definition that is read, in bytes: Step Functions' limit.
const MaxDefinition = 1 << 20

// Parse reads a definition in JSON. An error that says what in it cannot run is a [*RefusedError], and names everything at once.
func Parse(definition []byte) (*Machine, error) {
	if len(definition) > MaxDefinition {
		return nil, fmt.Errorf("the definition has %d bytes, at most %d are allowed", len(definition), MaxDefinition)
	}
	value, err := Decode(definition)
	if err != nil {
		return nil, fmt.Errorf("read definition: %w", err)
	}
	var problems []string
	f := newFields("definition", value, &problems)
	f.readLanguage()
	f.whole = f.language
	if version := f.text("Version"); version != "" && version != "1.0" {
		f.problem("Version %q, there is only 1.0", version)
	}
	m := parseMachine(f, "", keyOrder(definition))
	m.timeout = f.count("TimeoutSeconds", 1)
	f.rest()
	if len(problems) > 0 {
		return nil, &RefusedError{problems}
	}
	return m, nil
}

// parseMachine reads StartAt and States; within names the state around it.
func parseMachine(f *fields, within string, order map[string]int) *Machine {
	m := &Machine{Comment: f.text("Comment"), StartAt: f.need("StartAt"), byName: map[string]*State{}}
	states, ok := f.take("States")
	if !ok {
		f.problem("States is missing")
		return m
	}
	list := f.inner(f.at+", States", states)
	for name, value := range list.raw {
		at := fmt.Sprintf("state %q", name)
		if within != "" {
			at = within + ", " + at
		}
		if utf8.RuneCountInString(name) > 80 {
			list.problem("the name %q has more than 80 characters", name)
		}
		s := parseState(f.inner(at, value), name, order)
		m.States, m.byName[name] = append(m.States, s), s
	}
	slices.SortFunc(m.States, func(a, b *State) int { return order[a.Name] - order[b.Name] })
	checkTransitions(m, f)
	return m
}

// checkTransitions finds states that lead nowhere, and states that nothing leads to.
func checkTransitions(m *Machine, f *fields) {
	reached := map[string]bool{}
	var follow func(from, to string)
	follow = func(from, to string) {
		s := m.State(to)
		if s == nil {
			f.problem("%s leads to %q, which is no state there", from, to)
			return
		}
		if reached[to] {
			return
		}
		reached[to] = true
		for _, next := range s.Targets() {
			follow(fmt.Sprintf("state %q", to), next)
		}
	}
	follow("StartAt", m.StartAt)
	for _, s := range m.States {
		if !reached[s.Name] {
			f.problem("nothing leads to state %q", s.Name)
		}
	}
}

// Targets are the states that may follow, in the order of Next, Choices, Default and Catch, each once.
func (s *State) Targets() []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(s.Next)
	for _, rule := range s.Choices {
		add(rule.Next)
	}
	add(s.Default)
	for _, c := range s.Catch {
		add(c.Next)
	}
	return names
}

// keyOrder returns where each object key first stands in a document, so that states keep the order they are written in.
func keyOrder(document []byte) map[string]int {
	order := map[string]int{}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return order
		}
		if s, ok := token.(string); ok {
			// A name can also be a value before it is a key, as StartAt and Next have it; what follows a key is a colon.
			rest := bytes.TrimLeft(document[decoder.InputOffset():], " \t\r\n")
			if _, seen := order[s]; !seen && bytes.HasPrefix(rest, []byte(":")) {
				order[s] = int(decoder.InputOffset())
			}
		}
	}
}
