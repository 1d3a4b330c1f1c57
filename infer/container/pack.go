package container

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// pack writes the layers, the bill of materials last because it tells the others' files.
func (b *builder) pack(ctx context.Context) error {
	var done, total int64
	for _, p := range b.parts {
		for _, f := range p.files {
			size := int64(len(f.data))
			if f.data == nil && f.from != "" {
				info, err := os.Stat(f.from)
				if err != nil {
					return err
				}
				size = info.Size()
			}
			total += size
		}
	}
	count := func(n int64) {
		done += n
		if b.o.Progress != nil {
			b.o.Progress(done, total)
		}
	}
	for _, p := range b.parts {
		if err := b.packPart(ctx, p, count); err != nil {
			return err
		}
	}
	sbom, err := b.billOfMaterials()
	if err != nil {
		return err
	}
	b.image.SBOM = sbom
	return b.packPart(ctx, part{"sbom", []file{{path: sbomPath, mode: 0o644, data: sbom}}}, func(int64) {})
}

func (b *builder) packPart(ctx context.Context, p part, count func(int64)) error {
	l, contents, err := packLayer(ctx, b.image.temp, p.name, p.files, b.o.Created, count)
	if err != nil {
		return fmt.Errorf("layer %q: %w", p.name, err)
	}
	b.layers = append(b.layers, l)
	b.image.Layers = append(b.image.Layers, Layer{l.name, l.digest.String(), l.size})
	b.image.Contents = append(b.image.Contents, contents...)
	return nil
}

// absolute is a path as a [disk] of / reads it.
func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return filepath.ToSlash(abs)
	}
	return name
}
