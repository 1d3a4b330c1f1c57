package aws

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// sums are a file's checksums as S3 has them: of the whole, or of parts, whose sums are then summed.
type sums struct {
	etag   string // MD5 in hexadecimal digits; of parts, the MD5 of their MD5s and their number
	sha256 string // likewise, in base64
	part   int64  // bytes of a part; 0 for a whole
	parts  []partSums
}

// partSums are those of a part.
type partSums struct {
	etag, sha256 string
	bytes        int64
}

// maxParts of an object, S3's limit.
const maxParts = 10_000

// minParts is the number of parts from which a file is sent in parts.
const minParts = 4

// partBytes is the size of a file's parts, or 0 for one that is sent whole. It depends on the file's size alone, so that the sums of parts
// can be compared with those of an earlier run.
func (o *SyncOptions) partBytes(size int64) int64 {
	if size < minParts*o.PartBytes {
		return 0
	}
	part := o.PartBytes
	for size > part*maxParts {
		part *= 2
	}
	return part
}

// sumsOf reads a file.
func (s *Sync) sumsOf(ctx context.Context, file string, size int64) (*sums, error) {
	f, err := s.root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := &sums{part: s.o.partBytes(size)}
	each := out.part
	if each == 0 {
		each = size
	}
	allMD5, allSHA := md5.New(), sha256.New()
	for left := size; left > 0 || len(out.parts) == 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(left, each)
		m, h := md5.New(), sha256.New()
		copied, err := io.CopyN(io.MultiWriter(m, h), f, n)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = fmt.Errorf("read %q: it became shorter", file)
			}
			return nil, err
		}
		mSum, hSum := m.Sum(nil), h.Sum(nil)
		allMD5.Write(mSum)
		allSHA.Write(hSum)
		out.parts = append(out.parts, partSums{hex.EncodeToString(mSum), base64.StdEncoding.EncodeToString(hSum), copied})
		left -= copied
	}
	out.etag, out.sha256 = out.parts[0].etag, out.parts[0].sha256
	if out.part > 0 {
		out.etag = fmt.Sprintf("%x-%d", allMD5.Sum(nil), len(out.parts))
		out.sha256 = fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(allSHA.Sum(nil)), len(out.parts))
	}
	return out, nil
}

// against compares a file with the object of its key. Where the ETag is no MD5, as with encryption by KMS, or is of other parts, S3 is
// asked for the SHA-256 that it keeps.
func (s *Sync) against(ctx context.Context, change *SyncChange, there object) (SyncAction, error) {
	switch {
	case there.bytes != change.Bytes:
		return SyncUpdate, nil
	case there.etag == change.sums.etag:
		return SyncKeep, nil
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.Bucket, Key: &change.Key, ChecksumMode: types.ChecksumModeEnabled})
	switch {
	case isMissing(err):
		return SyncCreate, nil // deleted meanwhile
	case err != nil:
		return "", fmt.Errorf("%q: %w", change.Key, plain(err))
	}
	if sum := awssdk.ToString(head.ChecksumSHA256); sum == change.sums.sha256 || !strings.Contains(sum, "-") && sum == change.sums.whole() {
		return SyncKeep, nil
	}
	return SyncUpdate, nil
}

// whole is the SHA-256 of a file that is not in parts; empty for one that is.
func (s *sums) whole() string {
	if s.part > 0 {
		return ""
	}
	return s.sha256
}

func isMissing(err error) bool {
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	return ok && response.HTTPStatusCode() == http.StatusNotFound
}
