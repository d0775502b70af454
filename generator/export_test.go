package generator

// WithoutCompiling is for tests of what a run writes.
func WithoutCompiling() ApplyOptions { return ApplyOptions{skipVerify: true} }

// AtEachStep calls f before each step that changes the disk.
func AtEachStep(f func(name string) error) ApplyOptions {
	return ApplyOptions{skipVerify: true, step: f}
}
