package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	sheetCount = 48
	sheetWidth = 780
)

// sheet draws 48 pictures of one size by Chromium. The key goes to its own file, so that the pictures can be read
// blind first.
func sheet(p picture, pngFile, keyFile string) error {
	dir, err := os.MkdirTemp("", "sheet")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	samples, err := ours(p.options(), sheetCount)
	if err != nil {
		return err
	}
	var body, key strings.Builder
	columns := sheetWidth / (p.width + 30)
	for i, s := range samples {
		x, y := 10+i%columns*(p.width+30), 10+i/columns*(p.height+12)
		fmt.Fprintf(&body, `<text x="%d" y="%d" font-family="sans-serif" font-size="9" fill="#666">%d</text>`, x, y+12,
			i+1)
		body.WriteString(strings.Replace(s.SVG, "<svg ", fmt.Sprintf(`<svg x="%d" y="%d" `, x+14, y), 1))
		fmt.Fprintln(&key, i+1, s.Text)
	}
	height := 20 + (sheetCount+columns-1)/columns*(p.height+12)
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">`+
		`<rect width="100%%" height="100%%" fill="#fff"/>%s</svg>`, sheetWidth, height, &body)
	page := filepath.Join(dir, "sheet.svg")
	if err := os.WriteFile(page, []byte(svg), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, []byte(key.String()), 0o644); err != nil {
		return err
	}
	absolute, err := filepath.Abs(pngFile)
	if err != nil {
		return err
	}
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-background-networking",
		"--disable-component-update", "--disable-quic", "--disable-sync", "--no-first-run",
		"--user-data-dir="+filepath.Join(dir, "profile"),
		"--hide-scrollbars", "--force-device-scale-factor=2", fmt.Sprintf("--window-size=%d,%d", sheetWidth, height),
		"--screenshot="+absolute, "file://"+page).CombinedOutput()
	if err != nil {
		return fmt.Errorf("chromium: %w: %s", err, out)
	}
	return nil
}
