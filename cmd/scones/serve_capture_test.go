//go:build unix

package main

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scones-unlimited/scones/infer/capture"
)

// loading sends a picture from several clients until a request is refused, and counts the answers. Lost are requests that got neither an
// answer nor a refusal, though the server took them.
func loading(t *testing.T, url string, clients int) (answered, lost *atomic.Int64, wait func()) {
	t.Helper()
	picture, err := os.ReadFile("../../testdata/images/bicycle-png-32x32.png")
	if err != nil {
		t.Fatal(err)
	}
	answered, lost = new(atomic.Int64), new(atomic.Int64)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for {
				response, err := client.Post(url, "image/png", bytes.NewReader(picture))
				if err != nil {
					// Without a connection nothing was sent: it was refused, or reset while it waited to be accepted.
					if dial, ok := errors.AsType[*net.OpError](err); !ok || dial.Op != "dial" {
						lost.Add(1)
						t.Logf("lost: %v", err)
					}
					return
				}
				response.Body.Close()
				if response.StatusCode != http.StatusOK {
					return
				}
				answered.Add(1)
			}
		})
	}
	return answered, lost, wg.Wait
}

func atLeast(answered *atomic.Int64, n int64) {
	for answered.Load() < n {
		time.Sleep(time.Millisecond)
	}
}

// TestServeCaptureEnds stops a server under load. After SIGTERM every answered request is recorded; after SIGKILL each file holds whole
// records, the last one perhaps aside.
func TestServeCaptureEnds(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			p := serving(t, "--capture", dir, "--log", "off")
			answered, _, wait := loading(t, p.url+"/invocations", 4)
			atLeast(answered, 300)
			code := p.stop(t, signal)
			wait()
			var records int64
			for entry, err := range capture.Read(t.Context(), capture.Folder(t.Context(), dir), capture.Options{}) {
				if err != nil {
					t.Fatal(err)
				}
				bad, isBad := errors.AsType[*capture.RecordError](entry.Err)
				switch {
				case entry.Err == nil:
					records++
				case isBad && bad.Code == capture.CodeTruncated && signal == syscall.SIGKILL: // the last of its file
				default:
					t.Errorf("%s: %v", entry.Name(), entry.Err)
				}
			}
			if signal == syscall.SIGTERM && (code != exitGood || records != answered.Load()) {
				t.Errorf("exit code %d, %d records of %d answered requests", code, records, answered.Load())
			}
			if records < 200 {
				t.Errorf("%d records of %d answered requests", records, answered.Load())
			}
		})
	}
}
