"""Write docs/commands.md, the reference of the command line, from the program's own help: python docs/make_commands.py"""
from pathlib import Path

import click

from numbacnn.cli import main

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 100

BEGINNING = """# Commands

Generated from the program's own help by `docs/make_commands.py`; do not edit.
"""


def help_of(command, name, parent=None):
    """The help text of a command as a terminal of 100 columns shows it."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH,
                            **command.context_settings)
    return command.get_help(context), context


def page():
    """The text of docs/commands.md."""
    text, group = help_of(main, "numbacnn")
    parts = [BEGINNING, f"```text\n{text}\n```\n"]
    for name in main.list_commands(group):
        text, _ = help_of(main.get_command(group, name), name, group)
        parts.append(f"## numbacnn {name}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
