package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	_, exited := exec.Command("sh", "-c", "exit 7").Output() // an error with an ExitCode method, which urfave/cli would obey
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, exitGood},
		{fmt.Errorf("anything"), exitError},
		{fmt.Errorf("run client: %w", exited), exitError},
		{fmt.Errorf("wrapped: %w", &usageError{problem: "no"}), exitUsage},
		{&picturesError{1, 2}, exitPictures},
		{fmt.Errorf("wrapped: %w", &gateError{"accuracy"}), exitGate},
		{fmt.Errorf("wrapped: %w", context.Canceled), exitInterrupted},
		{&interruptedError{&picturesError{1, 2}}, exitInterrupted},
	} {
		var stderr bytes.Buffer
		if got := report(&stderr, test.err); got != test.want {
			t.Errorf("report(%v) = %d, want %d", test.err, got, test.want)
		}
	}
}

// TestReadmeListsTheExitCodes compares the README's table with the constants.
func TestReadmeListsTheExitCodes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		var code int
		if len(cells) == 4 {
			if n, _ := fmt.Sscanf(strings.TrimSpace(cells[1]), "%d", &code); n == 1 {
				got = append(got, fmt.Sprint(code))
			}
		}
	}
	want := fmt.Sprint([]int{exitGood, exitError, exitUsage, exitPictures, exitGate, exitInterrupted})
	if fmt.Sprint(got) != want {
		t.Errorf("the README lists exit codes %v, want %v", got, want)
	}
}
