package redis

import (
	"context"
	"fmt"
	"log/slog"
)

// driverLog takes what the driver would print to stderr in its own format: a line for each connection that fails.
// The same error comes back from the call, so here it is worth the debug level only.
type driverLog struct{}

func (driverLog) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, "redis driver", "text", fmt.Sprintf(format, v...))
}
