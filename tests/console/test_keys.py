"""The keys of the pages against those of the browsers: what a browser's menu takes is never ours."""

import re
from importlib.resources import files
from typing import Final

BROWSERS: Final = {
    "Firefox": set("fevsbth") | {"ArrowLeft", "ArrowRight", "Home", "d"},
    "Edge": set("fed") | {"ArrowLeft", "ArrowRight", "Home"},
    "Chrome": set("fed") | {"ArrowLeft", "ArrowRight", "Home"},
}
"""What each makes of Alt and this key on Windows and Linux; the menus' letters are the same in Chinese."""


def page(name: str) -> str:
    return (files("relay.web") / "static" / name).read_text("utf-8")


def test_no_key_of_the_desk_is_one_of_a_browsers_menu() -> None:
    ours = set(re.findall(r'"Alt\+(\w+)": \(\)', page("pages/desk.js")))
    assert {"n", "ArrowDown", "m", "c"} <= ours, "this test reads the table of keys"
    for browser, taken in BROWSERS.items():
        assert not ours & taken, browser


def test_the_sheet_and_the_buttons_name_the_keys_that_there_are() -> None:
    ours = {key.upper() for key in re.findall(r'"Alt\+(\w)": \(\)', page("pages/desk.js"))}
    sheet = set(re.findall(r'"Alt\+(\w)"', page("desk/deeds.js")))
    buttons = set(re.findall(r'"Alt\+(\w)"', page("desk/chat.js")))
    assert sheet == ours
    assert buttons < ours
