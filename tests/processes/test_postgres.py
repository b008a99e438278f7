"""The bundled PostgreSQL starts, survives a kill -9 with its data, and keeps values out of its log."""

import os
import signal
import stat
import threading

import psycopg
import pytest

from config.processes import places, postgres


def home() -> str:
    return places.read_json(places.var() / "pg.json")["home"]


def postmaster() -> int:
    with open(f"{home()}/data/postmaster.pid") as file:
        return int(file.readline())


def test_data_survives_kill_and_restart_and_secrets_stay_out_of_the_log(instance):
    address = postgres.up()
    with psycopg.connect(address, autocommit=True) as connection:
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute("CREATE TABLE kept (word text UNIQUE)")
        connection.execute("INSERT INTO kept VALUES ('committed')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO kept VALUES (%s)", ["committed"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT %s::int", ["mobile-138"])

    os.kill(postmaster(), signal.SIGKILL)
    assert postgres.up() == address
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("committed",)

    postgres.down()
    assert not postgres.is_running()
    assert "已停止" in postgres.status()
    assert postgres.up() == address

    with open(f"{home()}/server.log") as log:
        text = log.read()
    assert "ready to accept connections" in text
    assert "committed" not in text
    assert "mobile-138" not in text


def test_the_password_file_is_private_and_a_wrong_password_is_refused(instance):
    address = postgres.up()
    assert stat.S_IMODE((instance / "pg.json").stat().st_mode) == 0o600
    password = places.read_json(instance / "pg.json")["password"]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address.replace(password, "wrong"), connect_timeout=3)


def test_a_foreign_process_named_in_a_stale_pid_file_does_not_prevent_the_start(instance):
    address = postgres.up()
    os.kill(postmaster(), signal.SIGKILL)
    path = f"{home()}/data/postmaster.pid"
    with open(path) as file:
        lines = file.readlines()
    with open(path, "w") as file:
        file.writelines([f"{os.getpid()}\n", *lines[1:]])
    assert postgres.up() == address


def test_starting_twice_at_once_makes_one_server(instance):
    addresses = []
    threads = [threading.Thread(target=lambda: addresses.append(postgres.up())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(addresses) == 2
    assert len(set(addresses)) == 1


def test_a_database_given_by_the_operator_is_used_and_never_stopped(instance, monkeypatch):
    address = postgres.up()
    with monkeypatch.context() as given:
        given.setenv("DATABASE_URL", address)
        assert postgres.up() == address
        postgres.down()
        assert "外部数据库：可连接" in postgres.status()
        given.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{places.free_port()}/none")
        with pytest.raises(postgres.PostgresError, match="DATABASE_URL"):
            postgres.up()
    assert postgres.is_running()
