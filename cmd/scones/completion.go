package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// completions are the scripts that ask the binary itself for candidates, so that they never grow old.
var completions = map[string]string{
	"bash": `_scones() {
  local cur=${COMP_WORDS[COMP_CWORD]} words
  words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o bashdefault -o default -o nospace -F _scones scones
`,
	"zsh": `#compdef scones
_scones() {
  local -a found
  local cur=${words[CURRENT]}
  if [[ $cur == -* ]]; then
    found=("${(@f)$("${words[@]:0:CURRENT}" --generate-bash-completion 2>/dev/null)}")
  else
    found=("${(@f)$("${words[@]:0:CURRENT-1}" --generate-bash-completion 2>/dev/null)}")
  fi
  [[ -n ${found[1]} ]] && compadd -- "${found[@]%%:*}"
  _files
}
compdef _scones scones
`,
}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a shell completion script",
		ArgsUsage: "bash|zsh|fish",
		Description: "Examples:\n  source <(scones completion bash)\n  source <(scones completion zsh)\n" +
			"  scones completion fish > ~/.config/fish/completions/scones.fish",
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			script, ok := completions[shell]
			if shell == "fish" {
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return fmt.Errorf("write fish completion: %w", err)
				}
				ok = true
			}
			if !ok || c.NArg() != 1 {
				return &usageError{fmt.Sprintf("no completion for shell %q", shell), "scones completion bash|zsh|fish"}
			}
			_, err := fmt.Fprint(c.App.Writer, script)
			return err
		},
		BashComplete: func(c *cli.Context) {
			if c.NArg() == 0 {
				fmt.Fprintln(c.App.Writer, "bash\nzsh\nfish")
			}
		},
	}
}
