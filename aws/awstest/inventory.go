package awstest

import (
	"fmt"
	"slices"
	"strings"
)

// Inventory lists everything that exists, as lines of kind and name in order. Jobs and executions, which nobody can delete, and what
// keys of buckets hold are not in it, but how many keys there are is.
func (s *Server) Inventory() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for _, r := range s.iam.roles {
		add("iam role %s with %d inline and %d attached policies", *r.RoleName, len(r.policies), len(r.attached))
	}
	for name, b := range s.s3.buckets {
		versions := 0
		for _, v := range b.objects {
			versions += len(v)
		}
		add("s3 bucket %s with %d keys, %d versions, %d uploads under way", name, len(b.objects), versions, len(b.uploads))
	}
	for id, r := range s.regions {
		r.inventory(func(format string, args ...any) { add(id+" "+format, args...) })
	}
	slices.Sort(list)
	return list
}

func (r *region) inventory(add func(string, ...any)) {
	for name := range r.sagemaker.models {
		add("sagemaker model %s", name)
	}
	for name := range r.sagemaker.configs {
		add("sagemaker endpoint-config %s", name)
	}
	for name, e := range r.sagemaker.endpoints {
		add("sagemaker endpoint %s is %s with %s", name, e.status, e.config)
	}
	for name := range r.cloudwatch.alarms {
		if !strings.HasPrefix(name, "TargetTracking-") { // which come and go with scaling policies
			add("cloudwatch alarm %s", name)
		}
	}
	for name := range r.cloudwatch.dashboards {
		add("cloudwatch dashboard %s", name)
	}
	for name, g := range r.logs.groups {
		add("logs group %s kept %d days", name, value(g.retention))
	}
	for name := range r.scaling.targets {
		add("autoscaling target %s", name)
	}
	for name := range r.scaling.policies {
		add("autoscaling policy %s", name)
	}
	for name, f := range r.lambda.functions {
		statements := 0
		for _, p := range f.policies {
			statements += len(p.ids)
		}
		add("lambda function %s with %d versions, %d aliases, %d permissions", name, len(f.versions), len(f.aliases), statements)
	}
	for _, m := range r.lambda.mappings {
		add("lambda event source %s to %s", *m.EventSourceArn, *m.FunctionArn)
	}
	for _, m := range r.states.machines {
		add("states machine %s with %d versions, %d aliases", *m.Name, len(m.versions), len(m.aliases))
	}
	for _, t := range r.sns.topics {
		add("sns topic %s", t.name)
	}
	for _, s := range r.sns.subscriptions {
		add("sns subscription of %s to %s", *s.Endpoint, *s.TopicArn)
	}
	for name := range r.sqs.queues {
		add("sqs queue %s", name)
	}
	for name, e := range r.events.rules {
		add("events rule %s with %d targets", name, len(e.targets))
	}
	for name := range r.scheduler.schedules {
		add("scheduler schedule %s", name)
	}
	for name, g := range r.scheduler.groups {
		if g.Arn != nil {
			add("scheduler group %s", name)
		}
	}
	for name, repo := range r.ecr.repositories {
		add("ecr repository %s with %d images", name, len(repo.images))
	}
}

// Keys lists the objects of all buckets, as BUCKET/KEY in order.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for name, b := range s.s3.buckets {
		for key := range b.objects {
			if b.newest(key) != nil {
				list = append(list, name+"/"+key)
			}
		}
	}
	slices.Sort(list)
	return list
}
