"""The command `numbacnn`: finds its commands when asked for, and turns errors into a sentence and an exit code."""
import importlib
import logging
import sys
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from time import perf_counter

import click

from numbacnn.cli.failure import BROKEN_PIPE, DATA, INTERRUPTED, USAGE, sentence_of, wrong_option
from numbacnn.cli.foreign_options import with_owners
from numbacnn.cli.output import to_nowhere, write

COMMANDS = {"train": "train", "evaluate": "evaluate", "predict": "predict", "report": "report", "explain": "explain",
            "saliency": "saliency", "feature-maps": "feature_maps", "visualize-filters": "visualize_filters",
            "runs": "runs", "compare": "compare", "summary": "summary", "show-data": "show_data",
            "benchmark": "benchmark", "warmup": "warmup"}

EPILOG = """Exit codes: 0 done, 2 wrong usage, 3 data or files that cannot be used, 4 the training diverged (NaN),
5 --min-accuracy was not met, 130 interrupted, 141 the output pipe was closed."""


@dataclass
class Call:
    """One call of the program: its arguments, when it began, and the context of its command once that is known."""

    arguments: tuple
    started: float
    running: click.Context | None = None

    @property
    def seconds(self):
        """Wall time since the start."""
        return perf_counter() - self.started


class LazyGroup(click.Group):
    """A group that imports a command's file when the command is looked up."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, cmd_name):
        if cmd_name not in COMMANDS:
            return None
        module = COMMANDS[cmd_name]
        return getattr(importlib.import_module(f"numbacnn.cli.{module}"), module)

    def format_commands(self, ctx, formatter):
        """The first sentence of each command, whole; Click would cut it where the terminal is narrow."""
        whole = 1000  # letters, more than any sentence has
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.get_command(ctx, name).get_short_help_str(whole)) for name in COMMANDS])

    def resolve_command(self, ctx, args):
        try:
            name, command, words = super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = get_close_matches(args[0], COMMANDS, 1)
            if close:
                error.message += f" Did you mean '{close[0]}'?"
            raise
        ctx.obj.running = click.Context(command, parent=ctx, info_name=name)
        refuse_empty(command, words, ctx.obj.running)
        return name, command, words

    def main(self, args=None, prog_name="numbacnn", standalone_mode=True, **extra):
        """Run, and leave with an exit code; bad input gives one line on stderr and never a traceback."""
        arguments = sys.argv[1:] if args is None else list(args)
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its advice about its own cache is of no use here
        with warnings.catch_warnings():
            warnings.showwarning = _say_warning
            code = self._run(arguments, prog_name, Call(tuple(arguments), perf_counter()), extra)
        sys.exit(code)

    def _run(self, arguments, prog_name, call, extra):
        try:
            code = super().main(arguments, prog_name, standalone_mode=False, obj=call, **extra) or 0
            sys.stdout.flush()
            return code
        except click.ClickException as error:
            return _say(error.format_message(), error.exit_code, call.running)
        except (KeyboardInterrupt, click.Abort):
            return _say("interrupted", INTERRUPTED)
        except (BrokenPipeError, SystemExit):  # Click exits when a write finds that the reader has left
            to_nowhere(sys.stdout)
            return BROKEN_PIPE
        except (OSError, ValueError, MemoryError) as error:
            option = wrong_option(error)
            if option:
                return _say(option, USAGE, call.running)
            sentence = sentence_of(error)
            if sentence is None:
                raise
            return _say(sentence, DATA, call.running)


def refuse_empty(command, words, ctx):
    """Refuse an option or argument that is an empty text: a shell makes one of a variable that is not set.

    Most would be taken for something: an empty path is the current folder.
    """
    given, more, order = command.make_parser(ctx).parse_args(list(words))
    for param in order:
        value = given.get(param.name)
        texts = value if isinstance(value, (tuple, list)) else (value,)
        if any(isinstance(text, str) and not text.strip() for text in texts):
            name, out = " / ".join(param.opts), ", or leave the option out"
            if isinstance(param, click.Argument):
                name, out = param.human_readable_name.strip("[]."), ""
            raise click.UsageError(f"{name} is an empty text; give a value{out} (is a variable of the shell not set?)")
    if any(not text.strip() for text in more):
        raise click.UsageError("one of the arguments is empty; leave it out (is a variable of the shell not set?)")


def _say_warning(message, *where):
    """A warning as one line, without the line of code that gave it."""
    write(f"numbacnn: warning: {message}", err=True)


def _say(sentence, code, ctx=None):
    sentence = with_owners(sentence.splitlines()[0].rstrip("."), ctx) if sentence else "unknown"
    write(f"numbacnn: error: {sentence}", err=True)
    return code


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]},
             no_args_is_help=False, invoke_without_command=True)
@click.version_option(package_name="numbacnn", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx):
    """Train convolutional networks on the CPU, and look inside.

    Start with `numbacnn train`: it trains LeNet-5 on handwritten digits within a minute and needs no download.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
