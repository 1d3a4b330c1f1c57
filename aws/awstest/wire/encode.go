package wire

import (
	"reflect"
	"strings"
	"time"
)

// Encode makes a tree of an output of the SDK. Members that are not set are left out. Times stay [time.Time] and bytes []byte, for the
// protocol to write. With lower the names of members begin with a small letter, as those of some services do.
func Encode(out any, lower bool) map[string]any {
	tree, _ := encode(reflect.ValueOf(out), lower).(map[string]any)
	if tree == nil {
		tree = map[string]any{}
	}
	return tree
}

func encode(v reflect.Value, lower bool) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return encode(v.Elem(), lower)
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes()
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = encode(v.Index(i), lower)
		}
		return list
	case reflect.Map:
		if v.IsNil() {
			return nil
		}
		// A map's keys are data and keep their case; its values' members do not.
		entries := map[string]any{}
		for key, value := range v.Seq2() {
			entries[key.String()] = encode(value, lower)
		}
		return Map(entries)
	case reflect.Struct:
		if v.Type() == timeType {
			return v.Interface().(time.Time)
		}
		return encodeStruct(v, lower)
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return v.Int()
}

// A Map is a map of the service's model in a tree, which the protocol of forms writes otherwise than a structure.
type Map map[string]any

func encodeStruct(v reflect.Value, lower bool) any {
	members := map[string]any{}
	for field, value := range v.Fields() {
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		// A name of an enumeration that is empty is one that is not set; other strings are pointers in the SDK.
		if value.Kind() == reflect.String && value.Len() == 0 {
			continue
		}
		tree := encode(value, lower)
		if tree == nil {
			continue
		}
		name := field.Name
		if lower {
			name = strings.ToLower(name[:1]) + name[1:]
		}
		members[name] = tree
	}
	return members
}
