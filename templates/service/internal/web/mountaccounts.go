package web

import (
	"context"
	"errors"
)

// CreateUser makes an account whose address needs no confirmation: the first one, or those of an import. It fails where
// the sessions were opened with an Authenticator of yours, for a password that may not be chosen, and with
// account.ErrTaken for an address that has an account.
func (s *Sessions) CreateUser(ctx context.Context, email, password string) error {
	table, ok := s.app.accounts.(byAddress)
	if !ok {
		return errors.New("the users are those of another Authenticator; make the account there")
	}
	return table.Create(ctx, email, password)
}
