module github.com/scones-unlimited/scones

go 1.26.0

require (
	// The Lambda side of the three functions: the runtime API, contexts and error names. Apache-2.0, AWS' own, released 2026-09.
	github.com/aws/aws-lambda-go v1.55.1
	// AWS: package aws alone imports these. Apache-2.0, AWS's own, released weekly.
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/aws-sdk-go-v2/config v1.33.18
	github.com/aws/aws-sdk-go-v2/service/applicationautoscaling v1.51.12
	github.com/aws/aws-sdk-go-v2/service/cloudwatch v1.75.7
	github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs v1.92.2
	// The registry that scones image push logs in to.
	github.com/aws/aws-sdk-go-v2/service/ecr v1.67.6
	github.com/aws/aws-sdk-go-v2/service/eventbridge v1.55.11
	github.com/aws/aws-sdk-go-v2/service/iam v1.65.0
	github.com/aws/aws-sdk-go-v2/service/lambda v1.114.4
	github.com/aws/aws-sdk-go-v2/service/s3 v1.114.10
	github.com/aws/aws-sdk-go-v2/service/sagemaker v1.288.1
	github.com/aws/aws-sdk-go-v2/service/sagemakerruntime v1.50.4
	// What scones monitor deploy makes besides: schedule, topic, queue. Apache-2.0, AWS's own, released weekly.
	github.com/aws/aws-sdk-go-v2/service/scheduler v1.18.2
	// Executions of state machines, for scones monitor. Apache-2.0, AWS's own, released weekly.
	github.com/aws/aws-sdk-go-v2/service/sfn v1.41.2
	github.com/aws/aws-sdk-go-v2/service/sns v1.48.0
	github.com/aws/aws-sdk-go-v2/service/sqs v1.53.0
	github.com/aws/aws-sdk-go-v2/service/sts v1.52.0
	// The error types of AWS's SDK. Apache-2.0, AWS's own.
	github.com/aws/smithy-go v1.28.9
	// Drives Chromium in tests of the web page. MIT, released 2026-11, the DevTools protocol in Go without Node.
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	// EXIF orientation, flips, crop and grey. Last release 2019-10, MIT. Unmaintained; CVE-2023-36308 lies in its TIFF path, so its
	// Open and Decode are never called.
	github.com/disintegration/imaging v1.6.2
	// Calls libjpeg-turbo where the system has it, in builds with cgo only. Apache-2.0, released 2026-11, no dependencies, no known
	// vulnerabilities; what Ebitengine runs its games through.
	github.com/ebitengine/purego v0.11.3
	// The lock of a results file, on every system. BSD-3, released 2026-11.
	github.com/gofrs/flock v0.13.2
	// Structural comparison in tests. BSD-3, the Go project's own.
	github.com/google/go-cmp v0.7.0
	// Container images: manifests, archives, registries. Apache-2.0, released 2026-08, Google's own; what ko and crane are made of.
	github.com/google/go-containerregistry v0.22.1
	// Names of capture files and their records. BSD-3, Google's own, released 2024-01, no dependencies, no known vulnerabilities.
	github.com/google/uuid v1.6.0
	// The curve of scones train on a terminal. BSD-3, released 2026-06, no dependencies.
	github.com/guptarohit/asciigraph v0.10.0
	// Inflates PNG at nearly twice the speed of compress/zlib. BSD-3, released 2026-11, pure Go, no dependencies.
	github.com/klauspost/compress v1.20.4
	// Parquet files. Apache-2.0, released monthly, pure Go; a quarter of arrow-go's dependencies.
	github.com/parquet-go/parquet-go v0.32.0
	// The metrics of scones serve. Apache-2.0, released 2026-11, the Prometheus project's own.
	github.com/prometheus/client_golang v1.25.0
	// testscript drives the command in tests as users do. BSD-3, released 2026.
	github.com/rogpeppe/go-internal v1.16.0
	// Progress bars with rate and time left. MIT, released 2026.
	github.com/schollz/progressbar/v3 v3.19.1
	// JSONPath by its standard, RFC 9535, in state machines. MIT, released 2026-11, no dependencies.
	github.com/theory/jsonpath v0.12.3
	// The command line. MIT, v2 is in maintenance with security fixes.
	github.com/urfave/cli/v2 v2.27.7
	// ONNX Runtime. MIT, follows each runtime release; v1.27.0 speaks API 24, so runtime 1.24.4.
	github.com/yalue/onnxruntime_go v1.27.0
	// Traces of scones serve: the request's span, the interface, the exporter and the SDK. Apache-2.0, released monthly, OpenTelemetry's own.
	go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.72.0
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
	// State machine definitions in YAML. MIT and Apache-2.0, the YAML organisation's own, released 2026-10, no dependencies.
	go.yaml.in/yaml/v3 v3.0.6
	// WebP, BMP and TIFF decoders. BSD-3, the Go project's own.
	golang.org/x/image v0.47.0
	// Which vector instructions the processor has, and when a file was changed. BSD-3, the Go project's own.
	golang.org/x/sys v0.50.0
	// Whether a stream is a terminal. BSD-3, the Go project's own.
	golang.org/x/term v0.48.0
	// The rate of calls of scones parity. BSD-3, the Go project's own.
	golang.org/x/time v0.16.0
	// The incomplete beta function, for exact intervals, and the optimiser of scones calibrate. BSD-3, released 2025-12, Gonum's own.
	gonum.org/v1/gonum v0.17.0
	// The plot of scones bench. BSD-3, released 2025-09, Gonum's own.
	gonum.org/v1/plot v0.17.0
	// Wire format of protocol buffers, for ONNX files. BSD-3, the Go project's own.
	google.golang.org/protobuf v1.36.12
)

require (
	codeberg.org/go-fonts/liberation v0.5.0 // indirect
	codeberg.org/go-latex/latex v0.2.0 // indirect
	codeberg.org/go-pdf/fpdf v0.11.1 // indirect
	git.sr.ht/~sbinet/gg v0.7.0 // indirect
	github.com/ajstarks/svgo v0.0.0-20211024235047-1546f124cd8b // indirect
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream v1.7.27 // indirect
	github.com/aws/aws-sdk-go-v2/credentials v1.21.0 // indirect
	github.com/aws/aws-sdk-go-v2/feature/ec2/imds v1.20.9 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/v4a v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/accept-encoding v1.13.25 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/checksum v1.11.13 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/presigned-url v1.14.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/s3shared v1.20.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/signin v1.13.1 // indirect
	github.com/aws/aws-sdk-go-v2/service/sso v1.39.5 // indirect
	github.com/aws/aws-sdk-go-v2/service/ssooidc v1.44.5 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/cpuguy83/go-md2man/v2 v2.0.7 // indirect
	github.com/docker/cli v29.7.2+incompatible // indirect
	github.com/docker/docker-credential-helpers v0.9.3 // indirect
	github.com/felixge/httpsnoop v1.1.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/golang/freetype v0.0.0-20170609003504-e2365dfdc4a0 // indirect
	github.com/grpc-ecosystem/grpc-gateway/v2 v2.30.0 // indirect
	github.com/kylelemons/godebug v1.1.0 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/opencontainers/image-spec v1.1.1 // indirect
	github.com/parquet-go/bitpack v1.0.0 // indirect
	github.com/parquet-go/jsonlite v1.0.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.21 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/sirupsen/logrus v1.9.4 // indirect
	github.com/twpayne/go-geom v1.6.1 // indirect
	github.com/xrash/smetrics v0.0.0-20240521201337-686a1a2994c1 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel/exporters/otlp/otlptrace v1.47.0 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.opentelemetry.io/proto/otlp v1.11.0 // indirect
	golang.org/x/net v0.59.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20260928230214-8a89bd6388cc // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260928230214-8a89bd6388cc // indirect
	google.golang.org/grpc v1.83.2 // indirect
	gotest.tools/v3 v3.5.2 // indirect
)
