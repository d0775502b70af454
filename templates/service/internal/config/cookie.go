package config

import "strings"

// String writes the cookie as its attributes appear in Set-Cookie, without a value.
func (c Cookie) String() string {
	parts := []string{c.Name, "Path=" + c.Path}
	if c.Domain != "" {
		parts = append(parts, "Domain="+c.Domain)
	}
	if c.HTTPOnly {
		parts = append(parts, "HttpOnly")
	}
	if c.Secure {
		parts = append(parts, "Secure")
	}
	switch c.SameSite {
	case "strict":
		parts = append(parts, "SameSite=Strict")
	case "none":
		parts = append(parts, "SameSite=None")
	default:
		parts = append(parts, "SameSite=Lax")
	}
	if c.Partitioned {
		parts = append(parts, "Partitioned")
	}
	return strings.Join(parts, "; ")
}
