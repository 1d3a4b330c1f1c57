// Package tokenizers stands in for github.com/daulet/tokenizers, which links a Rust library that is in no package registry. hugot
// needs it for text alone; here it has the names that hugot uses, so that hugot links and classifies pictures. It tokenizes nothing.
package tokenizers

import "errors"

var errAbsent = errors.New("the text tokenizer is not built in")

// Tokenizer cannot be made here.
type Tokenizer struct{}

// Offset is a range of a text.
type Offset [2]uint

// Encoding is a tokenized text.
type Encoding struct {
	IDs, TypeIDs, SpecialTokensMask, AttentionMask []uint32
	Tokens                                         []string
	Offsets                                        []Offset
}

// TokenizerOption and EncodeOption choose nothing here.
type (
	TokenizerOption func()
	EncodeOption    func()
)

// FromBytes always fails.
func FromBytes([]byte, ...TokenizerOption) (*Tokenizer, error) { return nil, errAbsent }

// Close does nothing.
func (*Tokenizer) Close() error { return nil }

// EncodeWithOptions returns an empty encoding; there is no Tokenizer to call it on.
func (*Tokenizer) EncodeWithOptions(string, bool, ...EncodeOption) Encoding { return Encoding{} }

// Decode returns nothing.
func (*Tokenizer) Decode([]uint32, bool) string { return "" }

// WithReturnTokens and the other options choose nothing here.
func WithReturnTokens() EncodeOption { return func() {} }

// WithReturnTypeIDs chooses nothing here.
func WithReturnTypeIDs() EncodeOption { return func() {} }

// WithReturnAttentionMask chooses nothing here.
func WithReturnAttentionMask() EncodeOption { return func() {} }

// WithReturnSpecialTokensMask chooses nothing here.
func WithReturnSpecialTokensMask() EncodeOption { return func() {} }

// WithReturnOffsets chooses nothing here.
func WithReturnOffsets() EncodeOption { return func() {} }
