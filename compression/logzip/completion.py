"""Shell completion: what ``logzip completion SHELL`` prints."""

from __future__ import annotations

OPTIONS = (
    "-d", "--decompress", "-c", "--stdout", "-o", "--level", "-T", "-q", "--quiet", "-f",
    "--force", "-k", "--keep", "--rm", "--help",
)  # fmt: skip
ASKING = {
    "grep": (
        "-F", "-E", "-e", "-f", "-i", "-v", "-w", "-x", "-c", "-n", "-o", "-l", "-q", "-m",
        "-A", "-B", "-C", "-H", "-h", "--color", "-T", "--help",
    ),
    "cat": ("--lines", "--help"),
    "export": ("--format", "-o", "-f", "--force", "--help"),
    "info": ("--json", "--costs", "--help"),
    "test": ("-T", "--help"),
    "completion": ("bash", "zsh"),
}  # fmt: skip

BASH = """\
_logzip() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
    case $before in
        --level) COMPREPLY=($(compgen -W "fast default max" -- "$word")); return ;;
        --format) COMPREPLY=($(compgen -W "raw ndjson parquet" -- "$word")); return ;;
        --color) COMPREPLY=($(compgen -W "auto always never" -- "$word")); return ;;
    esac
    local words="{options}"
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    if [[ $word == -* || ${{COMP_WORDS[1]}} == completion ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
        if [[ $COMP_CWORD == 1 ]]; then
            COMPREPLY+=($(compgen -W "{commands}" -- "$word"))
        fi
    fi
}}
complete -o filenames -F _logzip logzip
"""
SHELLS = ("bash", "zsh")


def script(shell: str) -> str:
    """Return the script that makes ``shell`` complete the command."""
    cases = "\n".join(
        f'        {name}) words="{" ".join(words)}" ;;' for name, words in ASKING.items()
    )
    bash = BASH.format(options=" ".join(OPTIONS), cases=cases, commands=" ".join(ASKING))
    return bash if shell == "bash" else "autoload -U +X bashcompinit && bashcompinit\n" + bash
