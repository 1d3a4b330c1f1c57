package main

import (
	"github.com/urfave/cli/v2"

	"github.com/scones-unlimited/scones/infer/drift"
)

// monitorPageFlags say where pictures of a report go.
func monitorPageFlags() []cli.Flag { return nil }

// writeMonitorPage draws a report where the command line says.
func writeMonitorPage(*cli.Context, *drift.Report, *monitorSample) error { return nil }
