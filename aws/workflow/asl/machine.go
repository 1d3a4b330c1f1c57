package asl

// A Machine is a state machine: the whole definition, a branch of a Parallel state, or what a Map state does with an item.
type Machine struct {
	Comment string
	StartAt string
	// States in the order of the definition.
	States  []*State
	timeout setting // TimeoutSeconds of a whole definition
	byName  map[string]*State
}

// State returns the state of a name, nil when there is none.
func (m *Machine) State(name string) *State { return m.byName[name] }

// A Kind is a state's Type.
type Kind string

// The kinds of states.
const (
	Task     Kind = "Task"
	Pass     Kind = "Pass"
	Choice   Kind = "Choice"
	Wait     Kind = "Wait"
	Succeed  Kind = "Succeed"
	Fail     Kind = "Fail"
	Parallel Kind = "Parallel"
	Map      Kind = "Map"
)

// A State is one step of a machine. Its exported fields say where it leads and what a picture of the machine shows.
type State struct {
	Name    string
	Type    Kind
	Comment string
	// Next is the state that follows; empty at an end, and in a Choice.
	Next string
	// Choices of a Choice state, in the order in which they are tried; Default follows when none holds.
	Choices []Rule
	Default string
	// Catch of a Task, Parallel or Map state, in order.
	Catch []Catcher
	// Resource of a Task.
	Resource string
	// Branches of a Parallel state.
	Branches []*Machine
	// Processor of a Map state; Distributed tells whether each item is an execution of its own.
	Processor   *Machine
	Distributed bool

	language        language
	input, output   pathField
	computed        *template // Output, in JSONata
	assign          *template
	result          pathField // ResultPath, or a Catcher's
	parameters      *template // Parameters, ItemSelector
	selector        *template // ResultSelector
	retry           []retrier
	fixed           any // Result of a Pass
	hasFixed        bool
	timeout         setting
	heartbeat       setting
	seconds, moment setting // of a Wait
	name, cause     setting // of a Fail
	each            mapFields
}

// A mapFields is what a Map state alone has.
type mapFields struct {
	items       pathField
	query       *template // Items, in JSONata
	concurrency setting
	failures    setting // ToleratedFailureCount
	percentage  setting // ToleratedFailurePercentage
	reader      *itemReader
	batcher     *itemBatcher
	writer      *resultWriter
	label       string
}

// A Rule is one of a Choice's: when it holds, Next follows.
type Rule struct {
	Next   string
	test   condition
	text   string
	assign *template
	output *template
}

// String describes the rule's condition in a few words, for pictures.
func (r Rule) String() string { return r.text }

// A Catcher says what follows when a state fails with one of the errors.
type Catcher struct {
	Errors []string
	Next   string
	result pathField
	assign *template
	output *template
}

// A retrier is one entry of Retry.
type retrier struct {
	errors   []string
	interval float64 // seconds
	attempts int
	rate     float64
	most     float64 // seconds between two attempts, 0 for no limit
	full     bool    // jitter: any time up to the computed one
}

// A pathField is a path that may be null; absent means $.
type pathField struct {
	path *jsonPath
	null bool
}

// A setting is a value or a path or function call that gives it at run time.
type setting struct {
	set   bool
	value any
	from  *expression
}

func (s setting) get(input, context any) (any, error) {
	if s.from != nil {
		return s.from.value(input, context)
	}
	return s.value, nil
}
