package serve

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// limitConnections closes, with a refusal, the connections beyond a number. To let them wait, as netutil's LimitListener does, would
// let health checks wait too.
func limitConnections(l net.Listener, most int) *limitedListener {
	return &limitedListener{Listener: l, most: int64(most)}
}

type limitedListener struct {
	net.Listener
	most int64
	open atomic.Int64
}

// tooMany is what a connection too many is told.
const tooMany = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"

// Accept returns the next connection that may stay.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= l.most {
			return &countedConn{Conn: c, open: &l.open}, nil
		}
		l.open.Add(-1)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte(tooMany))
		_ = c.Close()
	}
}

// A countedConn counts itself out once it is closed.
type countedConn struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

// Close closes the connection.
func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}
