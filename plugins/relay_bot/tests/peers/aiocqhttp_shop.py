"""A shop's aiocqhttp bot in its documentation's own manner. Nothing here knows relay.

"在吗" is answered by returning a reply (a quick operation), "多少钱" by sending two messages, and one to a group.
"""

import os

from aiocqhttp import CQHttp, Event, exceptions

bot = CQHttp(access_token=os.environ.get("TOKEN"), secret=os.environ.get("SECRET"), api_root=os.environ.get("API_ROOT"))


@bot.on_message("private")  # type: ignore[untyped-decorator]
async def answer(event: Event) -> dict[str, str] | None:
    words = str(event.message)
    if "在吗" in words:
        return {"reply": "在的亲 [CQ:face,id=14]"}
    if "多少钱" in words:
        await bot.send(event, "这款 99 元")
        await bot.send_private_msg(self_id=event.self_id, user_id=event.user_id, message="今天下单包邮")
        try:
            await bot.send_group_msg(self_id=event.self_id, group_id=1, message="大家好")
        except exceptions.ActionFailed as failed:
            await bot.send(event, f"群发失败 {failed.result['retcode']}")
    return None


bot.run(host="127.0.0.1", port=int(os.environ["PORT"]))
