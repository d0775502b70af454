package generator

// WithoutCompiling is for tests of what a run writes.
func WithoutCompiling() ApplyOptions { return ApplyOptions{skipVerify: true} }
