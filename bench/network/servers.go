package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sessionseed/sessionseed/templates/service/bench/service"
)

// databases is the number of them on each server: one for each subject.
const databases = 16

// startRedis runs a server of its own that writes nothing to the disk. stop ends
// it and removes its files.
func startRedis(ctx context.Context) (addr string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "bench-redis-")
	if err != nil {
		return "", nil, err
	}
	port, err := service.FreePort()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", dir,
		"--save", "", "--appendonly", "no", "--databases", strconv.Itoa(databases))
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		cmd.Process.Kill()
		cmd.Wait()
		os.RemoveAll(dir)
	}
	addr = net.JoinHostPort("127.0.0.1", port)
	for range 500 {
		if _, err = timePing(addr); err == nil {
			return addr, stop, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	return "", nil, err
}

// startPostgres runs a server of its own, without fsync: what the disk of this
// machine takes is not the subject. It has databases for all subjects.
func startPostgres(ctx context.Context) (addr string, stop func(), err error) {
	bin, err := postgresPrograms()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "bench-postgres-")
	if err != nil {
		return "", nil, err
	}
	run := func(ctx context.Context, program string, args ...string) error {
		argv := append([]string{filepath.Join(bin, program)}, args...)
		if os.Getuid() == 0 {
			argv = append([]string{"runuser", "-u", "postgres", "--"}, argv...)
		}
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Dir = dir // output goes to the null device: the server would keep a pipe open
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
		return nil
	}
	if os.Getuid() == 0 { // as which the server refuses to run
		account, err := user.Lookup("postgres")
		if err != nil {
			return "", nil, err
		}
		uid, _ := strconv.Atoi(account.Uid)
		if err := os.Chown(dir, uid, -1); err != nil {
			return "", nil, err
		}
	}
	port, err := service.FreePort()
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	options := "-c listen_addresses=127.0.0.1 -c fsync=off -c port=" + port + " -c unix_socket_directories=" + dir
	err = run(ctx, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err == nil {
		err = run(ctx, "pg_ctl", "start", "-w", "-D", data, "-l", filepath.Join(dir, "log"), "-o", options)
	}
	stop = func() {
		run(context.Background(), "pg_ctl", "stop", "-w", "-D", data, "-m", "immediate")
		os.RemoveAll(dir)
	}
	addr = net.JoinHostPort("127.0.0.1", port)
	if err == nil {
		err = createDatabases(ctx, addr)
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		stop()
		return "", nil, fmt.Errorf("%w\n%s", err, log)
	}
	return addr, stop, nil
}

func createDatabases(ctx context.Context, addr string) error {
	conn, err := pgx.Connect(ctx, fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", addr))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for i := range databases {
		if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE DATABASE subject%d", i)); err != nil {
			return err
		}
	}
	return nil
}

// postgresPrograms is the folder of initdb and pg_ctl, of the newest version.
func postgresPrograms() (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin"); len(found) > 0 {
		return slices.Max(found), nil
	}
	path, err := exec.LookPath("pg_ctl")
	if err != nil {
		return "", errors.New("no PostgreSQL server (Debian: apt install postgresql)")
	}
	return filepath.Dir(path), nil
}
