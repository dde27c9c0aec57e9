"""What every part of the tree of settings is made from."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the tree: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
