"""A shop's NoneBot2 bot as anybody has it: the framework, the adapters, and a published plugin. Nothing knows relay."""

import os

import nonebot
from nonebot.adapters.onebot import V11Adapter, V12Adapter

nonebot.init()
nonebot.get_driver().register_adapter(V11Adapter)
nonebot.get_driver().register_adapter(V12Adapter)
for name in os.environ["PLUGINS"].split():
    nonebot.load_plugin(name)
nonebot.load_builtin_plugins("echo")
nonebot.run()
