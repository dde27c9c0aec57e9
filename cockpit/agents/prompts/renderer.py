"""Prompt templates: shipped with cockpit, replaced by a person's own, known by the hash of their sources.

Templates are read once and rendered in a sandbox: they see the values they are given and each other, no
file, no chance and no object's insides. Whatever goes wrong with one is a `PromptTemplateError` of one line.
"""

import traceback
from collections.abc import Mapping
from hashlib import blake2b
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.domain.plain_text import plain_text

SUFFIX = ".j2"
_MAX_MESSAGE = 300


class PromptTemplateError(CockpitError):
    """A prompt template can't be used.

    Attributes:
        file: Which.
        line: Where in it; None where no line is to blame.
    """

    exit_code = USAGE

    def __init__(self, message: str, *, file: str, line: int | None = None) -> None:
        """Say what is wrong with it.

        Args:
            message: What is wrong, in words.
            file: Which template.
            line: Where in it.
        """
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {plain_text(message, _MAX_MESSAGE)}")
        self.file = file
        self.line = line


class PromptTemplates:
    """All templates, compiled.

    Args:
        folder: A person's own ``*.j2`` files, each in place of the shipped one of its name or beside them;
            None or a folder that doesn't exist: the shipped ones alone.

    Raises:
        PromptTemplateError: If one can't be read, doesn't compile, or includes one that isn't there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        shipped = _sources_of_package()
        own, self._files = _sources_of_folder(folder)
        self._sources = shipped | own
        self._environment = _environment(self._load)
        self._checked: set[tuple[str, frozenset[str]]] = set()
        self._references = {name: self._references_of(name) for name in sorted(self._sources)}

    def render(self, name: str, variables: Mapping[str, Any]) -> str:
        """The text a template makes of some variables; the same for the same.

        Raises:
            PromptTemplateError: If the template asks for something that isn't there, or fails otherwise.
        """
        try:
            return self._environment.get_template(name).render(variables)
        except TemplateNotFound as error:
            raise PromptTemplateError(f"there is no template {error.name}", file=self._file(name)) from error
        except Exception as error:  # whatever a person's template raises is told as its failure
            file, line = self._place_of(error, name)
            raise PromptTemplateError(str(error) or type(error).__name__, file=file, line=line) from error

    def version(self, *names: str) -> str:
        """Identifies some templates and all they include: 32 hexadecimal digits."""
        digest = blake2b(digest_size=16)
        for name in sorted(self._reached(names)):
            for part in (name, self._sources[name]):
                data = part.encode()
                digest.update(len(data).to_bytes(8, "little"))
                digest.update(data)
        return digest.hexdigest()

    def check_names(self, name: str, known: frozenset[str]) -> None:
        """See to it that a template and all it includes ask for known variables only.

        Raises:
            PromptTemplateError: With the first line that asks for another.
        """
        if (name, known) in self._checked:
            return
        for each in sorted(self._reached([name])):
            tree = self._environment.parse(self._sources[each])
            unknown = meta.find_undeclared_variables(tree) - known - self._environment.globals.keys()
            for asked in tree.find_all(nodes.Name):
                if asked.name in unknown:
                    there = ", ".join(sorted(known))
                    message = f"there is no {asked.name} here; there are {there}"
                    raise PromptTemplateError(message, file=self._file(each), line=asked.lineno)
        self._checked.add((name, known))

    def _load(self, name: str) -> tuple[str, str, None] | None:
        source = self._sources.get(name)
        return None if source is None else (source, self._file(name), None)

    def _file(self, name: str) -> str:
        return self._files.get(name, f"{name} as shipped")

    def _references_of(self, name: str) -> tuple[str, ...]:
        file = self._file(name)
        try:
            tree = self._environment.parse(self._sources[name], name, file)
            self._environment.get_template(name)
        except TemplateSyntaxError as error:
            raise PromptTemplateError(
                error.message or "syntax error", file=file, line=error.lineno
            ) from error
        found = []
        for node in tree.find_all((nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)):
            asked = getattr(node, "template")  # noqa: B009 - all four have it, their common base has not
            if not isinstance(asked, nodes.Const) or asked.value not in self._sources:
                message = "only templates that lie here can be included, each by its name in quotes"
                raise PromptTemplateError(message, file=file, line=node.lineno)
            found.append(asked.value)
        return tuple(found)

    def _reached(self, names: Any) -> set[str]:
        reached, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self._references[name]
        return reached

    def _place_of(self, error: Exception, name: str) -> tuple[str, int | None]:
        """The innermost template line an error came through."""
        known = {self._file(each) for each in self._sources}
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename in known:
                return frame.filename, frame.lineno
        return self._file(name), None


def _environment(load: Any) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        autoescape=False,  # text for models, which people are shown as text, never as HTML
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    del environment.filters["random"], environment.globals["lipsum"]  # the same values give the same text
    return environment


def _printed(value: object) -> object:
    """What a template prints for a value: an object's own spelling could hold its address."""
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return NOT_AVAILABLE
    if isinstance(value, (str, int, float, Undefined)):
        return value
    raise TypeError(f"a {type(value).__name__} can't be printed: name one of its fields")


def _sources_of_package() -> dict[str, str]:
    folder = files("cockpit.agents.prompts")
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(SUFFIX)
    }


def _sources_of_folder(folder: Path | None) -> tuple[dict[str, str], dict[str, str]]:
    """Sources by name, and where each lies."""
    sources, places = dict[str, str](), dict[str, str]()
    if folder is None or not folder.is_dir():
        return sources, places
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            sources[path.name] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise PromptTemplateError(f"it can't be read as UTF-8 text ({error})", file=str(path)) from error
        places[path.name] = str(path)
    return sources, places
