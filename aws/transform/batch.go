// Package transform has SageMaker's Batch Transform answer for pictures in S3.
//
// A [Batch] is a prefix of pictures, a prefix for the answers, and what is there already: S3 itself is the state, so a batch that was
// interrupted, on either side, is gone on with by asking again for what has no answer yet. [Open] surveys it, [Batch.Start] makes a job of the
// rest, [Batch.Watch] follows it, [Batch.Answers] reads all that was answered.
package transform

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"

	"github.com/scones-unlimited/scones/aws"
	"github.com/scones-unlimited/scones/aws/workflow"
)

// Options of [Open].
type Options struct {
	// In and Out are s3://bucket/prefix of the pictures and of the answers.
	In, Out string
	// Model is SageMaker's name of the model.
	Model string
	// Name of the deployment, which begins the names of jobs.
	Name string
	// IsPicture tells a picture by its key; nil takes everything.
	IsPicture func(key string) bool
	// Overwrite asks again for what has an answer.
	Overwrite bool
}

// A Batch is pictures in S3 with their answers. Its methods are not safe for concurrent use.
type Batch struct {
	// Pictures in the order of their keys.
	Pictures []Picture
	// Skipped counts what lies beside the pictures and is none.
	Skipped int

	o         Options
	in, out   place
	config    *aws.Config
	store     *aws.Store
	sagemaker *sagemaker.Client
	logs      *cloudwatchlogs.Client
}

// A Picture is an object to be answered for.
type Picture struct {
	Key   string
	Bytes int64
	// Answer is the key of its answer; empty where there is none yet.
	Answer string

	below    string // the key below the prefix
	modified time.Time
}

// place is a bucket and a prefix that is empty or ends with a slash.
type place struct{ bucket, prefix string }

func parsePlace(uri string) (place, error) {
	bucket, prefix, ok := aws.ParseS3(uri)
	if !ok {
		return place{}, fmt.Errorf("%q is no s3://BUCKET/PREFIX", uri)
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return place{bucket, prefix}, nil
}

func (p place) uri() string { return "s3://" + p.bucket + "/" + p.prefix }

// ErrOtherBatch is wrapped when the answers' prefix has those of another model or of other pictures.
var ErrOtherBatch = errors.New("the answers there are of another batch")

// ErrNoPictures is wrapped when there is nothing to answer for.
var ErrNoPictures = errors.New("there are no pictures")

// state says whose answers a prefix has. It lies beside them.
type state struct {
	Version int    `json:"version"`
	In      string `json:"in"`
	Model   string `json:"model"`
}

// own is where this package keeps what is its own below the answers' prefix.
const own = "_scones/"

// Open lists pictures and answers. Errors wrap [ErrOtherBatch] or [ErrNoPictures], or say what S3 said.
func Open(ctx context.Context, c *aws.Config, o Options) (*Batch, error) {
	b := &Batch{o: o, config: c, store: aws.NewStore(c), sagemaker: sagemaker.NewFromConfig(c.SDK()), logs: cloudwatchlogs.NewFromConfig(c.SDK())}
	var err error
	if b.in, err = parsePlace(o.In); err != nil {
		return nil, err
	}
	if b.out, err = parsePlace(o.Out); err != nil {
		return nil, err
	}
	if b.in.bucket == b.out.bucket && strings.HasPrefix(b.out.prefix, b.in.prefix) {
		return nil, fmt.Errorf("the answers would lie among the pictures: %s is below %s", b.out.uri(), b.in.uri())
	}
	for object, err := range aws.List(ctx, c, b.in.uri()) {
		if err != nil {
			return nil, err
		}
		below := strings.TrimPrefix(object.Key.Key, b.in.prefix)
		if strings.HasSuffix(below, "/") || o.IsPicture != nil && !o.IsPicture(below) {
			b.Skipped++
			continue
		}
		b.Pictures = append(b.Pictures, Picture{Key: object.Key.Key, Bytes: object.Bytes, below: below, modified: object.Modified})
	}
	if len(b.Pictures) == 0 {
		return nil, fmt.Errorf("%s: %w", b.in.uri(), ErrNoPictures)
	}
	if o.Overwrite {
		return b, nil
	}
	if err := b.sameBatch(ctx); err != nil {
		return nil, err
	}
	return b, b.Refresh(ctx)
}

// stateKey is where the state lies.
func (b *Batch) stateKey() aws.Key {
	return aws.Key{Bucket: b.out.bucket, Key: b.out.prefix + own + "batch.json"}
}

// maxState bounds the state's file.
const maxState = 64 << 10

// sameBatch compares the state that lies beside the answers.
func (b *Batch) sameBatch(ctx context.Context) error {
	key := b.stateKey()
	data, _, err := b.store.Get(ctx, workflow.Reference{Bucket: key.Bucket, Key: key.Key}, maxState)
	if workflow.ErrorName(err) == workflow.ObjectNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	var had state
	if err := json.Unmarshal(data, &had); err != nil {
		return fmt.Errorf("read %s: %w", key, err)
	}
	if had.In != b.in.uri() || had.Model != b.o.Model {
		return fmt.Errorf("%s: %w: model %s, pictures %s", b.out.uri(), ErrOtherBatch, had.Model, had.In)
	}
	return nil
}

// Refresh looks again which pictures have an answer that is not older than they are.
func (b *Batch) Refresh(ctx context.Context) error {
	there := map[string]time.Time{}
	for object, err := range aws.List(ctx, b.config, b.out.uri()) {
		if err != nil {
			return err
		}
		if strings.HasSuffix(object.Key.Key, answerSuffix) {
			there[strings.TrimPrefix(object.Key.Key, b.out.prefix)] = object.Modified
		}
	}
	for i := range b.Pictures {
		p := &b.Pictures[i]
		p.Answer = ""
		for _, name := range b.answerNames(p) {
			if at, ok := there[name]; ok && !at.Before(p.modified) {
				p.Answer = b.out.prefix + name
				break
			}
		}
	}
	return nil
}

// answerSuffix is what Batch Transform appends.
const answerSuffix = ".out"

// answerNames are the names that a picture's answer may have below the answers' prefix: the key below the prefix of the pictures, as
// Batch Transform is seen to do, and the prefix's last folder before it, as its reference says in an example.
func (b *Batch) answerNames(p *Picture) []string {
	names := []string{p.below + answerSuffix}
	if folder := strings.TrimSuffix(b.in.prefix, "/"); folder != "" {
		names = append(names, folder[strings.LastIndexByte(folder, '/')+1:]+"/"+p.below+answerSuffix)
	}
	return names
}

// Waiting are the pictures without an answer that can be sent; a picture beyond [MaxPayloadMB] cannot.
func (b *Batch) Waiting() (all []*Picture) {
	for i := range b.Pictures {
		if p := &b.Pictures[i]; p.Answer == "" && p.Bytes <= MaxPayloadMB<<20 {
			all = append(all, p)
		}
	}
	return all
}

// hash tells batches of a deployment apart in the names of jobs.
func (b *Batch) hash() string {
	sum := sha256.Sum256([]byte(b.in.uri() + "\n" + b.out.uri() + "\n" + b.o.Model))
	return fmt.Sprintf("%x", sum[:4])
}
