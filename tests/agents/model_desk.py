"""Gateways to a scripted provider, as tests of them want it."""

from cockpit.agents.gateway import LiteLlmGateway
from cockpit.agents.models.model_call import CallPurpose, Message, ModelRequest
from cockpit.agents.providers.api_keys import ApiKeys
from cockpit.agents.providers.call_circuit import CircuitLimits
from cockpit.agents.providers.model_directory import ModelDirectory
from cockpit.agents.providers.model_route import GatewayLimits, ModelRoute

MODEL = "openai/scripted-1"
PRICED = {"input_usd_per_million": 2.0, "output_usd_per_million": 10.0}


def request(model=MODEL, content="What now? Answer in JSON.", **given):
    return ModelRequest(
        model=model,
        messages=(Message(role="system", content="You trade."), Message(role="user", content=content)),
        max_tokens=given.pop("max_tokens", 500),
        **given,
    )


def purpose(deadline_s=10.0, **given):
    return CallPurpose(agent="fox", role="decide", round=3, deadline_s=deadline_s, **given)


def limits(**given):
    circuit = CircuitLimits(failures_to_open=given.pop("failures_to_open", 100), bench_s=60.0)
    return GatewayLimits(**{"backoff_s": 0.01, "max_backoff_s": 0.02, "circuit": circuit, **given})


def directory(server, models=(MODEL,), environment=None, **route):
    routes = [ModelRoute(model=model, api_base=server.url, **{**PRICED, **route}) for model in models]
    return ModelDirectory(routes, ApiKeys(environment or {}))


def gateway_to(server, *, models=(MODEL,), environment=None, route=None, clock=None, **given):
    return LiteLlmGateway(
        directory(server, models, environment, **(route or {})), limits(**given), **(clock or {})
    )
