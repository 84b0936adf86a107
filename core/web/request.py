"""Requests as the pages take them: bounded before anything of them is parsed.

FormParser          the inputs of a form are counted before they are read
BoundedRequest      a request with that parser, for a host that is allowed
IntegerConverter    ids in addresses
check_query         texts in addresses
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter as WerkzeugIntegerConverter
from werkzeug.routing import ValidationError as NoMatch
from werkzeug.wrappers import Request

from core.bounds import INTEGER_MAX
from core.exceptions import InvalidArgument
from core.i18n import _

#: The largest form without files, in bytes.
FORM_MAX: Final = 16 * 2**20


class TooManyInputs(RequestEntityTooLarge):
    """A form has more inputs than its page takes; `maximum` is that number."""

    def __init__(self, maximum: int) -> None:
        super().__init__()
        self.maximum = maximum


class FormParser(FormDataParser):
    """A form parser that refuses what is too large by its size and the number of its separators.

    Splitting and decoding a form costs some hundred times as much as receiving it.
    """

    def _parse_urlencoded(self, stream: Any, mimetype: str, content_length: int | None, options: Any) -> Any:
        largest = min(self.max_form_memory_size or FORM_MAX, FORM_MAX)
        if (content_length or 0) > largest:
            raise RequestEntityTooLarge()
        body = stream.read(largest + 1)
        if len(body) > largest:
            raise RequestEntityTooLarge()
        if self.max_form_parts is not None and body.count(b"&") >= self.max_form_parts:
            raise TooManyInputs(self.max_form_parts)
        return super()._parse_urlencoded(BytesIO(body), mimetype, content_length, options)

    def _parse_multipart(self, stream: Any, mimetype: str, content_length: int | None, options: Any) -> Any:
        try:
            parts, inputs, files = super()._parse_multipart(stream, mimetype, content_length, options)
        except RequestEntityTooLarge:
            # Its length was checked before: what is left is the number of its parts.
            if content_length is None or self.max_form_parts is None:
                raise
            raise TooManyInputs(self.max_form_parts) from None
        if None in inputs or None in files:  # against RFC 7578
            raise InvalidArgument(_("A part of the form has no name."), argument="form")
        return parts, inputs, files


class BoundedRequest(Request):
    """A request whose form is parsed by `FormParser`.

    ``max_content_length``, ``max_form_memory_size`` (bytes) and ``max_form_parts`` (inputs) are its bounds;
    ``trusted_hosts`` the hosts it may name, any where it is None.
    """

    form_data_parser_class = FormParser


class IntegerConverter(WerkzeugIntegerConverter):
    """``<int:id>`` in an address: a whole number that a column holds; any other address leads nowhere."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> Any:
        number = super().to_python(value)
        if number > INTEGER_MAX:
            raise NoMatch()
        return number


def check_query(request: Request) -> None:
    """Raise InvalidArgument, naming the part of the address, for a text that no database takes.

    Raises:
        InvalidArgument: a name or value holds the character NUL.
    """
    for name, value in request.args.items(multi=True):
        if "\0" in name or "\0" in value:
            name = name.replace("\0", "")[:40]
            raise InvalidArgument(
                _("%(argument)s holds a character that is not allowed there.", argument=name), argument=name
            )
