"""Advice that names an option which the running command does not have says whose option it is."""
import re

import click

#: `numbacnn train --resume RUN` is a command of its own, and so is what stands behind these words.
ELSEWHERE = re.compile(r"numbacnn [a-z-]+ [^;,`]*|where the command has them [^;]*")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def with_owners(sentence, ctx):
    """The sentence, and behind it the commands that have the options which it names and the command of `ctx` does not have.

    The library advises options without knowing which command reads its words.
    """
    if ctx is None or ctx.parent is None:
        return sentence
    group = ctx.parent.command
    named = dict.fromkeys(OPTION.findall(ELSEWHERE.sub("", sentence)))
    foreign = {}
    for option in named:
        if option not in _options(ctx.command):
            owners = [name for name in group.list_commands(ctx.parent) if option in _options(group.get_command(ctx.parent, name))]
            if owners:
                foreign[option] = owners
    said = [f"{option} is an option of {_in_words(owners)}, not of {ctx.info_name}" for option, owners in foreign.items()]
    return f"{sentence.rstrip('.')} ({'; '.join(said)})" if said else sentence


def _options(command):
    return {name for param in command.params if isinstance(param, click.Option) for name in (*param.opts, *param.secondary_opts)}


def _in_words(names):
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
