"""The words of `relay buyer`."""

from pathlib import Path

from click.testing import CliRunner

from relay.cli.buyer import buyer


def test_a_reference_may_begin_with_a_dash(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("", encoding="utf-8")
    for words in (("erase", "shop", "-Yu-Ufv0"), ("export", "shop", "-Yu-Ufv0")):
        told = CliRunner().invoke(buyer, [*words, "--config", str(config)])
        assert "No such option" not in told.output
        assert (told.exit_code, "没有权限" in told.output) == (2, True), told.output
