package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// notInterpreted are fields that Step Functions knows and this package does not, with what they belong to.
var notInterpreted = map[string]string{
	"Credentials": "another account's role",
}

// belongs are the fields of one query language alone.
var belongs = map[string]language{
	"Arguments": jsonataLanguage, "Output": jsonataLanguage, "Items": jsonataLanguage, "Condition": jsonataLanguage,
	"InputPath": jsonPathLanguage, "OutputPath": jsonPathLanguage, "Parameters": jsonPathLanguage, "ResultPath": jsonPathLanguage, "ResultSelector": jsonPathLanguage,
	"ItemsPath": jsonPathLanguage, "Variable": jsonPathLanguage, "Result": jsonPathLanguage, "SecondsPath": jsonPathLanguage, "TimestampPath": jsonPathLanguage,
	"TimeoutSecondsPath": jsonPathLanguage, "HeartbeatSecondsPath": jsonPathLanguage, "ErrorPath": jsonPathLanguage, "CausePath": jsonPathLanguage,
	"And": jsonPathLanguage, "Or": jsonPathLanguage, "Not": jsonPathLanguage, "MaxConcurrencyPath": jsonPathLanguage,
}

// A language is a query language.
type language string

const (
	jsonPathLanguage language = "JSONPath"
	jsonataLanguage  language = "JSONata"
)

// A fields reads one JSON object of a definition, and notes what is wrong and what is left.
type fields struct {
	at       string // such as `state "Filter"`
	raw      map[string]any
	taken    map[string]bool
	problems *[]string
	language language // of the state
	whole    language // of the definition
}

func newFields(at string, value any, problems *[]string) *fields {
	return (&fields{problems: problems, language: jsonPathLanguage, whole: jsonPathLanguage}).inner(at, value)
}

// inner reads an object within this one.
func (f *fields) inner(at string, value any) *fields {
	f = &fields{at: at, taken: map[string]bool{}, problems: f.problems, language: f.language, whole: f.whole}
	raw, ok := value.(map[string]any)
	if !ok {
		f.problem("is %s, want an object", kind(value))
	}
	f.raw = raw
	return f
}

func (f *fields) problem(format string, args ...any) {
	*f.problems = append(*f.problems, f.at+": "+fmt.Sprintf(format, args...))
}

// take returns a field's value and whether it is there.
func (f *fields) take(name string) (any, bool) {
	f.taken[name] = true
	value, ok := f.raw[name]
	return value, ok
}

func (f *fields) text(name string) string {
	value, ok := f.take(name)
	s, isText := value.(string)
	if ok && !isText {
		f.problem("%s is %s, want a string", name, kind(value))
	}
	return s
}

func (f *fields) need(name string) string {
	s := f.text(name)
	if _, ok := f.raw[name]; !ok || s == "" && f.raw[name] == "" {
		f.problem("%s is missing", name)
	}
	return s
}

func (f *fields) flag(name string) bool {
	value, ok := f.take(name)
	b, isBool := value.(bool)
	if ok && !isBool {
		f.problem("%s is %s, want true or false", name, kind(value))
	}
	return b
}

// number returns a field's number, or the value it has when it is not there.
func (f *fields) number(name string, absent, least float64) float64 {
	value, ok := f.take(name)
	if !ok {
		return absent
	}
	n, isNumber := number(value)
	if !isNumber || n < least {
		f.problem("%s is %s, want a number of %v or more", name, text(value), least)
	}
	return n
}

func (f *fields) list(name string) []any {
	value, ok := f.take(name)
	list, isList := value.([]any)
	if ok && !isList {
		f.problem("%s is %s, want an array", name, kind(value))
	}
	return list
}

func (f *fields) texts(name string) []string {
	var texts []string
	for _, value := range f.list(name) {
		s, ok := value.(string)
		if !ok {
			f.problem("%s holds %s, want strings", name, kind(value))
		}
		texts = append(texts, s)
	}
	return texts
}

// path reads a path that may be null; where it is a Reference Path it must name one place.
func (f *fields) path(name string, reference bool) pathField {
	value, ok := f.take(name)
	if !ok {
		return pathField{}
	}
	if value == nil {
		return pathField{null: true}
	}
	source, isText := value.(string)
	if !isText {
		f.problem("%s is %s, want a path or null", name, kind(value))
		return pathField{}
	}
	p, err := parsePath(source)
	switch {
	case err != nil:
		f.problem("%s: %v", name, err)
	case reference && (!p.singular || p.context):
		f.problem("%s: %q does not name one place in the input", name, source)
	}
	return pathField{path: p}
}

// setting reads a field that may be given as a value or, under its name with Path behind it, as a path or function call.
func (f *fields) setting(name string) setting {
	value, ok := f.take(name)
	if f.language == jsonataLanguage {
		e, err := parseQuery(value)
		if err != nil {
			f.problem("%s: %v", name, err)
		}
		return setting{set: ok, value: value, from: e}
	}
	source, dynamic := f.take(name + "Path")
	if !dynamic {
		return setting{set: ok, value: value}
	}
	if ok {
		f.problem("%s and %sPath exclude each other", name, name)
	}
	s, _ := source.(string)
	e, err := parseExpression(s)
	if err != nil {
		f.problem("%sPath: %v", name, err)
	}
	return setting{set: true, from: e}
}

// readLanguage reads QueryLanguage, of a definition or a state.
func (f *fields) readLanguage() {
	switch name := language(f.text("QueryLanguage")); {
	case name == "":
	case name != jsonPathLanguage && name != jsonataLanguage:
		f.problem("QueryLanguage %q is neither JSONPath nor JSONata", name)
	case f.whole == jsonataLanguage && name == jsonPathLanguage:
		f.problem("QueryLanguage JSONPath is not allowed in a definition in JSONata")
	default:
		f.language = name
	}
}

// arguments reads what a resource is given: Parameters, or Arguments in JSONata.
func (f *fields) arguments() *template {
	if f.language == jsonataLanguage {
		return f.template("Arguments")
	}
	return f.template("Parameters")
}

// assign reads the variables that a state sets.
func (f *fields) assign() *template {
	t := f.template("Assign")
	if t != nil && t.object == nil {
		f.problem("Assign is no object")
	}
	return t
}

// count is setting for whole numbers of least or more.
func (f *fields) count(name string, least float64) setting {
	s := f.setting(name)
	if n, ok := number(s.value); s.set && s.from == nil && (!ok || n < least) {
		f.problem("%s is %s, want a number of %v or more", name, text(s.value), least)
	}
	return s
}

func (f *fields) template(name string) *template {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	t, err := parseTemplate(value, f.language)
	if err != nil {
		f.problem("%s: %v", name, err)
	}
	return t
}

// rest complains of what nobody took.
func (f *fields) rest() {
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		if f.taken[name] {
			continue
		}
		if what, known := notInterpreted[name]; known {
			f.problem("uses %s (%s), which is not interpreted here", name, what)
		} else if language, known := belongs[name]; known && language != f.language {
			f.problem("has %s, which is %s's; its query language is %s", name, language, f.language)
		} else if !strings.EqualFold(name, "comment") {
			f.problem("unknown field %s", name)
		}
	}
}
