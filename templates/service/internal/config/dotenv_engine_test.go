package config

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseDotenv(t *testing.T) {
	for _, test := range []struct {
		name, file string
		want       map[string]string
	}{
		{"empty", "", map[string]string{}},
		{"comments and blanks", "# a=1\n\n  # b\n", map[string]string{}},
		{"plain", "A=1\nB=http://localhost:8080\nC=\n", map[string]string{"A": "1", "B": "http://localhost:8080",
			"C": ""}},
		{"base64 keys", "K=YWJj==,ZGVm=\n", map[string]string{"K": "YWJj==,ZGVm="}},
		{"single quotes keep everything", `H='pbkdf2-sha256$1000$a/b+c$d \ "x" # y'`,
			map[string]string{"H": `pbkdf2-sha256$1000$a/b+c$d \ "x" # y`}},
		{"double quotes", `S="a \"b\" \\ \n c # d"`, map[string]string{"S": "a \"b\" \\ \n c # d"}},
		{"other alphabets", "ACCOUNT_USERNAME=张三\nN='王 小明'", map[string]string{"ACCOUNT_USERNAME": "张三", "N": "王 小明"}},
		{"Windows line ends and byte order mark", "\ufeffA=1\r\nB='2'\r\n", map[string]string{"A": "1", "B": "2"}},
		{"hash sign inside a value", "A=b#c", map[string]string{"A": "b#c"}},
		{"indented", "  A=1", map[string]string{"A": "1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseDotenv([]byte(test.file))
			if err != nil {
				t.Fatalf("ParseDotenv(%q): %v", test.file, err)
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("ParseDotenv(%q) = %q, want %q", test.file, got, test.want)
			}
		})
	}
}

func TestParseDotenvRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"no equals sign", "A=1\nB\n", "line 2: not of the form"},
		{"space before =", "A =1", "single quotes"},
		{"export", "export A=1", "single quotes"},
		{"name with a digit first", "1A=1", "single quotes"},
		{"unquoted space", "A=secret b", "single quotes"},
		{"space after =", "A= 1", "single quotes"},
		{"unquoted expansion", "A=$HOME", "single quotes"},
		{"expansion in double quotes", `A="$HOME"`, "single quotes"},
		{"comment after value", "A='1' # one", "single quotes"},
		{"open quote", "A='1", "single quotes"},
		{"open double quote", `A="1\"`, "single quotes"},
		{"unknown escape", `A="\t"`, "single quotes"},
		{"twice", "A=1\nA=2", "line 2: A is given twice"},
		{"control character", "A=\x00", "single quotes"},
		{"not UTF-8", "A=\xff", "not UTF-8"},
		{"too large", strings.Repeat("#", maxDotenv+1), "more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseDotenv([]byte(test.file))
			if err == nil {
				t.Fatalf("ParseDotenv(%.40q) = %q, want an error", test.file, got)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("ParseDotenv(%.40q): %v\nlacks %q", test.file, err, test.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("ParseDotenv(%.40q): the message quotes the value", test.file)
			}
		})
	}
}

func TestDotenvEnvironmentWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte("A=file\nB=file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	getenv, err := Dotenv(path, func(name string) string { return map[string]string{"A": "environment"}[name] })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"A": "environment", "B": "file", "C": ""} {
		if got := getenv(name); got != want {
			t.Errorf("getenv(%s) = %q, want %q", name, got, want)
		}
	}
}

func TestDotenvMissingFile(t *testing.T) {
	getenv, err := Dotenv(filepath.Join(t.TempDir(), ".env"), func(string) string { return "set" })
	if err != nil || getenv("A") != "set" {
		t.Errorf("Dotenv without a file: error %v; want nil, and A as the environment has it", err)
	}
}

func FuzzParseDotenv(f *testing.F) {
	for _, s := range []string{"A=1", "A='x'", `A="\n"`, "A=$B", "\ufeffA=", "=", "A='", "#"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		values, err := ParseDotenv(data)
		if err != nil {
			return
		}
		for name, value := range values {
			// What was read can be written again in single quotes, unless it holds one.
			if strings.ContainsAny(value, "'\n") {
				continue
			}
			again, err := ParseDotenv([]byte(name + "='" + value + "'"))
			if err != nil || again[name] != value {
				t.Errorf("ParseDotenv(%q): %s = %q does not survive single quotes: %q, %v", data, name, value,
					again[name], err)
			}
		}
	})
}
