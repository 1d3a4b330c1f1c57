package awstest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
)

// nvme is the polynomial of CRC-64/NVME, reversed.
var nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// checksumHashes by the end of the header's name.
var checksumHashes = map[string]func() hash.Hash{
	"Crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"Crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"Crc64nvme": func() hash.Hash { return crc64.New(nvme) },
	"Sha1":      sha1.New,
	"Sha256":    sha256.New,
}

const checksumHeader = "X-Amz-Checksum-"

func checksumOf(name string, data []byte) string {
	h := checksumHashes[name]()
	h.Write(data)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// integrity compares the body with what the request says of it. Where it says nothing S3 keeps a CRC-64 of its own.
func (c *s3Call) integrity() error {
	_, err := c.sums()
	return err
}

func (c *s3Call) sums() (map[string]string, error) {
	if want := c.request.Header.Get("Content-Md5"); want != "" {
		sum := md5.Sum(c.body)
		if base64.StdEncoding.EncodeToString(sum[:]) != want {
			return nil, s3Error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
		}
	}
	sums := map[string]string{}
	for name := range checksumHashes {
		want := c.request.Header.Get(checksumHeader + name)
		if want == "" {
			continue
		}
		if checksumOf(name, c.body) != want {
			return nil, s3Error(400, "BadDigest", "The "+name+" you specified did not match the calculated checksum.")
		}
		sums[name] = want
	}
	if len(sums) > 1 {
		return nil, s3Error(400, "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	if len(sums) == 0 {
		sums["Crc64nvme"] = checksumOf("Crc64nvme", c.body)
	}
	return sums, nil
}

// tell puts checksums into the answer.
func (c *s3Call) tell(sums map[string]string, kind string) {
	for name, sum := range sums {
		c.header.Set(checksumHeader+name, sum)
		if kind != "" {
			c.header.Set("X-Amz-Checksum-Type", kind)
		}
	}
}
