"""What litellm does unasked, and how it is kept from it. It is imported by whoever calls this, not here.

Importing it takes seconds and some 180 MB; it would fetch its price table, read a ``.env`` found above its
own package, and print to standard output and standard error, which tears the screen.
"""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

ENVIRONMENT: Mapping[str, str] = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no price table from the network
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",  # no headers from the network
    "LITELLM_MODE": "PRODUCTION",  # no .env
    "LITELLM_LOG": "CRITICAL",
}
"""To be set before it is imported."""

WARM_UP: Mapping[str, Any] = {
    "model": "openai/none",
    "messages": [{"role": "user", "content": "none"}],
    "mock_response": "none",
    "stream": True,
    "api_key": "none",
    "num_retries": 0,
}
"""A call that litellm answers itself, without any request: it imports what a first call would wait for."""

_LOGGERS = (
    "LiteLLM",
    "LiteLLM Router",
    "LiteLLM Proxy",
    "LiteLLM Proxy Stdout",
    "httpx",
    "openai",
    "aiohttp",
)
_PACKAGES = r"(?:litellm|openai|aiohttp|httpx|pydantic|tiktoken)(?:\..*)?"


def silence(litellm: Any) -> None:
    """Keeps litellm from printing, logging, counting and retrying on its own."""
    litellm.suppress_debug_info = True
    litellm.set_verbose = False
    litellm.drop_params = False
    litellm.modify_params = False
    litellm.num_retries = 0
    litellm.disable_streaming_logging = True
    litellm.disable_token_counter = True  # its guesses are not used
    for callbacks in (
        "callbacks",
        "input_callback",
        "success_callback",
        "failure_callback",
        "service_callback",
    ):
        setattr(litellm, callbacks, [])
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)  # what it would say of errors holds prompts and addresses
    warnings.filterwarnings("ignore", module=_PACKAGES)
    warnings.filterwarnings(
        "ignore", message=r"coroutine '.*(completion|streaming|handler).*' was never awaited"
    )
