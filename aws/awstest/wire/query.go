package wire

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseQuery reads the form of a request in the protocol of forms: the operation's name, and a tree in which a list is still a structure
// with numbers for names. [Decode] knows it by the type that it fills.
func ParseQuery(form url.Values) (operation string, tree map[string]any) {
	tree = map[string]any{}
	for key, values := range form {
		if key == "Action" || key == "Version" || len(values) == 0 {
			continue
		}
		at := tree
		names := strings.Split(key, ".")
		for _, name := range names[:len(names)-1] {
			below, ok := at[name].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[name] = below
			}
			at = below
		}
		at[names[len(names)-1]] = values[0]
	}
	return form.Get("Action"), tree
}

// formList reads {"member": {"1": …, "2": …}} or the same without member.
func formList(fields map[string]any) ([]any, bool) {
	if inner, ok := fields["member"].(map[string]any); ok && len(fields) == 1 {
		fields = inner
	}
	numbers := make([]int, 0, len(fields))
	for name := range fields {
		number, err := strconv.Atoi(name)
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	items := make([]any, len(numbers))
	for i, number := range numbers {
		items[i] = fields[strconv.Itoa(number)]
	}
	return items, true
}

// formMap reads {"entry": {"1": {"key": …, "value": …}}}.
func formMap(fields map[string]any) (map[string]any, bool) {
	entries, ok := fields["entry"].(map[string]any)
	if !ok || len(fields) != 1 {
		return nil, false
	}
	list, ok := formList(entries)
	if !ok {
		return nil, false
	}
	out := map[string]any{}
	for _, item := range list {
		entry, _ := item.(map[string]any)
		key, ok := entry["key"].(string)
		if !ok {
			return nil, false
		}
		out[key] = entry["value"]
	}
	return out, true
}

// WriteQuery writes the answer of an operation in XML under the service's namespace.
func WriteQuery(operation, namespace, request string, tree map[string]any) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="%s"><%sResult>`, operation, namespace, operation)
	writeXML(&b, tree)
	fmt.Fprintf(&b, `</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, operation, request, operation)
	return []byte(b.String())
}

func writeXML(b *strings.Builder, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(tree)) {
			element(b, name, tree[name])
		}
	case Map:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			b.WriteString("<entry>")
			element(b, "key", key)
			element(b, "value", tree[key])
			b.WriteString("</entry>")
		}
	case []any:
		for _, item := range tree {
			element(b, "member", item)
		}
	case []byte:
		b.WriteString(base64.StdEncoding.EncodeToString(tree))
	case time.Time:
		b.WriteString(tree.UTC().Format("2006-01-02T15:04:05.000Z"))
	case string:
		_ = xml.EscapeText(b, []byte(tree))
	default:
		fmt.Fprint(b, tree)
	}
}

func element(b *strings.Builder, name string, tree any) {
	b.WriteString("<" + name + ">")
	writeXML(b, tree)
	b.WriteString("</" + name + ">")
}
