"""up, worker, demo: processes that stay."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import click

from nachim.cli.start import begin
from nachim.cli.words import command, option, say, wrong
from nachim.core.korean import josa

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORT = click.IntRange(1, 65535)
# Longer than a proxy keeps an idle connection (nginx: 60 s): else it sends a request into one that is being closed.
KEEP_ALIVE_SECONDS = 75


@command("up", "화면과 작업자를 켭니다. Ctrl-C로 둘 다 끕니다.", "Start the pages and a worker; Ctrl-C stops both.")
@option("--port", default=8000, show_default=True, type=PORT, ko="포트.", en="The port.")
@option("--host", default="127.0.0.1", show_default=True, ko="듣는 주소.", en="The address to listen on.")
@option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(0, 16),
    ko="곁에서 돌릴 작업자 수.",
    en="How many workers to run beside the pages.",
)
@option("--behind-proxy", is_flag=True, ko="TLS 프록시 뒤에 있습니다. 밖에서 닿는 주소도 받습니다.",
        en="A TLS proxy stands before this; addresses beyond loopback are allowed.")  # fmt: skip
def up(port, host, workers, behind_proxy):
    behind_proxy = behind_proxy or os.environ.get("NACHIM_TLS") == "1"
    if host not in LOOPBACK and not behind_proxy:
        raise wrong(
            f"{host}: 암호화되지 않은 채 밖으로 열 수 없습니다. TLS 프록시 뒤에 두고 --behind-proxy를 붙이세요.",
            f"{host}: others would reach this unencrypted. Put a TLS proxy before it and add --behind-proxy.",
        )
    if "*" in os.environ.get("NACHIM_HOSTS", "") or any(
        one.startswith(".") for one in os.environ.get("NACHIM_HOSTS", "").split(",")
    ):
        raise wrong(
            "NACHIM_HOSTS: 이름을 하나하나 적으세요. 모든 이름을 받으면 다른 사이트가 나침인 체할 수 있습니다.",
            "NACHIM_HOSTS: write each name. Whoever answers to any name lets other sites pass for it.",
        )
    require_free(host, port)
    begin()
    if behind_proxy:
        refuse_sample()
    greet(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    serve(host, port, workers=workers)


def refuse_sample() -> None:
    """Everybody knows the demo's password."""
    from nachim.app.models import Workspace

    workspace = Workspace.current()
    if workspace is not None and workspace.sample:
        raise wrong(
            "데모의 홈입니다. 비밀번호가 알려져 있어 밖으로 열지 않습니다.",
            "This is the home of a demo. Its password is public, so it is not opened to others.",
        )


def greet(url: str) -> None:
    """Where to go; on the first run, the link for the first owner."""
    from nachim.app.actions.people import SETUP_MINUTES, issue_setup_link
    from nachim.app.models import Membership, Role

    if Membership.objects.filter(role=Role.OWNER).exists():
        click.echo(f"{say('나침', 'nachim')}: {url}/")
        return
    link = f"{url}/setup/{issue_setup_link()}/"
    click.echo(
        say(
            f"첫 소유자는 {SETUP_MINUTES}분 안에 이 주소를 여세요:",
            f"For the first owner, good for {SETUP_MINUTES} minutes:",
        )
    )
    click.echo(f"  {link}")


def serve(host: str, port: int, *, workers: int = 1, beside=None) -> None:
    """Run uvicorn here and workers beside it, until a signal. `beside(stop)` runs in a thread of its own."""
    import uvicorn

    require_free(host, port)
    stop = threading.Event()

    class Server(uvicorn.Server):
        def handle_exit(self, sig, frame):
            stop.set()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        "nachim.web.asgi:application", host=host, port=port, log_level="warning", timeout_graceful_shutdown=3,
        server_header=False, proxy_headers=False, http="h11", ws="none", timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )  # fmt: skip
    # uvicorn raises the signal again when it is done; the worker beside has to be gone before this process is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    runs = [*[keep_worker] * workers, *([beside] if beside else [])]
    threads = [threading.Thread(target=run, args=(stop,)) for run in runs]
    for thread in threads:
        thread.start()
    try:
        Server(config).run()
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        for thread in threads:
            thread.join(4)


def require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise wrong(f"{host}의 {port} 포트를 열 수 없습니다 ({error}). --port로 바꾸세요.",
                        f"Port {port} of {host} cannot be opened ({error}). Choose with --port.") from None  # fmt: skip


def keep_worker(stop: threading.Event) -> None:
    """One worker process, started again when it dies. It has a session of its own, so that only we send it signals."""
    while not stop.is_set():
        command = [sys.executable, "-m", "nachim", "worker", "--parent", str(os.getpid())]
        process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
        while process.poll() is None and not stop.wait(0.3):
            pass
        if process.poll() is not None:
            stop.wait(1)
            continue
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            # In the middle of a long job: the next worker takes it up.
            process.kill()
            process.wait()


@command(
    "worker",
    "가져오기와 계산을 차례로 하고, 때가 된 일을 합니다.",
    "Run imports and refreshes as they come, and what is due.",
)
@click.option("--parent", type=int, hidden=True, help="End when this process is gone.")
def worker(parent):
    begin()
    from nachim.jobs.worker import work

    # Where the processor is scarce, people who wait for a page come first.
    if hasattr(os, "nice"):
        os.nice(5)
    work(parent)


@command("demo", "오늘이 계속 움직이는 가상 회사를 엽니다.", "Open a simulated company whose today keeps moving.")
@option(
    "--company",
    type=click.Choice(["ecommerce", "startup", "saas", "store"]),
    default="ecommerce",
    show_default=True,
    ko="어떤 회사. 패션 쇼핑몰, 배달 앱, 클라우드 저장소, 카페 체인.",
    en="Which: a fashion shop, a delivery app, cloud storage, a café chain.",
)
@option("--port", type=PORT, ko="포트. 적지 않으면 8000부터 빈 것.", en="Default: the first free one from 8000.")
@option(
    "--home",
    "home_",
    type=click.Path(file_okay=False, path_type=Path),
    ko="데모를 둘 폴더.",
    en="Where to keep the demo.",
)
@option(
    "--days", default=548, show_default=True, type=click.IntRange(30, 2000), ko="며칠 치 역사.", en="Days of history."
)
@option("--no-live", is_flag=True, ko="오늘을 멈춰 둡니다.", en="Let today stand still.")
@option("--fresh", is_flag=True, ko="회사를 새로 만듭니다.", en="Make the company anew.")
@option("--no-open", is_flag=True, ko="브라우저를 열지 않습니다.", en="Do not open a browser.")
def demo(company, port, home_, days, no_live, fresh, no_open):
    began = time.monotonic()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nachim"
    home_ = home_ or cache / f"demo-{company}"
    if fresh and home_.exists():
        if not (home_ / "demo").exists():
            raise wrong(
                f"{home_}: 데모가 만든 폴더가 아니라 지우지 않습니다.",
                f"{home_} was not made by the demo; it is left alone.",
            )
        import shutil

        shutil.rmtree(home_)
    home_.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["NACHIM_HOME"] = str(home_)
    begin()
    from nachim.demo.run import EMAIL, PASSWORD, catch_up, make

    made = make(days, tell=lambda text: click.echo(f"  {text}"), name=company)
    port = port or free_port()
    url = f"http://127.0.0.1:{port}/"
    click.echo(
        say(
            f"{josa(made, '이/가')} 열렸습니다 ({time.monotonic() - began:.0f}초).",
            f"{made} is open ({time.monotonic() - began:.0f} s).",
        )
    )
    click.echo(f"\n  {url}\n  {EMAIL}  {PASSWORD}\n")
    if not no_open and sys.stdout.isatty():
        import webbrowser

        threading.Timer(1.5, webbrowser.open, (url,)).start()
    serve("127.0.0.1", port, beside=None if no_live else catch_up)


def free_port(first: int = 8000) -> int:
    for port in range(first, first + 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise wrong("빈 포트가 없습니다. --port로 정하세요.", "No free port; choose one with --port.")
