//go:build !unix

package preprocess

// nonBlocking is nothing where a folder holds no pipes.
const nonBlocking = 0
