"""For ``gunicorn wsgi:app`` in this directory; ``tanji serve`` uses the same settings from anywhere."""

from service.serving import (  # noqa: F401
    bind,
    control_socket_disable,
    graceful_timeout,
    logconfig_dict,
    on_exit,
    post_fork,
    preload_app,
    threads,
    timeout,
    when_ready,
    worker_class,
    workers,
)
