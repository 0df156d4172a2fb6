"""GET /problems/{code}: what a problem's `type` leads to, without the internet."""

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from api.access import open_to_all
from api.catalogue import Sentence, catalogue
from api.problems import Refusal


class ProblemPage(Struct, frozen=True):
    """What a code means, in both languages; the facts of a case stand in braces."""

    code: str
    en: Sentence
    fr: Sentence


@get(
    "/problems/{code:str}",
    operation_id="getProblem",
    tags=["Problems"],
    summary="What a problem means",
    guards=[open_to_all],
    opt={"problems": (404,)},
)
async def get_problem(code: FromPath[str]) -> ProblemPage:
    """Answer title, detail and remedy of a code, in English and French."""
    known = catalogue().sentences.get(code)
    if known is None:
        raise Refusal("path-unknown", 404)
    return ProblemPage(code, known["en"], known["fr"])
