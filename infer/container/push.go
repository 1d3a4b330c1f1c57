package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// PushOptions say where images go.
type PushOptions struct {
	// Reference is REGISTRY/REPOSITORY or REGISTRY/REPOSITORY:TAG. Without a tag it is the begin of the digest, so that no image takes
	// another's name.
	Reference string
	Format    Format
	// User and Password of the registry; without them Docker's own settings are asked.
	User, Password string
	// Insecure lets a registry be without TLS. One of this machine may be in any case.
	Insecure bool
	// Progress is told how many bytes were sent of how many; it may be nil.
	Progress func(done, total int64)
}

// Pushed is what a registry has now.
type Pushed struct {
	// Reference with the digest names the image for ever, Tag by its tag.
	Reference string `json:"reference"`
	Tag       string `json:"tag"`
	Digest    string `json:"digest"`
	// Layers of all images, and those that the registry had before.
	Layers  int `json:"layers"`
	Skipped int `json:"layers_skipped"`
	// Sent is the number of bytes of layers and configurations that were sent.
	Sent int64 `json:"bytes_sent"`
	// SBOMs are references of the bills of materials, one an architecture.
	SBOMs []string `json:"sboms,omitempty"`
}

// Push sends images to a registry, one or an index of several, and attaches their bills of materials as referrers. Layers that the
// registry has are not sent. A push that was broken off goes on where it was, when it is begun again.
func Push(ctx context.Context, o PushOptions, images ...*Image) (Pushed, error) {
	var done Pushed
	repository, tag, err := parseTarget(o)
	if err != nil {
		return done, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	transport := newTransport(cancel)
	defer transport.close()
	options := []remote.Option{remote.WithContext(ctx), remote.WithTransport(transport), remote.WithUserAgent("scones")}
	if o.User != "" {
		options = append(options, remote.WithAuth(&authn.Basic{Username: o.User, Password: o.Password}))
	} else {
		options = append(options, remote.WithAuthFromKeychain(authn.DefaultKeychain))
	}
	if err := push(repository, tag, o, images, options, &done); err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause
		}
		return done, fmt.Errorf("push to %s: %w", repository, err)
	}
	done.Sent = transport.sent.Load()
	for _, image := range images {
		layers, err := image.manifests[o.Format].Layers()
		if err != nil {
			return done, err
		}
		for _, l := range layers {
			digest, err := l.Digest()
			if err != nil {
				return done, err
			}
			done.Layers++
			if _, sent := transport.stored.Load(digest.String()); !sent {
				done.Skipped++
			}
		}
	}
	return done, nil
}

// parseTarget splits a reference into its repository and its tag, which may be empty.
func parseTarget(o PushOptions) (name.Repository, string, error) {
	reference, tag := o.Reference, ""
	if at := strings.LastIndexByte(reference, ':'); at > strings.LastIndexByte(reference, '/') {
		reference, tag = reference[:at], reference[at+1:]
	}
	var options []name.Option
	if o.Insecure {
		options = append(options, name.Insecure)
	}
	repository, err := name.NewRepository(reference, append(options, name.StrictValidation)...)
	if err == nil && tag != "" {
		_, err = name.NewTag(o.Reference, options...)
	}
	if err != nil {
		return repository, "", &inputError{fmt.Sprintf("%q is no repository: %v", o.Reference, err), "such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/scones"}
	}
	return repository, tag, nil
}

// tagDigits of a digest are enough to tell a repository's images apart.
const tagDigits = 12

// push sends the images, the index of several, and the bills of materials.
func push(repository name.Repository, tag string, o PushOptions, images []*Image, options []remote.Option, done *Pushed) error {
	top := remote.Taggable(images[0].manifests[o.Format])
	if len(images) > 1 {
		index, err := newIndex(o.Format, images)
		if err != nil {
			return err
		}
		top = index
	}
	digest, err := top.(interface{ Digest() (v1.Hash, error) }).Digest()
	if err != nil {
		return err
	}
	if tag == "" {
		tag = digest.Hex[:tagDigits]
	}
	updates := make(chan v1.Update, 64)
	reported := make(chan struct{})
	go func() {
		defer close(reported)
		for u := range updates {
			if o.Progress != nil && u.Error == nil {
				o.Progress(u.Complete, u.Total)
			}
		}
	}()
	withProgress := append(options[:len(options):len(options)], remote.WithProgress(updates))
	to := repository.Tag(tag)
	if len(images) > 1 {
		err = remote.WriteIndex(to, top.(v1.ImageIndex), withProgress...)
	} else {
		err = remote.Write(to, top.(v1.Image), withProgress...)
	}
	<-reported
	if err != nil {
		return err
	}
	done.Tag, done.Digest, done.Reference = to.String(), digest.String(), repository.Digest(digest.String()).String()
	for _, image := range images {
		bill, err := attachSBOM(repository, image, o.Format, options)
		if err != nil {
			return fmt.Errorf("attach the bill of materials: %w", err)
		}
		if bill != "" {
			done.SBOMs = append(done.SBOMs, bill)
		}
	}
	return nil
}
