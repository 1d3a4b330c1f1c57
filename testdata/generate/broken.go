package main
func broken(yield func(name string, data []byte) error) error { return nil }
