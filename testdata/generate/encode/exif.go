package encode

// Orientation returns the smallest EXIF block that holds an orientation (1 to 8): a TIFF header and one
// directory with one entry. Little or big endian, both of which cameras write.
func Orientation(o int, little bool) []byte {
	var b tiffBuilder
	b.little = little
	b.header()
	b.directory([]field{{tagOrientation, shortType, []uint32{uint32(o)}}})
	return b.data
}
