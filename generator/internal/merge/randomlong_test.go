//go:build long

package merge

import "testing"

func TestStructureLawsLong(t *testing.T) { checkStructure(t, 2, 12_000) }
