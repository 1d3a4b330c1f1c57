package stack

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// A Shift is how traffic moves to a new fleet. The zero value moves it all at once.
type Shift struct {
	// Percent of the capacity that gets traffic first: the canary, or each step of a linear shift.
	Percent int32
	// Wait is how long each step bakes before the next.
	Wait time.Duration
	// Linear goes on in steps of Percent; else everything follows the canary.
	Linear bool
}

// The limits of a shift, as SageMaker's API reference of TrafficRoutingConfig gives them.
const (
	maxCanary = 50
	minLinear = 10
	maxWait   = time.Hour
)

// terminationWait is how long the old fleet stays when all traffic has left it, so that late alarms can still roll back.
const terminationWait = 2 * time.Minute

// ParseShift reads "10%/5m": a percentage and how long it bakes.
func ParseShift(text string, linear bool) (Shift, error) {
	problem := func(what string) (Shift, error) {
		return Shift{}, fmt.Errorf("%q: %s", text, what)
	}
	percent, wait, ok := strings.Cut(text, "/")
	digits, isPercent := strings.CutSuffix(percent, "%")
	n, err := strconv.Atoi(digits)
	if !ok || !isPercent || err != nil {
		return problem("want a percentage and a time, such as 10%/5m")
	}
	d, err := time.ParseDuration(wait)
	switch {
	case err != nil || d != d.Truncate(time.Second):
		return problem("want a time in whole seconds behind the slash, such as 5m")
	case d < 0 || d > maxWait:
		return problem("the time must be 0 to 1h")
	case linear && (n < minLinear || n > maxCanary):
		return problem("steps must be 10% to 50%")
	case !linear && (n < 1 || n > maxCanary):
		return problem("a canary must be 1% to 50%")
	}
	return Shift{int32(n), d, linear}, nil
}

// String describes the shift.
func (s Shift) String() string {
	switch {
	case s.Percent == 0:
		return "all at once"
	case s.Linear:
		return fmt.Sprintf("%d %% at a time, every %v", s.Percent, s.Wait)
	}
	return fmt.Sprintf("%d %% for %v, then the rest", s.Percent, s.Wait)
}

// longest is how long the shift itself takes.
func (s Shift) longest() time.Duration {
	switch {
	case s.Percent == 0:
		return 0
	case s.Linear:
		return time.Duration((100+s.Percent-1)/s.Percent)*s.Wait + terminationWait
	}
	return 2*s.Wait + terminationWait // the canary bakes, and so does the whole
}

// deployment is the shift as SageMaker takes it; nil leaves it to SageMaker, which moves all traffic when the new fleet is up.
func (s Shift) deployment(alarms []*Alarm) *types.DeploymentConfig {
	if s.Percent == 0 {
		return nil
	}
	size := &types.CapacitySize{Type: types.CapacitySizeTypeCapacityPercent, Value: &s.Percent}
	routing := &types.TrafficRoutingConfig{Type: types.TrafficRoutingConfigTypeCanary, CanarySize: size, WaitIntervalInSeconds: awssdk.Int32(int32(s.Wait / time.Second))}
	if s.Linear {
		routing.Type, routing.CanarySize, routing.LinearStepSize = types.TrafficRoutingConfigTypeLinear, nil, size
	}
	d := &types.DeploymentConfig{BlueGreenUpdatePolicy: &types.BlueGreenUpdatePolicy{
		TrafficRoutingConfiguration: routing, TerminationWaitInSeconds: awssdk.Int32(int32(terminationWait / time.Second)),
		MaximumExecutionTimeoutInSeconds: awssdk.Int32(s.executionSeconds()),
	}}
	if len(alarms) > 0 {
		d.AutoRollbackConfiguration = new(types.AutoRollbackConfig)
		for _, a := range alarms {
			d.AutoRollbackConfiguration.Alarms = append(d.AutoRollbackConfiguration.Alarms, types.Alarm{AlarmName: &a.name})
		}
	}
	return d
}

// executionSeconds is the deadline of the whole roll-out: the shift and half an hour for the new fleet to come up. SageMaker takes 600
// to 28800.
func (s Shift) executionSeconds() int32 {
	return int32(min(max(s.longest()+30*time.Minute, 10*time.Minute), 8*time.Hour) / time.Second)
}
