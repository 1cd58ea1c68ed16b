"""The router on a real server, which speaks TLS: mail services click on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from adapters.unsubscribe.router import router

if TYPE_CHECKING:
    from adapters.unsubscribe import Unsubscriber


def app_of(unsubscriber: Unsubscriber) -> FastAPI:
    """Return an app that has nothing but the router."""
    app = FastAPI()
    app.include_router(router(unsubscriber))
    return app
