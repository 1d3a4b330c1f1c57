package preprocess

import "encoding/binary"

// tagOrientation is the tag of a picture's orientation, the same number in TIFF 6.0 (section 8) and in EXIF.
const tagOrientation = 274

// exifOrientation returns the orientation (1 to 8) in the first directory of an EXIF block, which is a TIFF header and its
// directory, with or without "Exif\0\0" before it. Whatever is absent, out of range or out of bounds gives 1, upright: metadata
// never makes a picture unreadable.
func exifOrientation(block []byte) int {
	const prefix = "Exif\x00\x00"
	for len(block) >= len(prefix) && string(block[:len(prefix)]) == prefix {
		block = block[len(prefix):]
	}
	order, ok := tiffByteOrder(block)
	if !ok {
		return 1
	}
	return directoryOrientation(block, order)
}

// tiffByteOrder reads the first four bytes of a TIFF file.
func tiffByteOrder(data []byte) (binary.ByteOrder, bool) {
	if len(data) < 8 {
		return nil, false
	}
	switch string(data[:4]) {
	case "II*\x00":
		return binary.LittleEndian, true
	case "MM\x00*":
		return binary.BigEndian, true
	}
	return nil, false
}

// directoryOrientation looks through the first directory of a TIFF file, whose byte order is known.
func directoryOrientation(data []byte, order binary.ByteOrder) int {
	for entry := range directory(data, order) {
		if order.Uint16(entry) != tagOrientation {
			continue
		}
		if order.Uint32(entry[4:]) != 1 { // number of values
			return 1
		}
		value := 0
		switch order.Uint16(entry[2:]) { // type of value
		case 1: // BYTE
			value = int(entry[8])
		case 3: // SHORT
			value = int(order.Uint16(entry[8:]))
		case 4: // LONG
			value = int(min(order.Uint32(entry[8:]), 9))
		}
		if value < 1 || value > 8 {
			return 1
		}
		return value
	}
	return 1
}

// directory yields the 12-byte entries of the first directory of a TIFF file, as far as they lie inside the data.
func directory(data []byte, order binary.ByteOrder) func(yield func(entry []byte) bool) {
	return func(yield func([]byte) bool) {
		offset := uint64(order.Uint32(data[4:]))
		if offset+2 > uint64(len(data)) {
			return
		}
		count := int(order.Uint16(data[offset:]))
		entries := data[offset+2:]
		for range count {
			if len(entries) < 12 || !yield(entries[:12]) {
				return
			}
			entries = entries[12:]
		}
	}
}
