// Package download copies a file from an address, within limits of time and size.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// Deadlines of a download. A machine without a way out must learn it in seconds, a slow line may take as long as it moves.
const (
	dialTimeout   = 4 * time.Second
	headerTimeout = 8 * time.Second
	stallTimeout  = 20 * time.Second
)

// File copies what an address gives into a file, at most so many bytes. Progress gets the bytes done and the bytes in all, -1 when unknown;
// it may be nil.
func File(ctx context.Context, address, to string, most int64, progress func(done, total int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   headerTimeout,
		ResponseHeaderTimeout: headerTimeout,
		ForceAttemptHTTP2:     true,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return errors.Unwrap(err) // the address is in the caller's message
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("server answered %s", response.Status)
	}
	if response.ContentLength > most {
		return fmt.Errorf("it has %d bytes, at most %d are read", response.ContentLength, most)
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer file.Close()
	watch := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("nothing came for %v", stallTimeout)) })
	defer watch.Stop()
	counted := &counter{reader: io.LimitReader(response.Body, most+1), total: response.ContentLength, progress: progress,
		alive: func() { watch.Reset(stallTimeout) }}
	if _, err := io.Copy(file, counted); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("after %d bytes: %w", counted.done, err)
	}
	if counted.done > most {
		return fmt.Errorf("it has more than %d bytes", most)
	}
	return file.Close()
}

// A counter reports what is read through it.
type counter struct {
	reader      io.Reader
	done, total int64
	progress    func(done, total int64)
	alive       func()
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.done += int64(n)
	if n > 0 {
		c.alive()
	}
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
	return n, err
}
