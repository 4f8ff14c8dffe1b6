"""The keys of [elasticities]: a set, and one for every structural parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, create_model

from cge.model.parameters import PARAMETERS
from cge.runfile.keys.kinds import BySector, NamedBySector
from cge.runfile.keys.table import Keys


class SetKeys(Keys):
    """[elasticities]."""

    set: str | None = Field(
        None,
        title="Published elasticities, or a file of your own",
        description="Give the name of a set (cge show elasticities), or a csv file sector,trade,standard_error.",
    )


if TYPE_CHECKING:
    ElasticityKeys = SetKeys
else:  # one key for every structural parameter
    _parameters = {
        name: (NamedBySector if parameter.names else BySector, Field(None, title=parameter.title)) for name, parameter in PARAMETERS.items()
    }
    ElasticityKeys = create_model("ElasticityKeys", __base__=SetKeys, __doc__=SetKeys.__doc__, **_parameters)
