"""Templates: a person's own before the shipped, in a sandbox, with errors of one line."""

import pytest

from cockpit.agents.prompts.account_text import ACCOUNT_NAMES
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplateError, PromptTemplates

SHIPPED = ("system.j2", "user.j2", "market.j2", "account.j2")


@pytest.fixture
def own(tmp_path):
    """Writes a person's template, and reads the folder."""

    def write(source, name="note.j2"):
        (tmp_path / name).write_text(source, encoding="utf-8")
        return PromptTemplates(tmp_path)

    return write


def test_a_persons_template_takes_the_place_of_the_shipped_one_of_its_name(own):
    templates = own("My own {{ sharpe_ratio }}\n", "account.j2")
    assert templates.render("account.j2", {"sharpe_ratio": "1.23"}) == "My own 1.23\n"
    assert templates.version("market.j2") == PromptTemplates().version("market.j2")


def test_a_folder_that_does_not_exist_leaves_the_shipped_ones(tmp_path):
    assert PromptTemplates(tmp_path / "nowhere").version(*SHIPPED) == PromptTemplates().version(*SHIPPED)


def test_the_version_is_that_of_all_sources_used_and_of_no_other(own):
    own("{{ x }}", "part.j2")
    before = own("{% include 'part.j2' %}")
    beside = own("unused", "other.j2")
    assert beside.version("note.j2") == before.version("note.j2") != before.version("part.j2")
    changed = own("{{ x }}!", "part.j2")
    assert changed.version("note.j2") != before.version("note.j2")
    assert changed.version("other.j2") == beside.version("other.j2")
    assert len(changed.version("note.j2")) == 32


def test_names_and_sources_do_not_run_into_each_other(own):
    own("b", "a.j2")
    one = own("", "ab.j2").version("a.j2", "ab.j2")
    own("", "a.j2")
    assert own("b", "ab.j2").version("a.j2", "ab.j2") != one


# fmt: off
BROKEN_SOURCES = [
    ("one\n{% if x %}\ntwo",             3, "Unexpected end of template"),
    ("one\ntwo {{ x",                    2, "unexpected end of template"),
    ("{{ x | nonsense }}",               1, "No filter named 'nonsense'"),
    ("\n\n{{ x | random }}",             3, "No filter named 'random'"),
    ("\n{% include 'gone.j2' %}",        2, "only templates that lie here"),
    ("{% include '../../etc/passwd' %}", 1, "only templates that lie here"),
    ("{% include name %}",               1, "only templates that lie here"),
    ("{% import name as m %}",           1, "only templates that lie here"),
]
BROKEN_RENDERS = [
    ("one\n{{ gone }}",                                     2, "'gone' is undefined"),
    ("{{ x.gone }}",                                        1, "has no attribute 'gone'"),
    ("one\n\n{{ x.__class__ }}",                            3, "unsafe"),
    ("{{ ''.__class__.__mro__ }}",                          1, "unsafe"),
    ("{{ x + 1 }}",                                         1, "can only concatenate str"),
    ("{{ 1 // 0 }}",                                        1, "by zero"),
    ("{{ x.upper }}",                                       1, "can't be printed: name one of its fields"),
    ("{% for i in [1] %}\n{{ loop }}\n{% endfor %}",        2, "can't be printed"),
    ("{% for i in range(10 ** 9) %}{% endfor %}",           1, "Range too big"),
    ("{{ lipsum() }}",                                      1, "'lipsum' is undefined"),
    ("\n{% include 'note.j2' %}",                           2, "recursion"),
]
# fmt: on


@pytest.mark.parametrize(("source", "line", "words"), BROKEN_SOURCES, ids=[row[0] for row in BROKEN_SOURCES])
def test_a_template_that_does_not_compile_is_told_in_one_line_with_its_place(
    own, tmp_path, source, line, words
):
    with pytest.raises(PromptTemplateError) as caught:
        own(source)
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "note.j2"), line)
    assert str(caught.value).startswith(f"{tmp_path / 'note.j2'}, line {line}: ")
    assert words.lower() in str(caught.value).lower()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    BROKEN_RENDERS,
    ids=[row[0] for row in BROKEN_RENDERS],
)
def test_a_template_that_fails_is_told_in_one_line_with_its_place(own, tmp_path, source, line, words):
    templates = own(source)
    with pytest.raises(PromptTemplateError) as caught:
        templates.render("note.j2", {"x": "text"})
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "note.j2"), line)
    assert words.lower() in str(caught.value).lower()
    assert "\n" not in str(caught.value)


def test_a_template_cannot_change_what_it_is_given(own):
    given = [1]
    with pytest.raises(PromptTemplateError, match="line 1"):
        own("{{ xs.append(2) }}").render("note.j2", {"xs": given})
    assert given == [1]


def test_an_error_inside_an_included_template_names_that_one(own, tmp_path):
    own("fine\n{{ gone }}", "part.j2")
    with pytest.raises(PromptTemplateError) as caught:
        own("{% include 'part.j2' %}").render("note.j2", {})
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "part.j2"), 2)


def test_an_unknown_template_is_told(own):
    with pytest.raises(PromptTemplateError, match=r"there is no template gone\.j2"):
        own("x").render("gone.j2", {})


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "user.j2").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PromptTemplateError, match=r"user\.j2: it can't be read as UTF-8 text"):
        PromptTemplates(tmp_path)


def test_a_variable_that_is_never_given_is_told_before_the_first_round(own, tmp_path):
    templates = own("Cash: {{ available_cash }}\nFree: {{ free_collateral }}\n", "account.j2")
    with pytest.raises(
        PromptTemplateError, match="there is no free_collateral here; there are account_value"
    ):
        PromptWriter(templates)
    with pytest.raises(PromptTemplateError) as caught:
        templates.check_names("account.j2", ACCOUNT_NAMES)
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "account.j2"), 2)


def test_what_a_template_asks_for_is_looked_up_once(own, monkeypatch):
    templates = own("{{ available_cash }}")
    read, parsed = templates._environment.parse, []
    monkeypatch.setattr(templates._environment, "parse", lambda source: parsed.append(source) or read(source))
    for _ in range(2):
        templates.check_names("note.j2", ACCOUNT_NAMES)
        with pytest.raises(PromptTemplateError, match="there is no available_cash here"):
            templates.check_names("note.j2", frozenset({"x"}))
    assert len(parsed) == 3, "what is wrong is found again each time"


def test_own_variables_macros_and_loops_are_no_unknown_names(own):
    templates = own(
        "{% set a = 1 %}{% macro m(b) %}{{ b }}{% endmacro %}{% for c in positions %}{{ m(a) }}{% endfor %}"
    )
    templates.check_names("note.j2", ACCOUNT_NAMES)


def test_text_is_passed_on_as_it_is(own):
    templates = own("{{ x }}")
    for text in ("<b>&amp;</b>", "{{ 7 * 7 }}", "{% raw %}", "née → 東京"):
        assert templates.render("note.j2", {"x": text}) == text


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_what_is_undefined_prints_as_na(own, nothing):
    assert own("{{ x }}").render("note.j2", {"x": nothing}) == "n/a"


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "note.j2").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    assert PromptTemplates(tmp_path).render("note.j2", {}) == "one\ntwo"
