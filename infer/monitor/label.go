package monitor

import "strconv"

// labelOf names a class: by its label, or by its index where labels are not known.
func labelOf(index int, labels []string) string {
	if index < len(labels) {
		return labels[index]
	}
	return "class " + strconv.Itoa(index)
}
