"""What roles are told, and that its version is that of every template it is made of."""

import pytest

from cockpit.agents.debate.debate_text import DebateWriter
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplateError, PromptTemplates
from cockpit.agents.tools.tool_use import ToolLimits
from cockpit.domain.debates import AnalystRole
from tests.agents.debate.debate_stage import TEMPLATES, form, rules


def writer_of(folder=None, **changes):
    templates = TEMPLATES if folder is None else PromptTemplates(folder)
    prompts = PromptWriter(templates, MarketForm.of(("1m", "3m")))
    return DebateWriter(templates, prompts, form(**changes), rules())


@pytest.mark.parametrize("role", AnalystRole)
def test_every_role_has_a_brief_of_its_own_and_the_same_task(role):
    text = writer_of().analyst(role)
    briefs = {each: writer_of().analyst(each).splitlines()[0] for each in AnalystRole}
    assert len(set(briefs.values())) == len(AnalystRole)
    assert text.split("\n", 1)[1] == writer_of().analyst(AnalystRole.BULL).split("\n", 1)[1]
    for told in (
        "- BTC (BTC/USDC:USDC): 0.1%",
        "the next 1h of market time",
        '"$defs"',
        "You speak before you have heard",
    ):
        assert told in text


def test_tools_and_rebuttals_are_told_of_where_there_are_any():
    plain, rich = writer_of(), writer_of(tools=ToolLimits(turns=2, calls=5), rebuttals=1)
    assert "tools" not in plain.analyst(AnalystRole.BULL)
    assert "and may answer" not in plain.analyst(AnalystRole.BULL)
    told = rich.analyst(AnalystRole.BULL)
    assert "at most 5 uses, in at most 2 turns" in told
    assert "Afterwards you are shown what they said, and may answer." in told
    assert "You will be shown their answers once more." in rich.rebuttal([], 1)
    assert "once more" not in rich.rebuttal([], 0)


@pytest.mark.parametrize(
    "name",
    [
        "debate_bull.j2",
        "debate_analyst.j2",
        "debate_rebuttal.j2",
        "debate_judge.j2",
        "debate_statements.j2",
        "user.j2",
    ],
)
def test_a_person_s_own_template_changes_the_version(tmp_path, name):
    (tmp_path / name).write_text("Anything.", encoding="utf-8")
    assert writer_of(tmp_path).version != writer_of().version
    assert writer_of(tmp_path).version == writer_of(tmp_path).version


def test_a_template_that_asks_for_what_it_is_not_given_is_refused_at_once(tmp_path):
    (tmp_path / "debate_bear.j2").write_text("\n{{ account }}", encoding="utf-8")
    with pytest.raises(PromptTemplateError, match=r"debate_bear\.j2, line 2: there is no account here"):
        writer_of(tmp_path)
