package plan_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scones-unlimited/scones/aws/plan"
)

// must makes a plan, compares it and applies it, in a bubble where waiting costs no time.
func (w *world) must(t *testing.T, want []plan.Resource, changes string) *plan.Plan {
	t.Helper()
	p, err := w.make(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if got := said(p); got != changes {
		t.Fatalf("the plan is\n  %s\nwant\n  %s", got, changes)
	}
	if err := p.Apply(t.Context(), plan.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	return p
}

const kept = "keep s-bucket, keep s-role, keep s-model-a, keep s-config-a, keep s"

func TestCreateUpdateReplaceKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.slow = 3
		w.must(t, w.stack("a"), "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
		if p := w.must(t, w.stack("a"), kept); !p.Empty() {
			t.Error("a plan after apply is not empty")
		}
		w.calls = nil
		w.must(t, w.stack("b"), "keep s-bucket, update s-role, replace s-model-b for s-model-a, replace s-config-b for s-config-a, update s")
		if got, want := strings.Join(w.calls, ", "), "update s-role, create s-model-b, create s-config-b, update s, delete s-config-a, delete s-model-a"; got != want {
			t.Errorf("calls\n  %s\nwant\n  %s", got, want)
		}
		// A fixed field under the same name: deleted, then made.
		w.calls = nil
		want := w.stack("b")
		want[0].(*thing).fields[1] = plan.Fixed("network", "private")
		w.must(t, want, "keep s-bucket, keep s-role, keep s-model-b, keep s-config-b, replace s")
		if got := strings.Join(w.calls, ", "); got != "delete s, create s" {
			t.Errorf("calls %s", got)
		}
		// What has failed is made anew.
		w.objects["sagemaker-endpoint s"].failed = true
		w.must(t, want, "keep s-bucket, keep s-role, keep s-model-b, keep s-config-b, replace s")
	})
}

// TestWhatHangsOnGoesFirst takes scaling away before the endpoint is changed, and the rest behind it.
func TestWhatHangsOnGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.must(t, w.stack("a"), "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
		for kind, name := range map[plan.Kind]string{plan.ScalableTarget: "s-target", plan.ScalingPolicy: "s-policy", plan.Alarm: "s-alarm"} {
			w.objects[key(kind, name)] = &object{kind: kind, name: name, tags: plan.Tags("s", plan.Part("endpoint/"+name))}
		}
		w.calls = nil
		w.must(t, w.stack("b"), "delete s-policy, delete s-target, keep s-bucket, update s-role, replace s-model-b for s-model-a, replace s-config-b for s-config-a, update s, delete s-alarm")
		if got, want := strings.Join(w.calls, ", "), "delete s-policy, delete s-target, update s-role, create s-model-b, create s-config-b, update s, delete s-alarm, delete s-config-a, delete s-model-a"; got != want {
			t.Errorf("calls\n  %s\nwant\n  %s", got, want)
		}
	})
}

func TestPendingIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.must(t, w.stack("a"), "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
		w.objects["sagemaker-endpoint s"].pending = 5
		w.must(t, w.stack("a"), strings.Replace(kept, "keep s-config-a, keep s", "keep s-config-a, wait s", 1))
		w.objects["sagemaker-endpoint s"].pending, w.objects["sagemaker-endpoint s"].going = 5, true
		w.must(t, w.stack("a"), strings.Replace(kept, "keep s-config-a, keep s", "keep s-config-a, create s", 1))
		w.notYet, w.objects = 4, map[string]*object{}
		w.must(t, w.stack("a"), "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
	})
}

// TestEveryInterruption ends apply, an update and destroy before and behind every single call, and lets the next run complete it.
func TestEveryInterruption(t *testing.T) {
	final := []string{"iam-role s-role", "s3-bucket s-bucket", "sagemaker-endpoint s", "sagemaker-endpoint-config s-config-b", "sagemaker-model s-model-b"}
	positions := 0
	for _, behind := range []bool{false, true} {
		for _, content := range []string{"a", "b", "destroy"} {
			for at := 1; ; at++ {
				interrupted := false
				synctest.Test(t, func(t *testing.T) {
					w := newWorld()
					w.slow = 1
					if content != "a" {
						w.must(t, w.stack("a"), "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
					}
					w.n = 0
					if behind {
						w.failAfter = at
					} else {
						w.failAt = at
					}
					err := w.change(t.Context(), content)
					interrupted = errors.Is(err, errKilled)
					if !interrupted && err != nil {
						t.Fatal(err)
					}
					w.failAt, w.failAfter = 0, 0
					if err := w.change(t.Context(), content); err != nil {
						t.Fatalf("%s, call %d: the next run: %v", content, at, err)
					}
					if content == "destroy" {
						if len(w.objects) > 0 {
							t.Fatalf("call %d: left %v", at, w.names())
						}
						return
					}
					want := final
					if content == "a" {
						want = nil
						for _, name := range final {
							want = append(want, strings.Replace(strings.Replace(name, "config-b", "config-a", 1), "model-b", "model-a", 1))
						}
					}
					if got := w.names(); !slices.Equal(got, want) {
						t.Fatalf("%s, call %d: %v, want %v", content, at, got, want)
					}
					if p, err := w.make(t.Context(), w.stack(content)); err != nil || !p.Empty() {
						t.Fatalf("%s, call %d: afterwards %v %v", content, at, err, said(p))
					}
				})
				if !interrupted {
					break
				}
				positions++
			}
		}
	}
	if positions != 32 { // 5 creations, 6 changes and 5 deletions, twice
		t.Errorf("%d positions were tried, want 32", positions)
	}
}

// change applies a content, or destroys everything and proves it.
func (w *world) change(ctx context.Context, content string) error {
	if content != "destroy" {
		p, err := w.make(ctx, w.stack(content))
		if err != nil {
			return err
		}
		return p.Apply(ctx, plan.ApplyOptions{})
	}
	p, err := plan.MakeDestroy(ctx, plan.DestroyOptions{Name: "s", Finders: w.finders()})
	if err != nil {
		return err
	}
	if err := p.Apply(ctx, plan.ApplyOptions{}); err != nil {
		return err
	}
	_, err = p.Prove(ctx, plan.ApplyOptions{})
	return err
}

func TestDestroyKeepsDataAndProves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		want := w.stack("a")
		want[1].(*thing).holds = "3 objects"
		w.must(t, want, "create s-bucket, create s-role, create s-model-a, create s-config-a, create s")
		w.objects["iam-role other"] = &object{kind: plan.Role, name: "other", tags: plan.Tags("t", "endpoint/role")}
		destroy := func(data bool) ([]plan.Check, error) {
			p, err := plan.MakeDestroy(t.Context(), plan.DestroyOptions{Name: "s", Finders: w.finders(), Data: data})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Apply(t.Context(), plan.ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			return p.Prove(t.Context(), plan.ApplyOptions{})
		}
		checks, err := destroy(false)
		if err != nil || !slices.Equal(w.names(), []string{"iam-role other", "s3-bucket s-bucket"}) {
			t.Fatalf("%v, left %v", err, w.names())
		}
		if got := checks[0]; got.Kind != plan.Bucket || got.How != "list s3-bucket" || !slices.Equal(got.Kept, []string{"s-bucket (3 objects)"}) {
			t.Errorf("check %+v", got)
		}
		if _, err := destroy(true); err != nil || !slices.Equal(w.names(), []string{"iam-role other"}) {
			t.Fatalf("with data: %v, left %v", err, w.names())
		}
	})
}

// TestProofFindsWhatIsLeft lets something come to be between the deletion and the proof.
func TestProofFindsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		p, err := plan.MakeDestroy(t.Context(), plan.DestroyOptions{Name: "s", Finders: w.finders()})
		if err != nil {
			t.Fatal(err)
		}
		w.objects["sagemaker-endpoint s"] = &object{kind: plan.Endpoint, name: "s", tags: plan.Tags("s", "endpoint/endpoint")}
		_, err = p.Prove(t.Context(), plan.ApplyOptions{})
		if left, ok := errors.AsType[*plan.LeftError](err); !ok || !slices.Equal(left.Left, []string{`sagemaker-endpoint "s"`}) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCycle(t *testing.T) {
	w := newWorld()
	want := w.stack("a")
	bucket := want[1].(*thing)
	bucket.needs = []plan.Resource{want[0]}
	_, err := w.make(t.Context(), want)
	if cycle, ok := errors.AsType[*plan.CycleError](err); !ok || len(cycle.Names) < 3 || cycle.Names[0] != cycle.Names[len(cycle.Names)-1] {
		t.Errorf("got %v", err)
	}
}

func TestForeignIsLeftAlone(t *testing.T) {
	w := newWorld()
	w.objects["iam-role s-role"] = &object{kind: plan.Role, name: "s-role"}
	_, err := w.make(t.Context(), w.stack("a"))
	if foreign, ok := errors.AsType[*plan.ForeignError](err); !ok || foreign.Name != "s-role" || foreign.Hint() == "" {
		t.Errorf("got %v", err)
	}
}

// TestAnotherHandMeanwhile changes the account between plan and apply.
func TestAnotherHandMeanwhile(t *testing.T) {
	w := newWorld()
	p, err := w.make(t.Context(), w.stack("a"))
	if err != nil {
		t.Fatal(err)
	}
	w.objects["s3-bucket s-bucket"] = &object{kind: plan.Bucket, name: "s-bucket", tags: plan.Tags("s", "data/bucket"), fields: plan.Fields{plan.F("encryption", "no")}}
	err = p.Apply(t.Context(), plan.ApplyOptions{})
	if step, ok := errors.AsType[*plan.StepError](err); !ok || !errors.Is(err, plan.ErrChanged) || step.Name != "s-bucket" {
		t.Errorf("got %v", err)
	}
}

func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.slow = 1 << 30
		p, err := w.make(t.Context(), w.stack("a")[1:])
		if err != nil {
			t.Fatal(err)
		}
		began, seen := time.Now(), 0
		err = p.Apply(t.Context(), plan.ApplyOptions{Report: func(e plan.Event) {
			if e.Detail == "Creating" {
				seen++
			}
		}})
		if still, ok := errors.AsType[*plan.StillError](err); !ok || still.Detail != "Creating" || seen < 100 {
			t.Errorf("after %v and %d reports: %v", time.Since(began), seen, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p, err = w.make(ctx, w.stack("a")[1:])
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(ctx, plan.ApplyOptions{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
