package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGathered(t *testing.T) {
	files := map[string]string{
		"WHY.md": "## Why\n",
		"cors/RESULTS.md": "# CORS\n\n| request | ns |\n|---|---|\n| actual | 5 |\n\n| aim | reached | " +
			"|\n|---|---|---|\n| fast | 2x | met |\n\nEnd.\n",
		"growth/RESULTS.md": "# Growth\n\n## Heap\n\n![Heap](heap.svg)\n\n[sheet](../../docs/s.png)\n\n" +
			"```\n# no heading\n```\n",
	}
	text, err := gathered(func(name string) ([]byte, error) {
		if text, ok := files[filepath.ToSlash(name)]; ok {
			return []byte(text), nil
		}
		return nil, os.ErrNotExist
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n## Why\n", "| [cors](cors/RESULTS.md) | fast | 2x | met |\n", "\n## CORS\n",
		"\n### Heap\n", "![Heap](growth/heap.svg)", "[sheet](../docs/s.png)", "\n# no heading\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("gathered lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "| [cors](cors/RESULTS.md) | actual") {
		t.Error("a row of figures stands among the aims")
	}
}
