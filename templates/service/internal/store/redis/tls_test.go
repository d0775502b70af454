package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestTLS: a server with a certificate that nobody has signed, asked in every wrong way and in the right ones. The
// errors name the likely cause.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certificate(t, dir)
	port := freePort(t)
	s := newServer(t, "--tls-port", strconv.Itoa(port), "--tls-auth-clients", "no",
		"--tls-cert-file", filepath.Join(dir, "cert.pem"), "--tls-key-file", filepath.Join(dir, "key.pem"),
		"--tls-ca-cert-file", filepath.Join(dir, "cert.pem"))
	secure := fmt.Sprintf("127.0.0.1:%d", port)
	open(t, "rediss://"+secure+"?skip_verify=true")
	wantRefused(t, "rediss://"+secure, "skip_verify=true")
	wantRefused(t, "rediss://"+secure, "SSL_CERT_FILE")
	wantRefused(t, fmt.Sprintf("rediss://localhost:%d", port), "as the certificate has it")
	wantRefused(t, "redis://"+secure, "write rediss://")
	wantRefused(t, "rediss://"+s.addr(), "write redis://")
	wantRefused(t, "rediss://"+secure+","+secure, "skip_verify=true")
	wantRefused(t, "redis://"+secure+","+secure, "write rediss://")
}

// certificate writes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der},
		"key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
