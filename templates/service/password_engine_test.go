package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestHashPassword(t *testing.T) {
	for _, test := range []struct {
		name   string
		args   []string
		stdin  string
		code   int
		stdout string // how it begins
		stderr string // what it contains
	}{
		{"too many words", []string{"hash-password", "secret"}, "", 2, "", "usage"},
		{"hash", []string{"hash-password"}, "correct horse battery\n", 0, "ACCOUNT_PASSWORD_HASH='pbkdf2-sha256$",
			""},
		{"hash without line end", []string{"hash-password"}, "正确的马电池订书钉一二三四五六七", 0,
			"ACCOUNT_PASSWORD_HASH='pbkdf2-sha256$", ""},
		{"short password", []string{"hash-password"}, "12345678901234\n", 1, "", "14 characters"},
		{"space at the end", []string{"hash-password"}, "correct horse battery \n", 1, "", "space"},
		{"longest password", []string{"hash-password"}, strings.Repeat("x", 4096) + "\r\n", 0,
			"ACCOUNT_PASSWORD_HASH='pbkdf2-sha256$", ""},
		{"password that is too long", []string{"hash-password"}, strings.Repeat("x", 4097) + "\n", 1,
			"", "more than 4096 bytes"},
		{"password that is far too long", []string{"hash-password"}, strings.Repeat("x", 10*4096), 1, "",
			"more than 4096 bytes"},
		{"not UTF-8", []string{"hash-password"}, "correct horse b\xe4ttery\n", 1, "", "UTF-8"},
		{"UTF-16", []string{"hash-password"}, "c\x00o\x00r\x00r\x00e\x00c\x00t\x00 \x00h\x00o\x00r\x00s\x00e\x00\n",
			1, "", "control character"},
		{"byte order mark", []string{"hash-password"}, "\ufeffcorrect horse battery\n", 1, "",
			"byte order mark"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir()) // away from the .env of the project
			var stdout, stderr bytes.Buffer
			code := execute(t.Context(), test.args, strings.NewReader(test.stdin), &stdout, &stderr)
			if code != test.code || !strings.HasPrefix(stdout.String(), test.stdout) ||
				!strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("execute(%q) = %d, stdout %q, stderr %q", test.args, code, stdout.String(), stderr.String())
			}
			if test.stdout == "" && stdout.Len() > 0 {
				t.Errorf("execute(%q) writes to stdout: %q", test.args, stdout.String())
			}
		})
	}
}

// TestRunRefusesHalfAnAccount: with everything else that cannot work.
func TestRunRefusesHalfAnAccount(t *testing.T) {
	env := map[string]string{"ACCOUNT_USERNAME": "张三", "LOG_LEVEL": "loud"}
	err := run(t.Context(), call{getenv: func(name string) string { return env[name] }, stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "ACCOUNT_PASSWORD_HASH") ||
		!strings.Contains(err.Error(), "LOG_LEVEL") {
		t.Errorf("run = %v, want it to name both", err)
	}
}
