package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/serve"
	"github.com/scones-unlimited/scones/preprocess"
)

// serveOptions is a serve command line.
type serveOptions struct {
	models []modelRef
	listen listenOptions
	server serve.Options
	limits preprocess.Limits
	device infer.Device
}

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "answer over HTTP as a SageMaker endpoint, a SageMaker container and an Open Inference Protocol server do",
		Description: "Point boto3, the AWS CLI or an SDK at it with AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=http://127.0.0.1:8080; any credentials do.\n" +
			"In a SageMaker container no flag is needed. SIGTERM stops it without losing a request, a second one at once.\n\n" +
			"Examples:\n  scones serve\n  scones serve --model model.onnx --endpoint-name scones-prod\n" +
			"  curl --data-binary @bike.png -H 'Content-Type: image/png' http://127.0.0.1:8080/invocations",
		Flags: slices.Concat(serveFlags(), captureFlags(), servedModelFlags(), recipeFlags(), runtimeFlags()),
		Action: func(c *cli.Context) error {
			o, err := serveFromFlags(c)
			if err != nil {
				return err
			}
			return runServe(c, o)
		},
	}
}

func serveFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "addr", DefaultText: defaultAddr, Usage: "listen on `HOST:PORT`"},
		&cli.StringFlag{Name: "endpoint-name", Value: serve.DefaultEndpoint, Usage: "the endpoint is called `NAME` in the Runtime API"},
		&cli.StringFlag{Name: "max-payload", Value: "6MiB", Usage: "largest body, a `SIZE` such as 6MiB"},
		&cli.DurationFlag{Name: "watch", Value: 2 * time.Second, Usage: "look every `TIME` whether a model's files changed, and replace the model; 0 only on SIGHUP"},
		&cli.Float64Flag{Name: "threshold", Value: serve.DefaultThreshold, Usage: "the page lets answers pass from `SCORE` on, 0 to 1"},
		&cli.StringFlag{Name: "memory", Usage: "let models take about `SIZE` together: all but the first are loaded when asked for, and the least used go"},
		&cli.StringFlag{Name: "model-store", Usage: "load models below `DIR` by SageMaker's POST /models", DefaultText: "/opt/ml/models in a multi-model container"},
		&cli.IntFlag{Name: "max-batch", Aliases: []string{"batch"}, DefaultText: "chosen, scones bench says why", Usage: "give the runtime at most `N` pictures at once, 1 to 1024"},
		&cli.DurationFlag{Name: "max-delay", Usage: "let a free worker wait `TIME` for a batch to fill (default: not at all)"},
		&cli.IntFlag{Name: "queue", Value: serve.DefaultQueue, Usage: "let `N` requests in at once; more are refused"},
		&cli.StringFlag{Name: "queue-bytes", Value: "256MiB", Usage: "let bodies of `SIZE` in at once"},
		&cli.DurationFlag{Name: "timeout", Value: serve.DefaultTimeout, Usage: "give up a request after `TIME`"},
		&cli.DurationFlag{Name: "drain", Value: serve.DefaultDrain, Usage: "after SIGTERM finish what is in within `TIME`"},
		&cli.DurationFlag{Name: "drain-delay", Usage: "after SIGTERM let requests in for `TIME` more, not ready any longer"},
		&cli.IntFlag{Name: "connections", Value: serve.DefaultConnections, Usage: "keep at most `N` connections open"},
		&cli.StringFlag{Name: "token", Usage: "demand the token in `FILE`"},
		&cli.StringFlag{Name: "verify-sigv4", Usage: "demand Runtime API requests signed with a key pair of `FILE`, which is like ~/.aws/credentials"},
		&cli.StringFlag{Name: "tls-cert", Usage: "serve HTTPS with the certificate in `FILE`"},
		&cli.StringFlag{Name: "tls-key", Usage: "and its key in `FILE`"},
		&cli.BoolFlag{Name: "insecure", Usage: "listen on other addresses than this machine's own without token and TLS"},
		&cli.StringSliceFlag{Name: "host", Usage: "also answer to the `NAME` in a Host header; may be repeated"},
		&cli.StringFlag{Name: "metrics-addr", Usage: "also give metrics and health on `HOST:PORT`"},
		&cli.StringFlag{Name: "log", Value: "text", Usage: "one line a request on standard error: `FORM` text, json or off"},
		&cli.BoolFlag{Name: "emf", Usage: "write SageMaker's endpoint metrics to standard output, in CloudWatch's embedded metric format"},
		&cli.IntFlag{Name: "workers", Usage: "score `N` batches side by side, 1 to 1024", DefaultText: "one a core"},
		&cli.IntFlag{Name: "call-threads", Usage: "let `N` threads work inside one call of the runtime, 1 to 1024", DefaultText: "1"},
		&cli.Int64Flag{Name: "max-pixels", Value: preprocess.DefaultMaxPixels, Usage: "largest width × height that is decoded"},
	}
}

// serveFromFlags checks everything that can be wrong before anything is loaded.
func serveFromFlags(c *cli.Context) (*serveOptions, error) {
	o := &serveOptions{
		server: serve.Options{
			Endpoint: c.String("endpoint-name"), MaxDelay: c.Duration("max-delay"), Queue: c.Int("queue"), Timeout: c.Duration("timeout"),
			Drain: c.Duration("drain"), DrainDelay: c.Duration("drain-delay"), Connections: c.Int("connections"),
			Version: buildInfo().version,
		},
		limits: preprocess.Limits{MaxPixels: c.Int64("max-pixels")},
	}
	if c.Args().Present() {
		return nil, &usageError{fmt.Sprintf("serve takes no argument, got %q", c.Args().First()), "name a model with --model"}
	}
	if c.Bool("emf") {
		o.server.EMF = c.App.Writer
	}
	if err := checkPlanFlags(c); err != nil {
		return nil, err
	}
	for name, least := range map[string]int64{"queue": 1, "connections": 1, "max-pixels": 1} {
		if n := c.Int64(name); n < least {
			return nil, &usageError{fmt.Sprintf("--%s %d: must be %d or more", name, n, least), ""}
		}
	}
	for name, least := range map[string]time.Duration{"timeout": time.Millisecond, "drain": time.Millisecond, "max-delay": 0, "drain-delay": 0, "watch": 0} {
		if d := c.Duration(name); d < least || d > time.Hour {
			return nil, &usageError{fmt.Sprintf("--%s %v: must be %v to 1h", name, d, least), ""}
		}
	}
	var err error
	for name, to := range map[string]*int64{"max-payload": &o.server.MaxPayload, "queue-bytes": &o.server.QueueBytes} {
		if *to, err = parseBytes(c.String(name)); err != nil {
			return nil, &usageError{fmt.Sprintf("--%s: %v", name, err), ""}
		}
	}
	inside := inContainer()
	if n := batchPayload(); inside && n > 0 && !c.IsSet("max-payload") {
		o.server.MaxPayload = n
	}
	if o.server.QueueBytes < o.server.MaxPayload {
		return nil, &usageError{"--queue-bytes is smaller than --max-payload, so that no large body could ever come in", ""}
	}
	if o.device, err = infer.ParseDevice(c.String("device")); err != nil {
		return nil, &usageError{"--device: " + err.Error(), ""}
	}
	if o.server.Log, err = accessLog(c); err != nil {
		return nil, err
	}
	if o.server.Capture, err = captureFromFlags(c); err != nil {
		return nil, err
	}
	if o.server.Threshold = c.Float64("threshold"); !(o.server.Threshold > 0 && o.server.Threshold <= 1) {
		return nil, &usageError{fmt.Sprintf("--threshold %v: must be above 0 and at most 1", o.server.Threshold), ""}
	}
	if c.IsSet("memory") {
		if o.server.Memory, err = parseBytes(c.String("memory")); err != nil {
			return nil, &usageError{fmt.Sprintf("--memory: %v", err), ""}
		}
	}
	if o.models, err = modelRefs(c, inside); err != nil {
		return nil, err
	}
	return o, o.secure(c, inside)
}

// accessLog is the logger of --log.
func accessLog(c *cli.Context) (*slog.Logger, error) {
	switch form := c.String("log"); form {
	case "text":
		return slog.New(slog.NewTextHandler(c.App.ErrWriter, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(c.App.ErrWriter, nil)), nil
	case "off":
		return slog.New(slog.DiscardHandler), nil
	default:
		return nil, &usageError{fmt.Sprintf("--log %q: must be text, json or off", form), ""}
	}
}

// runServe listens, loads the models meanwhile, and answers until it is told to stop.
func runServe(c *cli.Context, o *serveOptions) error {
	tracer, flush, err := openTracer(c.Context)
	if err != nil {
		return err
	}
	defer flush()
	o.server.Tracer = tracer
	shop := newModelShop(c, o)
	if dir := modelStore(c); dir != "" {
		o.server.Store = shop.store(dir)
	}
	closeSpool, err := shipCaptures(c, o.server.Capture, o.server.Endpoint)
	if err != nil {
		return err
	}
	defer closeSpool()
	server, err := serve.New(o.server)
	if err != nil {
		if errors.Is(err, serve.ErrName) {
			return &usageError{"--endpoint-name: " + err.Error(), ""}
		}
		return err
	}
	main, probes, err := o.listen.open(c.Context)
	if err != nil {
		return err
	}
	defer endAtSecondSignal()()
	// Go's threads that wait for the runtime's calls must not keep the others from answering.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + shop.cores)
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, main, probes) }()
	if err := offerModels(c, o, server, shop); err != nil {
		cancel()
		<-done
		if errors.Is(err, context.Canceled) && c.Context.Err() != nil {
			return nil // told to stop while it was loading
		}
		return err
	}
	reloadOnSignal(ctx, server)
	if every := c.Duration("watch"); every > 0 {
		go server.Watch(ctx, every)
	}
	fmt.Fprintf(c.App.ErrWriter, "scones: ready on %s, endpoint %q\n", o.listen.url(main), o.server.Endpoint)
	return <-done
}

// endAtSecondSignal ends the process when it is told to stop twice. As the first process of a container it would otherwise not: the
// kernel keeps signals without a handler from it.
func endAtSecondSignal() (stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range 2 {
			if _, open := <-signals; !open {
				return
			}
		}
		os.Exit(exitInterrupted)
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
	}
}
