package policy

// Decide returns the policy for a service, or every refusal at once, joined with [errors.Join]; each is a [*Refusal].
// Given the same input it returns the same decision.
func Decide(in Input) (Decision, error) { return Decision{}, nil }
