"""Prometheus metrics, on a bind of their own. No label comes from a caller's text."""

from collections.abc import Callable
from contextlib import suppress

from convirza_mcp.accounts.calls import Kind, LoggedCall, observers
from convirza_mcp.api.http.observation import CallStats
from convirza_mcp.errors import SettingsError

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counts calls and refusals; the gauges are read when they are asked for.

    Raises:
        SettingsError: prometheus-client is not installed.
    """

    def __init__(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
        except ImportError:
            raise SettingsError(
                "CONVIRZA_HTTP_METRICS needs prometheus-client.", remedy='Run `pip install "convirza-mcp[http]"`.'
            ) from None
        self.registry: CollectorRegistry = CollectorRegistry()
        # A resource has the outcomes of its tool; a poll for subscribers counts as neither.
        self._calls = Counter(
            "convirza_calls", "Calls that ended.", ["kind", "name", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "convirza_call_seconds", "Seconds of a call.", ["kind", "name"], buckets=_SECONDS, registry=self.registry
        )
        self._requests = Counter("convirza_upstream_requests", "Requests to Convirza.", registry=self.registry)
        self._refusals = Counter(
            "convirza_refusals", "HTTP requests answered with an error.", ["status"], registry=self.registry
        )
        for name, (what, read) in gauges.items():
            Gauge(name, what, registry=self.registry).set_function(read)

    def refused(self, status: int) -> None:
        self._refusals.labels(str(status)).inc()

    def __enter__(self) -> "Metrics":
        observers.append(self._observe)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ValueError):
            observers.remove(self._observe)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Serve the metrics in a thread; return what ends it.

        Raises:
            SettingsError: the bind cannot be used.
        """
        from prometheus_client import start_http_server

        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError:
            raise SettingsError(
                "CONVIRZA_HTTP_METRICS names an address that cannot be bound.", remedy="Choose another port."
            ) from None

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop

    def _observe(self, kind: Kind, name: str | None, call: LoggedCall, upstream: CallStats, seconds: float) -> None:
        label = name or "unknown"
        self._calls.labels(kind, label, call.outcome).inc()
        self._seconds.labels(kind, label).observe(seconds)
        self._requests.inc(upstream.attempts)
