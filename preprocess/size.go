package preprocess

// Size reads a picture's width and height in pixels, before EXIF orientation, from its header. Nothing is decoded. Errors are
// [*ImageError].
func Size(data []byte) (width, height int, err error) {
	src, _, err := openSource(data, Limits{})
	if err != nil {
		return 0, 0, err
	}
	h := src.header()
	return h.width, h.height, nil
}
