package textmerge

// gaps reports for each k whether a change is right after the first k
// unchanged elements.
func gaps(changed []bool) []bool {
	out := []bool{false}
	for _, c := range changed {
		if c {
			out[len(out)-1] = true
		} else {
			out = append(out, false)
		}
	}
	return out
}

// slide moves each run of changed elements down as far as the elements allow:
// in "a b b c" either b may be the new one, and the choice should not depend on
// the search. A run that meets another becomes one with it. Where a run can
// stand opposite a change of the other side, whose gaps are given, it does,
// which makes one change of two.
func slide(side []int, changed []bool, other []bool) {
	unchanged := 0 // before start
	for start := 0; start < len(side); {
		if !changed[start] {
			start++
			unchanged++
			continue
		}
		end := start
		for end < len(side) && changed[end] {
			end++
		}
		opposite := -1 // the lowest end at which the run faces another change
		for {
			size := end - start
			opposite = -1
			for start > 0 && side[start-1] == side[end-1] {
				start--
				end--
				changed[start], changed[end] = true, false
				unchanged--
				for start > 0 && changed[start-1] {
					start--
				}
			}
			if other[unchanged] {
				opposite = end
			}
			for end < len(side) && side[start] == side[end] {
				changed[start], changed[end] = false, true
				start++
				end++
				unchanged++
				for end < len(side) && changed[end] {
					end++
				}
				if other[unchanged] {
					opposite = end
				}
			}
			if end-start == size {
				break
			}
		}
		for opposite >= 0 && end > opposite {
			start--
			end--
			changed[start], changed[end] = true, false
			unchanged--
		}
		start = end
	}
}
