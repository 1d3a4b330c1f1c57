package stack

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/scones-unlimited/scones/aws/plan"
)

// LiveAlias is the name under which functions are called.
const LiveAlias = "live"

// A Canary lets a share of the calls try a new version for a while, before it gets all of them.
type Canary struct {
	// Percent of the calls, 1 to 99; zero moves all of them at once.
	Percent int
	// Bake is how long they try it.
	Bake time.Duration
	// Alarms end it: the old version gets all calls again when one goes off.
	Alarms []*Alarm
}

// An Alias keeps callers of a function on a published version of it. Its name is FUNCTION:ALIAS.
type Alias struct {
	aliasItem
	wanted
	function *Function
	canary   Canary
}

var _ plan.Waiting = (*Alias)(nil)

// Alias describes the alias [LiveAlias] of a function. Which version it is on, the hash of the function's fields says, which the version
// has as its description.
func (a *Account) Alias(f *Function, canary Canary) *Alias {
	l := &Alias{aliasItem: aliasItem{item{a, plan.Alias, f.name + ":" + LiveAlias}}, function: f, canary: canary}
	needs := []plan.Resource{f}
	for _, alarm := range canary.Alarms {
		needs = append(needs, alarm)
	}
	l.wanted = wanted{deployment: f.deployment, part: aliasPart(f.part), needs: needs, fields: plan.Fields{plan.F("runs", l.runs())}}
	return l
}

// aliasPart is the part of a function's alias, which has no tags of its own.
func aliasPart(function plan.Part) plan.Part { return function + "-" + LiveAlias }

// runs is the content that the alias should be on.
func (l *Alias) runs() string { return "content " + plan.Hash(l.function.fields) }

// ARN of the alias.
func (l *Alias) ARN() string { return l.function.ARN() + ":" + LiveAlias }

// Create publishes a version and points the alias at it.
func (l *Alias) Create(ctx context.Context) error {
	version, err := l.publish(ctx)
	if err != nil {
		return err
	}
	_, err = l.a.lambda.CreateAlias(ctx, &lambda.CreateAliasInput{FunctionName: &l.function.name, Name: awssdk.String(LiveAlias), FunctionVersion: &version})
	return busyOrNil(err)
}

// Update publishes a version, and moves the alias to it or begins to let it try.
func (l *Alias) Update(ctx context.Context, _ plan.State) error {
	version, err := l.publish(ctx)
	if err != nil {
		return err
	}
	now, err := l.get(ctx)
	if err != nil {
		return err
	}
	old := awssdk.ToString(now.FunctionVersion)
	if l.canary.Percent == 0 || old == version {
		return l.move(ctx, version, nil)
	}
	return l.move(ctx, old, map[string]float64{version: float64(l.canary.Percent) / 100})
}

// Wait watches a new version that is tried, until it has all calls or an alarm goes off.
func (l *Alias) Wait(ctx context.Context, watch *plan.Watch) error {
	now, err := l.get(ctx)
	if err != nil {
		return err
	}
	version, weight := tried(now)
	if version == "" {
		return nil
	}
	began := time.Now()
	for time.Since(began) < l.canary.Bake {
		watch.Say(fmt.Sprintf("version %s gets %.0f %% of the calls for %v more", version, 100*weight, (l.canary.Bake - time.Since(began)).Round(time.Second)))
		off, err := l.a.inAlarm(ctx, l.canary.Alarms)
		if err != nil {
			return err
		}
		if off != "" {
			old := awssdk.ToString(now.FunctionVersion)
			if err := l.move(ctx, old, nil); err != nil {
				return err
			}
			return fmt.Errorf("the alarm %q went off while version %s got %.0f %% of the calls: version %s has all of them again", off, version, 100*weight, old)
		}
		if err := watch.Sleep(ctx); err != nil {
			return err
		}
	}
	return l.move(ctx, version, nil)
}

// tried is the version that is tried, and its share; empty for none.
func tried(alias *lambda.GetAliasOutput) (version string, weight float64) {
	if alias.RoutingConfig != nil {
		for version, weight := range alias.RoutingConfig.AdditionalVersionWeights {
			return version, weight
		}
	}
	return "", 0
}

// Patience covers a trial.
func (l *Alias) Patience() time.Duration { return plan.DefaultPatience + l.canary.Bake }

// publish makes a version of the function as it is, or finds the one that was made of it. Lambda makes none of what has not changed.
func (l *Alias) publish(ctx context.Context) (string, error) {
	out, err := l.a.lambda.PublishVersion(ctx, &lambda.PublishVersionInput{
		FunctionName: &l.function.name, CodeSha256: awssdk.String(l.function.spec.Zip.SHA256()), Description: awssdk.String(l.runs()),
	})
	if err != nil {
		return "", busy(err)
	}
	return awssdk.ToString(out.Version), nil
}

func (l *Alias) move(ctx context.Context, version string, weights map[string]float64) error {
	_, err := l.a.lambda.UpdateAlias(ctx, &lambda.UpdateAliasInput{
		FunctionName: &l.function.name, Name: awssdk.String(LiveAlias), FunctionVersion: &version, RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights},
	})
	return busyOrNil(err)
}

func (l aliasItem) get(ctx context.Context) (*lambda.GetAliasOutput, error) {
	function, alias, _ := strings.Cut(l.name, ":")
	out, err := l.a.lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &function, Name: &alias})
	if err != nil {
		return nil, said(err)
	}
	return out, nil
}

// inAlarm is the name of an alarm that is off, empty for none.
func (a *Account) inAlarm(ctx context.Context, alarms []*Alarm) (string, error) {
	for _, alarm := range alarms {
		out, err := a.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm.name}})
		if err != nil {
			return "", said(err)
		}
		for i := range out.MetricAlarms {
			if out.MetricAlarms[i].StateValue == "ALARM" {
				return alarm.name, nil
			}
		}
	}
	return "", nil
}

type aliasItem struct{ item }

// Read asks which versions the alias is on. It has the tags of its function.
func (l aliasItem) Read(ctx context.Context) (plan.State, error) {
	function, alias, _ := strings.Cut(l.name, ":")
	out, err := l.a.lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &function, Name: &alias})
	if has(err, "ResourceNotFoundException") {
		return plan.State{}, nil
	}
	if err != nil {
		return plan.State{}, said(err)
	}
	of, err := (functionItem{item{l.a, plan.Function, function}}).Read(ctx)
	if err != nil || !of.Exists() {
		return plan.State{}, err
	}
	state := plan.State{Phase: plan.Ready, ARN: awssdk.ToString(out.AliasArn), Tags: map[string]string{plan.TagName: of.Tags[plan.TagName], plan.TagPart: string(aliasPart(of.Part()))}}
	runs, err := l.content(ctx, function, awssdk.ToString(out.FunctionVersion))
	if err != nil {
		return state, err
	}
	if version, weight := tried(out); version != "" {
		trial, err := l.content(ctx, function, version)
		if err != nil {
			return state, err
		}
		runs = fmt.Sprintf("%s %.0f %%, %s %.0f %%", runs, 100*(1-weight), trial, 100*weight)
	}
	state.Fields = plan.Fields{plan.F("runs", runs)}
	return state, nil
}

// content is the description of a version.
func (l aliasItem) content(ctx context.Context, function, version string) (string, error) {
	out, err := l.a.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &function, Qualifier: &version})
	if err != nil {
		return "version " + version, ignore(err, "ResourceNotFoundException")
	}
	return cmp.Or(awssdk.ToString(out.Description), "version "+version), nil
}

// Delete deletes the alias.
func (l aliasItem) Delete(ctx context.Context) error {
	function, alias, _ := strings.Cut(l.name, ":")
	_, err := l.a.lambda.DeleteAlias(ctx, &lambda.DeleteAliasInput{FunctionName: &function, Name: &alias})
	if err == nil || has(err, "ResourceNotFoundException") {
		return nil
	}
	return busy(err)
}

type aliasFinder struct{ a *Account }

// Kind is the alias's.
func (f aliasFinder) Kind() plan.Kind { return plan.Alias }

// How names the calls.
func (f aliasFinder) How() string { return "lambda:ListFunctions, lambda:GetAlias, lambda:GetFunction" }

// Find names the alias of each function; those that are not there are absent when they are read.
func (f aliasFinder) Find(ctx context.Context, name string) ([]plan.Item, error) {
	names, err := f.a.functionNames(ctx)
	if err != nil {
		return nil, err
	}
	items := f.a.items(names, name, func(i item) plan.Item { return aliasItem{item{i.a, plan.Alias, i.name + ":" + LiveAlias}} }, plan.Alias)
	return items, nil
}
