package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/container"
)

func imageCommand() *cli.Command {
	return &cli.Command{
		Name:  "image",
		Usage: "make a container image that serves a model, without Docker",
		Description: "The image holds this program, ONNX Runtime, the C libraries that both need, certificates, a model and a bill of materials\n" +
			"(SPDX). It runs as SageMaker wants, as an ordinary user, and the same input gives the same digest.\n\n" +
			"Examples:\n  scones image build -o image.tar --model model.onnx\n  scones image push scones --model model.onnx",
		Subcommands: []*cli.Command{
			{
				Name:  "build",
				Usage: "write the image to a file that docker load, podman load, skopeo and umoci read",
				Description: "Without --base the C libraries are this machine's; the table says from which packages. --base takes a registry's image,\n" +
					"an OCI layout or an archive instead, and checks that it has what the program needs.\n\n" +
					"Examples:\n  scones image build -o image.tar\n" +
					"  scones image build -o image.tar --base gcr.io/distroless/cc-debian13:nonroot --arch both --binary arm64=scones-arm64",
				Flags: slices.Concat([]cli.Flag{
					&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the image to `FILE`"},
					&cli.StringFlag{Name: "name", Value: container.DefaultName, Usage: "docker load calls the image `NAME:TAG`"},
					manifestFlag(container.OCI),
					&cli.StringFlag{Name: "sbom", Usage: "write the bill of materials to `FILE` too; with --arch both a file for each, FILE-amd64 and FILE-arm64"},
				}, imageFlags()),
				Action: buildImage,
			},
			{
				Name:      "push",
				Usage:     "send the image to a registry, layer by layer, and leave out what is there",
				ArgsUsage: "REPOSITORY[:TAG]",
				Description: "A bare name is a repository of your account's registry (ECR), which is made when it is not there; anything with a host in\n" +
					"front is that registry's, opened as Docker's settings say. Without a tag the image is tagged by its digest. The manifest is\n" +
					"Docker's, because SageMaker refuses OCI's; the bill of materials is attached as a referrer.\n\n" +
					"Examples:\n  scones image push scones --model model.onnx\n  scones image push localhost:5000/scones:v1 --image image.tar",
				Flags: slices.Concat([]cli.Flag{
					&cli.StringFlag{Name: "image", Usage: "send the image in `FILE`, which scones image build wrote, instead of building one"},
					manifestFlag(container.Docker),
					&cli.StringFlag{Name: "registry", Usage: "your account's registry answers at `HOST[:PORT]`, not at its usual address"},
					&cli.BoolFlag{Name: "insecure", Usage: "let registries be without TLS"},
				}, accountFlags(), imageFlags()),
				Action: pushImage,
			},
		},
	}
}

func manifestFlag(value container.Format) cli.Flag {
	return &cli.StringFlag{Name: "manifest", Value: string(value), Usage: "write the manifest as `FORM` oci, or docker, which SageMaker takes"}
}

// imageFlags say what goes into an image.
func imageFlags() []cli.Flag {
	return slices.Concat([]cli.Flag{
		&cli.StringFlag{Name: "arch", DefaultText: "this machine's", Usage: "build for `ARCH` amd64, arm64 or both"},
		&cli.StringFlag{Name: "base", Usage: "build on the image `REF`, or on one in a file or folder", DefaultText: "none, this machine's C libraries"},
		&cli.StringSliceFlag{Name: "binary", Usage: "take the program from `[ARCH=]FILE` (default: this one); may be repeated"},
		&cli.StringSliceFlag{Name: "onnxruntime", Usage: "take ONNX Runtime's library from `[ARCH=]FILE` (default: find it, or install it); may be repeated"},
		&cli.StringSliceFlag{Name: "sysroot", Usage: "take the C libraries from the folder `[ARCH=]DIR` (default: /); may be repeated"},
		&cli.StringFlag{Name: "ca", Usage: "the container trusts the authorities in the PEM `FILE` (default: this machine's)"},
		&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
	}, modelFlags(), recipeFlags())
}
