package policy

// Explain tells the policy in words, one sentence each, for someone who writes the front end.
func (d Decision) Explain() []string { return nil }

// CookieLine returns the cookie's name and attributes as a Set-Cookie header writes them, without value and lifetime.
func (d Decision) CookieLine() string { return "" }
