"""What a page may ask for while it is laid out: its two fonts, its charts, its QR code, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from weasyprint.urls import URLFetcher, URLFetcherResponse

from service.reports import charts, fonts


class Supply(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Answers from memory; a report never reads a file or an address, whatever its texts contain."""

    def __init__(self, files: fonts.FontFiles, characters: str, drawings: Mapping[str, Callable[[], str]]) -> None:
        super().__init__(allowed_protocols=(fonts.SCHEME, charts.SCHEME), fail_on_errors=True)
        self._fonts = {"400": files.regular, "700": files.bold}
        self._characters = characters
        self._drawings = drawings

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002  WeasyPrint's signature
        """Answer ``tanji-font:400``, ``tanji-font:700`` and ``tanji-image:NAME``.

        Raises:
            ValueError: anything else; the rendering stops.
        """
        scheme, _, name = url.partition(":")
        if scheme == fonts.SCHEME and name in self._fonts:
            return URLFetcherResponse(url, fonts.cut(self._fonts[name], self._characters), {"Content-Type": "font/otf"})
        if scheme == charts.SCHEME and name in self._drawings:
            return URLFetcherResponse(url, self._drawings[name]().encode(), {"Content-Type": "image/svg+xml"})
        raise ValueError(f"a report may not fetch {url}")
