package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// Decode fills what into points to, an input of the SDK, from a tree. Members are found whatever the case of their first letter, and
// unknown ones are passed over as services do.
func Decode(tree any, into any) error {
	return decode(tree, reflect.ValueOf(into).Elem(), "")
}

func decode(tree any, v reflect.Value, path string) error {
	if tree == nil {
		return nil
	}
	if v.Type() == timeType {
		at, err := asTime(tree)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		v.Set(reflect.ValueOf(at))
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(tree, v.Elem(), path)
	case reflect.Struct:
		return decodeStruct(tree, v, path)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return decodeBytes(tree, v, path)
		}
		return decodeList(tree, v, path)
	case reflect.Map:
		return decodeMap(tree, v, path)
	case reflect.Interface:
		return fmt.Errorf("%s: unions are not understood", path)
	}
	return decodeScalar(tree, v, path)
}

func decodeStruct(tree any, v reflect.Value, path string) error {
	members, ok := tree.(map[string]any)
	if !ok {
		return mismatch(tree, "a structure", path)
	}
	for name, member := range members {
		if name == "" {
			continue
		}
		field := v.FieldByName(strings.ToUpper(name[:1]) + name[1:])
		if !field.IsValid() || !field.CanSet() {
			continue
		}
		if err := decode(member, field, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

func decodeList(tree any, v reflect.Value, path string) error {
	items, ok := tree.([]any)
	if fields, isForm := tree.(map[string]any); isForm {
		items, ok = formList(fields)
	}
	if !ok {
		return mismatch(tree, "a list", path)
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := decode(item, list.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func decodeMap(tree any, v reflect.Value, path string) error {
	entries, ok := tree.(map[string]any)
	if !ok {
		return mismatch(tree, "a map", path)
	}
	if pairs, isForm := formMap(entries); isForm {
		entries = pairs
	}
	out := reflect.MakeMapWithSize(v.Type(), len(entries))
	for key, entry := range entries {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := decode(entry, value, join(path, key)); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	v.Set(out)
	return nil
}

func decodeBytes(tree any, v reflect.Value, path string) error {
	switch tree := tree.(type) {
	case []byte:
		v.SetBytes(tree)
	case string:
		data, err := base64.StdEncoding.DecodeString(tree)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		v.SetBytes(data)
	default:
		return mismatch(tree, "bytes", path)
	}
	return nil
}

func decodeScalar(tree any, v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.String:
		text, ok := tree.(string)
		if !ok {
			return mismatch(tree, "a string", path)
		}
		v.SetString(text)
	case reflect.Bool:
		yes, ok := tree.(bool)
		if text, isText := tree.(string); isText {
			yes, ok = text == "true", text == "true" || text == "false"
		}
		if !ok {
			return mismatch(tree, "true or false", path)
		}
		v.SetBool(yes)
	default:
		number, ok := asNumber(tree)
		if !ok {
			return mismatch(tree, "a number", path)
		}
		if v.CanFloat() {
			v.SetFloat(number)
			return nil
		}
		if number != math.Trunc(number) || v.OverflowInt(int64(number)) {
			return mismatch(tree, "an integer", path)
		}
		v.SetInt(int64(number))
	}
	return nil
}

func asNumber(tree any) (float64, bool) {
	switch tree := tree.(type) {
	case json.Number:
		number, err := tree.Float64()
		return number, err == nil
	case float64:
		return tree, true
	case int64:
		return float64(tree), true
	case string: // in forms and in addresses all are
		number, err := strconv.ParseFloat(tree, 64)
		return number, err == nil
	}
	return 0, false
}

func asTime(tree any) (time.Time, error) {
	if at, ok := tree.(time.Time); ok {
		return at, nil
	}
	if text, ok := tree.(string); ok {
		for _, layout := range []string{time.RFC3339Nano, time.RFC1123, "2006-01-02T15:04:05"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at, nil
			}
		}
	}
	if seconds, ok := asNumber(tree); ok {
		return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%v is no time", tree)
}

func mismatch(tree any, want, path string) error {
	return fmt.Errorf("%s: %.40v is not %s", path, tree, want)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
