package regenerate

// WithoutCompiling is for tests of what a run writes.
func WithoutCompiling() ApplyOptions { return ApplyOptions{skipVerify: true} }

// AtEachStep calls f before each step that changes the disk.
func AtEachStep(f func(name string) error) ApplyOptions {
	return ApplyOptions{skipVerify: true, step: f}
}

// After is what a file holds after the run; there is false when it is gone.
func After(f FileChange) (data []byte, there bool) {
	if f.after == nil {
		return nil, false
	}
	return f.after.Data, true
}
