package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

const (
	// defaultAddr is this machine only.
	defaultAddr = "127.0.0.1:8080"
	// containerModel is where SageMaker unpacks model.tar.gz.
	containerModel = "/opt/ml/model"
	// maxSecretFile bounds a file with a token or keys.
	maxSecretFile = 64 << 10
	// minToken is the shortest token, in characters.
	minToken = 16
)

// inContainer tells a SageMaker container: its model folder is there, and either SageMaker's environment or the first process.
func inContainer() bool {
	if multiModel() {
		return true
	}
	if info, err := os.Stat(containerModel); err != nil || !info.IsDir() {
		return false
	}
	if os.Getpid() == 1 {
		return true
	}
	for _, name := range []string{"SAGEMAKER_BIND_TO_PORT", "SAGEMAKER_BATCH", "SAGEMAKER_MULTI_MODEL", "SAGEMAKER_REGION", "SAGEMAKER_CONTAINER_LOG_LEVEL"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// batchPayload is the largest body of a batch transform, which SageMaker tells a container in megabytes, 100 at most; 0 when it does not.
func batchPayload() int64 {
	n, err := strconv.ParseInt(os.Getenv("SAGEMAKER_MAX_PAYLOAD_IN_MB"), 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return min(n, 100) << 20
}

// listenOptions say where a server listens.
type listenOptions struct {
	addr, probes string
	encrypted    bool
}

// secure reads what the flags say about who may ask, and refuses to listen to everybody unless told so.
func (o *serveOptions) secure(c *cli.Context, inside bool) error {
	o.listen = listenOptions{addr: c.String("addr"), probes: c.String("metrics-addr")}
	chosen := o.listen.addr != ""
	if !chosen {
		o.listen.addr = defaultAddr
		if inside { // SageMaker's network reaches a container by its own address, and nobody else does
			o.listen.addr = ":8080"
			if port := os.Getenv("SAGEMAKER_BIND_TO_PORT"); port != "" {
				o.listen.addr = ":" + port
			}
		}
	}
	var err error
	if c.IsSet("token") {
		if o.server.Token, err = readToken(c.String("token")); err != nil {
			return err
		}
	}
	if c.IsSet("verify-sigv4") {
		if o.server.Keys, err = readKeys(c.String("verify-sigv4")); err != nil {
			return err
		}
	}
	if err := o.encrypt(c); err != nil {
		return err
	}
	o.server.Hosts = c.StringSlice("host")
	for flag, addr := range map[string]string{"addr": o.listen.addr, "metrics-addr": o.listen.probes} {
		if addr == "" {
			continue
		}
		local, err := isLocal(addr)
		if err != nil {
			return &usageError{fmt.Sprintf("--%s %s: %v", flag, addr, err), "HOST:PORT, such as " + defaultAddr}
		}
		protected := o.server.Token != "" || o.listen.encrypted && flag == "addr" || c.Bool("insecure") || inside && !chosen
		if !local && !protected {
			return &usageError{fmt.Sprintf("--%s %s lets everybody on the network ask", flag, addr),
				"demand a token with --token FILE, encrypt with --tls-cert and --tls-key, or say --insecure"}
		}
		if flag == "addr" && local && o.server.Hosts == nil {
			o.server.Hosts = []string{} // names of other machines are refused
		}
	}
	return nil
}

// encrypt reads the certificate.
func (o *serveOptions) encrypt(c *cli.Context) error {
	if c.IsSet("tls-cert") != c.IsSet("tls-key") {
		return &usageError{"--tls-cert and --tls-key need each other", ""}
	}
	if !c.IsSet("tls-cert") {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.String("tls-cert"), c.String("tls-key"))
	if err != nil {
		return fmt.Errorf("read --tls-cert and --tls-key: %w", err)
	}
	o.server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
	o.listen.encrypted = true
	return nil
}

// isLocal tells whether an address can be reached from this machine only.
func isLocal(addr string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, err
	}
	if host == "localhost" {
		return true, nil
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback(), nil
}

// open opens the listeners.
func (l listenOptions) open(ctx context.Context) (main, probes net.Listener, err error) {
	var config net.ListenConfig
	if main, err = config.Listen(ctx, "tcp", l.addr); err != nil {
		return nil, nil, &hintedError{fmt.Errorf("listen: %w", err), "choose another address with --addr"}
	}
	if l.probes != "" {
		if probes, err = config.Listen(ctx, "tcp", l.probes); err != nil {
			_ = main.Close()
			return nil, nil, &hintedError{fmt.Errorf("listen: %w", err), "choose another address with --metrics-addr"}
		}
	}
	return main, probes, nil
}

// url is how people reach a listener.
func (l listenOptions) url(main net.Listener) string {
	if l.encrypted {
		return "https://" + main.Addr().String()
	}
	return "http://" + main.Addr().String()
}

// readToken reads a secret of one line. Its content is in no error.
func readToken(path string) (string, error) {
	data, err := readSecret(path)
	if err != nil {
		return "", fmt.Errorf("read --token: %w", err)
	}
	token := strings.TrimRight(string(data), "\r\n")
	if len(token) < minToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &hintedError{fmt.Errorf("read --token: %q holds no line of %d or more visible ASCII characters", path, minToken), "openssl rand -hex 32 > token"}
	}
	return token, nil
}

// readKeys reads every key pair of a file like ~/.aws/credentials.
func readKeys(path string) (map[string]string, error) {
	data, err := readSecret(path)
	if err != nil {
		return nil, fmt.Errorf("read --verify-sigv4: %w", err)
	}
	keys, id := make(map[string]string), ""
	for line := range strings.Lines(string(data)) {
		name, value, found := strings.Cut(line, "=")
		switch value = strings.TrimSpace(value); {
		case !found:
		case strings.TrimSpace(name) == "aws_access_key_id":
			id = value
		case strings.TrimSpace(name) == "aws_secret_access_key" && id != "":
			keys[id], id = value, ""
		}
	}
	if len(keys) == 0 {
		return nil, &hintedError{fmt.Errorf("read --verify-sigv4: %q holds no pair of keys", path),
			"a line aws_access_key_id = ... and behind it a line aws_secret_access_key = ..."}
	}
	return keys, nil
}

func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if len(data) > maxSecretFile {
		return nil, fmt.Errorf("%q has more than %d bytes", path, maxSecretFile)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), err
}
