package train

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A List is what a SageMaker .lst file holds, counted.
type List struct {
	Pictures int
	// Classes have the numbers from 0 on; Counts are their pictures.
	Classes int
	Counts  []int
	// MultiLabel is true where a line has a column for each class.
	MultiLabel bool
	// First is the path of the first picture.
	First string
}

// maxLine bounds a line, in bytes, and maxClasses the classes' numbers.
const (
	maxLine    = 64 << 10
	maxClasses = 1 << 20
)

// A ListError is a line that the algorithm would not take.
type ListError struct {
	Name string
	Line int
	Err  error
}

// Error names the line.
func (e *ListError) Error() string { return fmt.Sprintf("%s, line %d: %v", e.Name, e.Line, e.Err) }

// Unwrap returns the cause.
func (e *ListError) Unwrap() error { return e.Err }

// Hint says what a line is like.
func (e *ListError) Hint() string {
	return "a line is INDEX, CLASS from 0 on, PATH, with tabs between; scones stage writes such lists"
}

// ReadList counts the pictures of a list by its name in messages. Errors are [*ListError], or the reader's.
func ReadList(name string, r io.Reader) (List, error) {
	var l List
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	number, columns := 0, 0
	for lines.Scan() {
		number++
		text := strings.TrimRight(lines.Text(), "\r")
		if text == "" {
			continue
		}
		fields := strings.Split(text, "\t")
		if columns == 0 {
			columns = len(fields)
			l.MultiLabel = columns > 3
		}
		if err := l.add(fields, columns); err != nil {
			return l, &ListError{name, number, err}
		}
	}
	if err := lines.Err(); err != nil {
		return l, fmt.Errorf("read %s: %w", name, err)
	}
	if l.Pictures == 0 {
		return l, &ListError{name, 1, errors.New("it lists no picture")}
	}
	for class, n := range l.Counts {
		if n == 0 {
			return l, &ListError{name, number, fmt.Errorf("no picture is of class %d, and %d is the highest; classes must be 0, 1, 2 and so on", class, len(l.Counts)-1)}
		}
	}
	return l, nil
}

func (l *List) add(fields []string, columns int) error {
	if len(fields) != columns || columns < 3 || fields[len(fields)-1] == "" {
		return fmt.Errorf("it has %d columns, want %d", len(fields), max(columns, 3))
	}
	for i, field := range fields[1 : len(fields)-1] {
		value, err := strconv.ParseFloat(strings.TrimSpace(field), 64) // im2rec writes 1.000000
		class := int(value)
		if err != nil || value < 0 || value != float64(class) || class >= maxClasses || l.MultiLabel && class > 1 {
			return fmt.Errorf("%q is no class", field)
		}
		if l.MultiLabel {
			if class == 0 {
				class = -1
			} else {
				class = i
			}
			l.Classes = columns - 2
		}
		for len(l.Counts) <= class {
			l.Counts = append(l.Counts, 0)
		}
		if class >= 0 {
			l.Counts[class]++
		}
	}
	if !l.MultiLabel {
		l.Classes = len(l.Counts)
	}
	if l.Pictures++; l.Pictures == 1 {
		l.First = fields[len(fields)-1]
	}
	return nil
}
