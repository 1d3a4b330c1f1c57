package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// permute moves a command's flags before its paths. urfave/cli stops at the first path and takes every flag behind it for
// another path, without a word. What follows "--" stays where it is.
func permute(app *cli.App, args []string) []string {
	if len(args) < 2 || slices.Contains(args, "--generate-bash-completion") {
		return args
	}
	at, flags, commands := 1, app.Flags, app.Commands
	for at < len(args) {
		next := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(args[at]) })
		if next < 0 {
			break
		}
		flags, commands = commands[next].Flags, commands[next].Subcommands
		at++
	}
	if at == 1 {
		return args // help, or no command of ours
	}
	var options, paths []string
	rest := args[at:]
	for len(rest) > 0 {
		arg := rest[0]
		rest = rest[1:]
		switch {
		case arg == "--":
			paths = append(paths, rest...)
			rest = nil
		case len(arg) < 2 || arg[0] != '-':
			paths = append(paths, arg)
		default:
			options = append(options, arg)
			if !takesValue(flags, arg) {
				break
			}
			if len(rest) == 0 { // the "--" below would become its value
				return slices.Concat(args[:at], options)
			}
			options = append(options, rest[0])
			rest = rest[1:]
		}
	}
	return slices.Concat(args[:at], options, []string{"--"}, paths)
}

// takesValue tells whether the argument behind a flag belongs to it.
func takesValue(flags []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, flag := range flags {
		if slices.Contains(flag.Names(), name) {
			_, boolean := flag.(*cli.BoolFlag)
			return !boolean
		}
	}
	return false
}
