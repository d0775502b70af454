// Package goedit edits Go source, and prunes marked regions of any text file,
// by splicing bytes. A syntax tree is only ever asked where something stands;
// it is never printed again, so a comment cannot move and a byte that no edit
// named cannot change.
//
// All functions are pure: they read their arguments, return a new slice, and
// may be used by several goroutines at once.
//
//	src, err := goedit.Prune("main.go", src, map[string]bool{"captcha": true})
//	src, err = goedit.SetConsts(src, map[string]string{"CookieName": `"app.sess"`})
//	src, err = goedit.RewriteImports(src, func(path string) string {
//		if rest, ok := strings.CutPrefix(path, "example.com/template/"); ok {
//			return "example.com/app/" + rest
//		}
//		return path
//	})
//	src, err = goedit.Format(src) // a new path or a longer literal changes order and alignment
package goedit
