// Package pagetext makes texts from outside fit for a page.
package pagetext

import (
	"strings"
	"unicode/utf8"
)

// Short keeps the end of a long name, where names differ: at most most characters.
func Short(text string, most int) string {
	text = plain(text)
	if utf8.RuneCountInString(text) > most {
		runes := []rune(text)
		return "…" + string(runes[len(runes)-most+1:])
	}
	return text
}

// Printable replaces control characters and cuts what is beyond most characters.
func Printable(text string, most int) string {
	text = plain(text)
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most-1]) + "…"
	}
	return text
}

func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '·'
		}
		return r
	}, text)
}
