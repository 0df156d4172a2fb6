"""Answers kept by `requestid`, and what a repeated one gets."""

import hashlib

from sync.quickbooks.emulator import errors
from sync.quickbooks.emulator.company import Company
from sync.quickbooks.emulator.exchange import Answer, Request
from sync.quickbooks.emulator.records import Record, Reply
from sync.quickbooks.emulator.settings import EmulatorSettings
from sync.quickbooks.emulator.store import Store

_LONGEST = 50


class Replays:
    """The request ids of all companies; the mode is the company's, else the emulator's."""

    def __init__(self, store: Store, settings: EmulatorSettings) -> None:
        self._store = store
        self._settings = settings

    def earlier(self, company: Company, request: Request) -> Answer | None:
        """Return the answer to repeat, or None when the request is new."""
        requestid = request.query.get("requestid", "")
        mode, seconds = self._mode(company)
        if len(requestid) > _LONGEST:
            raise errors.too_long("requestid", _LONGEST, len(requestid))
        if not requestid or mode == "ignored":
            return None
        reply = self._store.reply(company.profile.realm, requestid)
        if reply is None:
            return None
        age = self._settings.clock() - reply.at
        if (mode == "forgotten" and age >= seconds) or (mode == "racy" and age < seconds):
            return None
        if mode == "refused" and reply.digest != _digest(request):
            raise errors.simple(600, "Duplicate Request ID")
        return Answer(status=reply.status, media=reply.media, body=reply.body)

    def commit(
        self, company: Company, request: Request, answer: Answer, records: list[Record]
    ) -> None:
        """Commit what the request changed, together with its answer."""
        requestid = request.query.get("requestid", "")
        kept = None
        keeps = self._settings.replay_errors or answer.status == 200
        if requestid and keeps and self._mode(company)[0] != "ignored":
            reply = Reply(
                status=answer.status,
                media=answer.media,
                body=answer.body,
                digest=_digest(request),
                at=self._settings.clock(),
            )
            kept = requestid, reply
        if records or kept:
            self._store.write(company.profile.realm, records, kept)

    def _mode(self, company: Company) -> tuple[str, float]:
        profile = company.profile
        seconds = profile.replay_seconds
        return (
            profile.replay or self._settings.replay,
            self._settings.replay_seconds if seconds is None else seconds,
        )


def _digest(request: Request) -> str:
    return hashlib.sha256(request.body).hexdigest()
