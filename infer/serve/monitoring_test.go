package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/scones-unlimited/scones/infer"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// expressions are the dashboard's, with its variables filled in.
func expressions(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("monitoring/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &dashboard); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, panel := range dashboard.Panels {
		if len(panel.Targets) == 0 {
			t.Errorf("panel %q shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			found = append(found, strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*", "$job", ".*").Replace(target.Expr))
		}
	}
	return found
}

var metricNames = regexp.MustCompile(`\b(scones|process)_[a-z0-9_]+`)

// TestMonitoringNamesExist holds the dashboard and the alerts against the metrics that a server gives after it was used.
func TestMonitoringNamesExist(t *testing.T) {
	_, h := started(t, Options{}, &fakeScorer{}, infer.Plan{})
	wantReply(t, ask(t, "POST", h.URL+"/invocations", bytes.NewReader(shade(t, 7))), 200)
	given := ask(t, "GET", h.URL+"/metrics", nil).body
	alerts, err := os.ReadFile("monitoring/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for _, text := range append(expressions(t), string(alerts)) {
		for _, name := range metricNames.FindAllString(text, -1) {
			named[name] = true
		}
	}
	for name := range named {
		if !regexp.MustCompile(`(?m)^` + name + `[ {]`).MatchString(given) {
			t.Errorf("no metric is called %s", name)
		}
	}
	for line := range strings.SplitSeq(given, "\n") { // and the other way round: nothing of ours is forgotten
		if name, isHelp := strings.CutPrefix(line, "# TYPE scones_"); isHelp {
			name, kind, _ := strings.Cut(name, " ")
			name = "scones_" + name
			if kind == "histogram" {
				name += "_bucket"
			}
			if !named[name] && !named[strings.TrimSuffix(name, "_bucket")+"_sum"] && name != "scones_model_prove_seconds" {
				t.Errorf("neither the dashboard nor an alert shows %s", name)
			}
		}
	}
}

// TestMonitoringRules lets Prometheus's own tool check the alerts with their cases, and the dashboard's expressions as rules.
func TestMonitoringRules(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		orttest.Missing(t, "promtool", err.Error())
	}
	var rules strings.Builder
	rules.WriteString("groups: [{name: dashboard, rules: [\n")
	for i, expression := range expressions(t) {
		quoted, err := json.Marshal(expression) // which is YAML, too
		if err != nil {
			t.Fatal(err)
		}
		rules.WriteString(fmt.Sprintf("{record: panel%d, expr: %s},\n", i, quoted))
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules.String()+"]}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml", file}, {"test", "rules", "alerts_test.yml"}} {
		command := exec.CommandContext(t.Context(), tool, args...)
		command.Dir = "monitoring"
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
