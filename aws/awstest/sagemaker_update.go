package awstest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// An update is a deployment under way: a second fleet that takes the traffic over, in steps.
type update struct {
	config     string
	fleet      []variant
	begun      time.Time
	deployment *types.DeploymentConfig
	steps      []float32 // shares of the traffic that the new fleet has, one after another
	step       int       // -1 while the fleet starts; len(steps) when it has all and the old one waits for its end
	capture    *types.DataCaptureConfig
}

// share is the part of the traffic that the old fleet has, or the new one.
func (u *update) share(fresh bool) float32 {
	part := float32(0)
	if u != nil && u.step >= 0 {
		part = u.steps[min(u.step, len(u.steps)-1)]
	}
	if fresh {
		return part
	}
	return 1 - part
}

func (u *update) summary() *types.PendingDeploymentSummary {
	out := &types.PendingDeploymentSummary{EndpointConfigName: &u.config, StartTime: &u.begun}
	for _, v := range u.fleet {
		s := v.summary(u.share(true))
		out.ProductionVariants = append(out.ProductionVariants, types.PendingProductionVariantSummary{
			VariantName: s.VariantName, CurrentWeight: s.CurrentWeight, DesiredWeight: s.DesiredWeight, CurrentInstanceCount: s.CurrentInstanceCount, DesiredInstanceCount: s.DesiredInstanceCount,
			CurrentServerlessConfig: s.CurrentServerlessConfig, DeployedImages: s.DeployedImages, InstanceType: v.InstanceType, VariantStatus: s.VariantStatus,
		})
	}
	return out
}

func updateEndpoint(c *call, in *sagemaker.UpdateEndpointInput) (*sagemaker.UpdateEndpointOutput, error) {
	e, err := c.endpoint(in.EndpointName)
	if err != nil {
		return nil, err
	}
	if e.status != types.EndpointStatusInService {
		return nil, invalid("Cannot update in-progress endpoint %q.", *e.arn)
	}
	config, err := c.config(in.EndpointConfigName)
	if err != nil {
		return nil, err
	}
	deployment := in.DeploymentConfig
	if value(in.RetainDeploymentConfig) && deployment == nil {
		deployment = e.deployment
	}
	steps, err := c.checkDeployment(config, deployment)
	if err != nil {
		return nil, err
	}
	if err := c.quota(config, nil); err != nil { // for a while both fleets run
		return nil, err
	}
	e.update = &update{config: *in.EndpointConfigName, fleet: c.region.fleet(config), begun: c.now, deployment: deployment, steps: steps, step: -1, capture: config.in.DataCaptureConfig}
	if value(in.RetainAllVariantProperties) {
		for i := range e.update.fleet {
			for _, old := range e.variants {
				if *old.VariantName == *e.update.fleet[i].VariantName && old.ServerlessConfig == nil {
					e.update.fleet[i].instances = old.instances
				}
			}
		}
	}
	e.status, e.reason, e.modified, e.due = types.EndpointStatusUpdating, nil, c.now, c.now.Add(CreateTime)
	return &sagemaker.UpdateEndpointOutput{EndpointArn: e.arn}, nil
}

// checkDeployment holds a deployment to the guardrails' rules, and gives its steps.
func (c *call) checkDeployment(config *endpointConfig, d *types.DeploymentConfig) ([]float32, error) {
	all := []float32{1}
	if d == nil {
		return all, nil
	}
	if config.serverless() {
		return nil, invalid("Deployment guardrails are not supported for serverless endpoints")
	}
	if d.AutoRollbackConfiguration != nil {
		for _, a := range d.AutoRollbackConfiguration.Alarms {
			alarm := c.region.cloudwatch.alarms[value(a.AlarmName)]
			if alarm == nil {
				return nil, invalid("The alarm %s does not exist", value(a.AlarmName))
			}
			if alarm.StateValue == "ALARM" {
				return nil, invalid("The alarm %s is in alarm; the deployment is not begun", value(a.AlarmName))
			}
		}
	}
	if d.RollingUpdatePolicy != nil {
		if d.BlueGreenUpdatePolicy != nil {
			return nil, invalid("A deployment is blue/green or rolling, not both")
		}
		size := d.RollingUpdatePolicy.MaximumBatchSize
		if size == nil || value(size.Value) < 1 {
			return nil, invalid("MaximumBatchSize is required")
		}
		return evenSteps(50, size)
	}
	if d.BlueGreenUpdatePolicy == nil || d.BlueGreenUpdatePolicy.TrafficRoutingConfiguration == nil {
		return nil, invalid("A blue/green deployment needs TrafficRoutingConfiguration")
	}
	traffic := d.BlueGreenUpdatePolicy.TrafficRoutingConfiguration
	if wait := value(traffic.WaitIntervalInSeconds); wait < 0 || wait > 3600 {
		return nil, invalid("WaitIntervalInSeconds must be from 0 to 3600, not %d", wait)
	}
	switch traffic.Type {
	case types.TrafficRoutingConfigTypeAllAtOnce:
		if traffic.CanarySize != nil || traffic.LinearStepSize != nil {
			return nil, invalid("ALL_AT_ONCE has no sizes")
		}
		return all, nil
	case types.TrafficRoutingConfigTypeCanary:
		size := traffic.CanarySize
		if size == nil || size.Type == types.CapacitySizeTypeCapacityPercent && (value(size.Value) < 1 || value(size.Value) > 50) {
			return nil, invalid("CanarySize must be from 1 to 50 percent of the fleet")
		}
		return []float32{share(config, size), 1}, nil
	case types.TrafficRoutingConfigTypeLinear:
		size := traffic.LinearStepSize
		if size == nil || size.Type == types.CapacitySizeTypeCapacityPercent && (value(size.Value) < 10 || value(size.Value) > 50) {
			return nil, invalid("LinearStepSize must be from 10 to 50 percent of the fleet")
		}
		return linearSteps(share(config, size)), nil
	}
	return nil, invalid("the traffic routing %q is none", traffic.Type)
}

// share is a size as a part of the fleet.
func share(config *endpointConfig, size *types.CapacitySize) float32 {
	if size.Type == types.CapacitySizeTypeCapacityPercent {
		return float32(value(size.Value)) / 100
	}
	instances := int32(0)
	for _, v := range config.in.ProductionVariants {
		instances += value(v.InitialInstanceCount)
	}
	return float32(value(size.Value)) / float32(max(instances, 1))
}

func evenSteps(percent float32, size *types.CapacitySize) ([]float32, error) {
	if size.Type == types.CapacitySizeTypeCapacityPercent {
		percent = float32(value(size.Value))
		if percent < 5 || percent > 50 {
			return nil, invalid("MaximumBatchSize must be from 5 to 50 percent of the fleet")
		}
	}
	return linearSteps(percent / 100), nil
}

func linearSteps(size float32) []float32 {
	var steps []float32
	for part := size; part < 0.999; part += size {
		steps = append(steps, part)
	}
	return append(steps, 1)
}

// bake is how long a step waits for the next. After the last of several there is none; the old fleet's wait for its end is apart.
func (u *update) bake() time.Duration {
	if len(u.steps) > 1 && u.step == len(u.steps)-1 {
		return 0
	}
	wait := int32(0)
	if d := u.deployment; d != nil && d.BlueGreenUpdatePolicy != nil {
		wait = value(d.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.WaitIntervalInSeconds)
	} else if d != nil && d.RollingUpdatePolicy != nil {
		wait = value(d.RollingUpdatePolicy.WaitIntervalInSeconds)
	}
	return time.Duration(wait) * time.Second
}

// linger is how long the old fleet stays when it has no traffic any more.
func (u *update) linger() time.Duration {
	if d := u.deployment; d != nil && d.BlueGreenUpdatePolicy != nil {
		return time.Duration(value(d.BlueGreenUpdatePolicy.TerminationWaitInSeconds)) * time.Second
	}
	return 0
}

// alarmed are the alarms that went off.
func (r *region) alarmed(u *update) string {
	var names []string
	if u.deployment != nil && u.deployment.AutoRollbackConfiguration != nil {
		for _, a := range u.deployment.AutoRollbackConfiguration.Alarms {
			if alarm := r.cloudwatch.alarms[value(a.AlarmName)]; alarm != nil && alarm.StateValue == "ALARM" {
				names = append(names, *a.AlarmName)
			}
		}
	}
	return strings.Join(names, ", ")
}
