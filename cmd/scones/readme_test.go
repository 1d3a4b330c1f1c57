package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/aws/awstest"
	"github.com/scones-unlimited/scones/infer/ort/orttest"
)

// A transcript is a command of the README with the output that it shows there.
type transcript struct {
	command string
	output  []string
}

// transcripts reads the fenced blocks of a text: a line that starts with "$ " is a command, what follows its output. Commands that show
// no output are left out, because they name files that only the reader has.
func transcripts(text string) []transcript {
	var found []transcript
	inside := false
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", "")) {
		line = strings.TrimRight(line, "\n")
		switch command, isCommand := strings.CutPrefix(line, "$ "); {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case inside && isCommand:
			found = append(found, transcript{command: command})
		case inside && len(found) > 0:
			last := &found[len(found)-1]
			last.output = append(last.output, line)
		}
	}
	return slices.DeleteFunc(found, func(t transcript) bool { return len(t.output) == 0 })
}

// varying is what differs from run to run: times and rates.
var varying = regexp.MustCompile(`[0-9.]+ (ms|pictures/s)`)

func normal(line string) string {
	line = varying.ReplaceAllString(line, "N $1")
	return strings.Join(strings.Fields(line), " ") // a column's width is the terminal's
}

// TestReadmeTranscripts runs what the README shows and compares the output, standard error behind standard output. A line "..." stands
// for any lines.
func TestReadmeTranscripts(t *testing.T) {
	library := orttest.Library(t)
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := transcripts(string(text))
	if len(shown) < 3 {
		t.Fatalf("the README shows %d commands with their output, want 3 or more", len(shown))
	}
	cloud := readmeCloud(t)
	for _, s := range shown {
		t.Run(s.command, func(t *testing.T) {
			args := strings.Fields(strings.TrimPrefix(strings.TrimPrefix(s.command, "go run ./cmd/"), "scones"))
			if args[0] == "classify" && !slices.Contains(args, "--format") {
				args = slices.Insert(args, 1, "--format", "table") // as on a terminal
			}
			c := command(t, library, args...)
			c.Dir = "../.."
			if cloud.does(args[0]) {
				c.Env = append(c.Env, cloud.env...)
			}
			var stderr strings.Builder
			c.Stderr = &stderr
			stdout, _ := c.Output() // a transcript may show a failure; its text says so
			got := strings.Split(strings.TrimRight(string(stdout)+stderr.String(), "\n"), "\n")
			compare(t, got, s.output)
		})
	}
}

// A readmeAccount is the account that the README's commands for the cloud work in, one after the other.
type readmeAccount struct{ env []string }

func readmeCloud(t *testing.T) *readmeAccount {
	t.Helper()
	a := new(readmeAccount)
	for name, value := range awstest.New(t, awstest.Options{Tick: 30 * time.Second}).Env() { // three minutes are six looks
		a.env = append(a.env, name+"="+value)
	}
	a.env = append(a.env, "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME="+startEndpoint(t).URL)
	return a
}

// does tells whether a command is one for the cloud.
func (*readmeAccount) does(command string) bool {
	return slices.Contains([]string{"deploy", "status", "destroy", "logs"}, command)
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	anything := false
	for _, line := range want {
		if line == "..." {
			anything = true
			continue
		}
		at := slices.IndexFunc(got, func(g string) bool { return normal(g) == normal(line) })
		if at < 0 || at > 0 && !anything {
			t.Fatalf("the README shows\n%s\nthe command prints\n%s", line, strings.Join(got, "\n"))
		}
		got, anything = got[at+1:], false
	}
	if len(got) > 0 && !anything {
		t.Errorf("the command also prints\n%s", strings.Join(got, "\n"))
	}
}
