"""Which models can be asked: over which route, with which key, at what price. It asks none of them."""

from collections.abc import Iterable
from typing import Any

from cockpit.agents.models.model_call import ModelRequest
from cockpit.agents.providers.api_keys import ApiKeys, key_variables
from cockpit.agents.providers.model_arguments import NO_KEY, call_arguments
from cockpit.agents.providers.model_facts import ModelFacts, model_facts
from cockpit.agents.providers.model_prices import ModelPrice, price_of
from cockpit.agents.providers.model_route import ModelRoute
from cockpit.agents.providers.model_table import ModelTable, provider_of
from cockpit.domain.market import Micros


class ModelDirectory:
    """What is known of models before any call, from settings, keys and litellm's local table."""

    def __init__(self, routes: Iterable[ModelRoute], keys: ApiKeys, table: ModelTable | None = None) -> None:
        """Take in what is known.

        Args:
            routes: Of models that need one; any other is reached as its provider's name says.
            keys: The keys there are.
            table: litellm's local table.
        """
        self._routes = {route.model: route for route in routes}
        self._keys = keys
        self._table = table or ModelTable()
        self._prices: dict[str, ModelPrice | None] = {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value to be masked in any text, the longest first."""
        return self._keys.secrets

    def missing_key(self, model: str) -> str | None:
        """The variable to set before a model can be asked; None where nothing is missing."""
        variables = self._variables(self._route(model))
        return None if not variables or any(map(self._keys.value, variables)) else variables[0]

    def price(self, model: str) -> ModelPrice | None:
        """What a model costs; None where nobody knows."""
        if model not in self._prices:
            self._prices[model] = price_of(self._route(model), self._table)
        return self._prices[model]

    def facts(self, model: str) -> ModelFacts:
        """What people are told of a model."""
        route = self._route(model)
        return model_facts(route, self.price(model), self._variables(route), self._keys, self._table)

    def worst_case_cost(self, request: ModelRequest) -> Micros | None:
        """Micro-dollars one request can cost at most, to be reserved before the call; None: nobody knows."""
        price = self.price(request.model)
        return None if price is None else price.worst_case(request)

    def arguments(self, request: ModelRequest) -> dict[str, Any]:
        """The request as litellm takes it, the key included."""
        route = self._route(request.model)
        keys = filter(None, map(self._keys.value, self._variables(route)))
        key = next(keys, None if route.api_base is None else NO_KEY)
        return call_arguments(request, route, key, self._table.entry(request.model))

    def _route(self, model: str) -> ModelRoute:
        return self._routes.get(model) or ModelRoute(model=model)

    def _variables(self, route: ModelRoute) -> tuple[str, ...]:
        if route.key_variable is not None:
            return (route.key_variable,)
        return () if route.api_base is not None else key_variables(provider_of(route.model))
