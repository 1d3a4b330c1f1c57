package asl

import (
	"fmt"
	"slices"
	"strings"
)

// parseState reads one state; what it holds of other states goes through parseMachine.
func parseState(f *fields, name string, order map[string]int) *State {
	s := &State{Name: name, Type: Kind(f.need("Type")), Comment: f.text("Comment")}
	f.language = f.whole
	f.readLanguage()
	s.language = f.language
	switch {
	case s.Type == Fail:
	case s.language == jsonataLanguage:
		s.computed = f.template("Output")
	default:
		s.input, s.output = f.path("InputPath", false), f.path("OutputPath", false)
	}
	if s.Type != Fail && s.Type != Succeed {
		s.assign = f.assign()
	}
	switch s.Type {
	case Task:
		s.Resource = f.need("Resource")
		s.timeout, s.heartbeat = f.count("TimeoutSeconds", 1), f.count("HeartbeatSeconds", 1)
		s.parameters = f.arguments()
		parseOutcome(f, s)
	case Pass:
		if s.language == jsonPathLanguage {
			s.fixed, s.hasFixed = f.take("Result")
			s.parameters = f.template("Parameters")
			s.result = f.path("ResultPath", true)
		}
	case Choice:
		parseChoice(f, s)
	case Wait:
		s.seconds, s.moment = f.count("Seconds", 0), f.setting("Timestamp")
		if s.seconds.set == s.moment.set {
			f.problem("wants one of Seconds, SecondsPath, Timestamp and TimestampPath")
		}
		if _, ok := timestamp(s.moment.value); s.moment.value != nil && s.moment.from == nil && !ok {
			f.problem("Timestamp %s is no time such as 2026-01-31T12:00:00Z", text(s.moment.value))
		}
	case Succeed:
	case Fail:
		s.name, s.cause = f.setting("Error"), f.setting("Cause")
	case Parallel:
		for i, branch := range f.list("Branches") {
			g := f.inner(fmt.Sprintf("%s, branch %d", f.at, i+1), branch)
			s.Branches = append(s.Branches, parseMachine(g, f.at, order))
			g.rest()
		}
		if len(s.Branches) == 0 {
			f.problem("Branches is missing or empty")
		}
		s.parameters = f.arguments()
		parseOutcome(f, s)
	case Map:
		parseMap(f, s, order)
		parseOutcome(f, s)
	default:
		f.problem("Type %q is none of Task, Pass, Choice, Wait, Succeed, Fail, Parallel and Map", s.Type)
		return s
	}
	if s.Type != Choice && s.Type != Succeed && s.Type != Fail {
		end := f.flag("End")
		if s.Next = f.text("Next"); end == (s.Next != "") {
			f.problem("wants one of Next and End")
		}
	}
	f.rest()
	return s
}

// parseOutcome reads what Task, Parallel and Map share.
func parseOutcome(f *fields, s *State) {
	if s.language == jsonPathLanguage {
		s.selector, s.result = f.template("ResultSelector"), f.path("ResultPath", true)
	}
	for i, entry := range f.list("Retry") {
		g := f.inner(fmt.Sprintf("%s, Retry %d", f.at, i+1), entry)
		r := retrier{
			errors: g.texts("ErrorEquals"), interval: g.number("IntervalSeconds", 1, 1), attempts: int(g.number("MaxAttempts", 3, 0)),
			rate: g.number("BackoffRate", 2, 1), most: g.number("MaxDelaySeconds", 0, 1),
		}
		switch jitter := g.text("JitterStrategy"); jitter {
		case "", "NONE":
		case "FULL":
			r.full = true
		default:
			g.problem("JitterStrategy %q is neither FULL nor NONE", jitter)
		}
		checkNames(g, r.errors, i == len(f.list("Retry"))-1)
		g.rest()
		s.retry = append(s.retry, r)
	}
	for i, entry := range f.list("Catch") {
		g := f.inner(fmt.Sprintf("%s, Catch %d", f.at, i+1), entry)
		c := Catcher{Errors: g.texts("ErrorEquals"), Next: g.need("Next"), assign: g.assign()}
		if s.language == jsonPathLanguage {
			c.result = g.path("ResultPath", true)
		} else {
			c.output = g.template("Output")
		}
		checkNames(g, c.Errors, i == len(f.list("Catch"))-1)
		g.rest()
		s.Catch = append(s.Catch, c)
	}
}

// checkNames holds a list of error names to the language's rule for States.ALL.
func checkNames(f *fields, names []string, last bool) {
	switch {
	case len(names) == 0:
		f.problem("ErrorEquals is missing or empty")
	case slices.Contains(names, All) && (len(names) > 1 || !last):
		f.problem("%s must stand alone and last", All)
	}
}

func parseChoice(f *fields, s *State) {
	for i, entry := range f.list("Choices") {
		g := f.inner(fmt.Sprintf("%s, choice %d", f.at, i+1), entry)
		rule := Rule{Next: g.need("Next"), assign: g.assign()}
		if s.language == jsonPathLanguage {
			rule.test, rule.text = parseCondition(g)
		} else {
			rule.output = g.template("Output")
			rule.test, rule.text = parseQueryCondition(g)
		}
		g.rest()
		s.Choices = append(s.Choices, rule)
	}
	if len(s.Choices) == 0 {
		f.problem("Choices is missing or empty")
	}
	s.Default = f.text("Default")
}

// parseMap reads a Map state, in its old form (Iterator, Parameters) and its present one (ItemProcessor, ItemSelector).
func parseMap(f *fields, s *State, order map[string]int) {
	name := "ItemProcessor"
	processor, ok := f.take(name)
	if !ok {
		name = "Iterator"
		processor, ok = f.take(name)
	}
	if !ok {
		f.problem("ItemProcessor is missing")
		return
	}
	g := f.inner(f.at+", "+name, processor)
	if config, ok := g.take("ProcessorConfig"); ok {
		h := f.inner(g.at+", ProcessorConfig", config)
		mode, execution := h.text("Mode"), h.text("ExecutionType")
		s.Distributed = mode == "DISTRIBUTED"
		if mode != "" && mode != "INLINE" && !s.Distributed {
			h.problem("Mode %q is neither INLINE nor DISTRIBUTED", mode)
		}
		if s.Distributed && execution != "STANDARD" && execution != "EXPRESS" {
			h.problem("ExecutionType %q is neither STANDARD nor EXPRESS", execution)
		}
		h.rest()
	}
	s.Processor = parseMachine(g, f.at, order)
	g.rest()
	s.parameters = f.template("ItemSelector")
	if s.language == jsonataLanguage {
		s.each.query = f.template("Items")
	} else if old := f.template("Parameters"); old != nil {
		if s.parameters != nil {
			f.problem("Parameters and ItemSelector exclude each other")
		}
		s.parameters = old
	}
	s.each.concurrency = f.count("MaxConcurrency", 0)
	if s.language == jsonPathLanguage {
		s.each.items = f.path("ItemsPath", false)
	}
	s.each.failures, s.each.percentage = f.count("ToleratedFailureCount", 0), f.count("ToleratedFailurePercentage", 0)
	s.each.reader, s.each.batcher, s.each.writer = parseReader(f), parseBatcher(f), parseWriter(f)
	if s.each.label = f.text("Label"); strings.ContainsAny(s.each.label, " ?*<>{}[]:;,\\|^~$#%&`\"") || len(s.each.label) > 40 {
		f.problem("Label %q has more than 40 characters, or one that is not allowed", s.each.label)
	}
	if !s.Distributed && (s.each.reader != nil || s.each.batcher != nil || s.each.writer != nil) {
		f.problem("ItemReader, ItemBatcher and ResultWriter need ProcessorConfig Mode DISTRIBUTED")
	}
}
