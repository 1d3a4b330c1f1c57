package serve

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestConnections refuses a connection too many at once, and lets one in again when another ends.
func TestConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 1)
	defer l.Close()
	accepted := make(chan net.Conn, 2)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	url := "http://" + inner.Addr().String()
	dial(t, url)
	first := <-accepted
	second := dial(t, url)
	_ = second.SetReadDeadline(time.Now().Add(10 * time.Second))
	if answer, err := io.ReadAll(second); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 503 ") {
		t.Errorf("the second gets %q, %v", answer, err)
	}
	first.Close()
	first.Close() // counts once
	dial(t, url)
	(<-accepted).Close()
	if n := l.open.Load(); n != 0 {
		t.Errorf("%d connections are counted as open", n)
	}
}
