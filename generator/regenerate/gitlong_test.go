//go:build long

package regenerate_test

import "testing"

// TestAllBranchesMerge is TestBranchesMerge for every pair.
func TestAllBranchesMerge(t *testing.T) { branchesMerge(t, 1) }
