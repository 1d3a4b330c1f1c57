package main

import "slices"

// fixture is one good file: its name, which begins with the label and goes on with the trait that only
// this file has, what it shows, and how it is stored.
type fixture struct {
	name   string
	shot   shot
	encode encoder
}

// fixtures lists all good files, each named once.
func fixtures() []fixture {
	return slices.Concat(pngFixtures(), jpegFixtures(), exifFixtures(), otherFixtures(), tiffFixtures())
}
