"""The guards' words as relay ships them: one list per guard, with what is innocent although it holds such a word.

A word is found wherever it stands in a buyer's text, in any spelling that folds to it; one that begins with `=` only
where the whole text is that word. A word must say the thing by itself: 投诉 is a complaint in any sentence, 机器人 is
what half the shops sell. `thanks` is read the other way round: nothing but such words may stand in the text.
"""

from typing import Final, NamedTuple

from relay.domain.settings import GuardName


class Words(NamedTuple):
    """`words` speak; within one of the `innocent` they mean something else."""

    words: tuple[str, ...]
    innocent: tuple[str, ...] = ()


def _list(*lines: str) -> tuple[str, ...]:
    return tuple(word.strip() for line in lines for word in line.split("、"))


SHIPPED: Final[dict[GuardName, Words]] = {
    "threat": Words(
        _list(
            "起诉、告你们、法院见、法庭见、上法庭、律师函、找律师、我的律师、我要报警、我报警、报警处理、报警抓、去报警、打110",
            "12315、消协、消费者协会、工商局、工商投诉、市场监管、市监局、315曝光、曝光你、曝光你们、曝光出来、发网上曝光",
            "媒体曝光、抖音曝光、挂到网上、弄死、打死你、砍死、杀了你、上门找你、找上门去、走着瞧、等着瞧、坐牢、不得好死",
            "去死、自杀、不想活、不活了、跳楼",
            "lawsuit、sue you、will sue、my lawyer、call the police、kill you、kill myself",
        ),
        _list(
            "转告你们、告你们一声、报告你们、我报警器、去报警器、长曝光、跳楼价、跳楼甩卖、跳楼机、去死皮、去死角、自杀小队",
            "自杀式",
        ),
    ),
    "injury": Words(
        _list(
            "受伤、割伤、割到手、割破手、划破手、划伤手、划伤了手、手划伤、划伤孩子、划伤宝宝、划伤皮肤、烫伤、烧伤、砸伤",
            "摔伤、夹伤、扎伤、弄伤、过敏了、过敏起、起疹子、起红疹、长红疹、长疹子、红肿、烂脸、中毒、拉肚子、上吐下泻",
            "呕吐、流血、出血了、住院、送医院、去医院、进医院、急诊、触电、被电到、电到了、漏电、起火、着火、冒烟、爆炸",
            "噎到、卡喉咙、窒息、晕倒",
            "injured、allergic reaction、bleeding、in hospital、to hospital、electric shock、caught fire、burned my",
        ),
        _list(
            "防烫伤、防烧伤、防受伤、怕受伤、会受伤吗、会烫伤吗、不会过敏了、防漏电、漏电保护、漏电开关、漏电吗、不漏电、不会漏电",
            "防触电、不会触电、会触电吗、防起火、会起火吗、防着火、会着火吗、会冒烟吗、爆炸盐、爆炸头、爆炸贴、会爆炸吗、防爆炸",
            "不会爆炸、消红肿、消除红肿、红肿可以用、红肿能用、呕吐袋、防窒息、会中毒吗、不会中毒、医院同款、去医院用、住院用",
        ),
    ),
    "dispute": Words(
        _list(
            "维权、纠纷、申请介入、平台介入、小二介入、淘宝介入、天猫介入、快手介入、客服介入、介入处理、要求介入、申诉、仲裁",
            "退一赔三、三倍赔偿、十倍赔偿、要求赔偿、赔偿我、赔我钱、不退款就、拒绝退款、拒不退款、凭什么不退、凭什么不给退",
            "为什么不退款、强制退款、消费者权益、chargeback、open a dispute、file a dispute",
        ),
        _list("纠纷率、纠纷多吗、消费者权益保障标志"),
    ),
    "complaint": Words(
        _list(
            "投诉、举报、差评、骗子、骗人、欺骗、欺诈、虚假宣传、虚假发货、假货、卖假、态度差、态度太差、态度这么差、态度恶劣",
            "什么态度、服务太差、服务真差、太差劲、垃圾店、垃圾商家、黑店、坑人、坑爹、忽悠、无良商家、失望透顶、气死我、推卸责任",
            "没人处理、tousu、complain、complaint、scam、scammer、fraud、counterfeit、terrible service、rip off",
        ),
        _list(
            "无差评、没有差评、没差评、零差评、0差评、不会差评、不给差评、差评率、差评多吗、有差评吗、投诉率、不会投诉、不投诉",
            "是不是假货、不是假货、是假货吗、会是假货、假货包赔、不骗人、不会骗人、没骗人、骗人吗、坑人吗、不坑人、不忽悠、忽悠人吗",
        ),
    ),
    "person": Words(
        _list(
            "转人工、人工客服、人工服务、找人工、要人工、接人工、换人工、叫人工、人工在吗、有人工吗、人工呢、人工回复、=人工、=真人",
            "真人客服、真人回复、找真人、要真人、换真人、有真人吗、你是真人吗、您是真人吗、是不是真人、你是机器人、您是机器人",
            "你们是机器人、机器人客服、机器人回复、别用机器人、不想和机器人、跟机器人、机器人还是真人、别自动回复、不要自动回复",
            "换个人、换个客服、换客服、叫你们老板、叫你们经理、找你们经理、找你们主管、找主管、叫主管、找店长、叫店长",
            "zhuanrengong、=rengong、=human、=agent",
            "talk to a human、speak to a human、human agent、real person、live agent",
            "speak to someone、speak to a manager",
        ),
        _list(
            "人工服务费、要人工安装、找人工安装、要人工智能、要人工草、要人工费、要人工搬、要人工打磨、接人工智能、换个人造、要真人发",
            "是不是真人拍、是不是真人实拍、是不是真人发、跟机器人玩具、换客服电话",
        ),
    ),
    "ad": Words(
        _list(
            "刷单、刷好评、刷销量、补单、代运营、店铺代、推广合作、商务合作、精准引流、引流推广、帮您引流、涨粉、空包、快递合作",
            "低价快递、淘宝客、直通车代、直播合作、达人带货、带货合作、网红合作、店铺转让、收购店铺、收购淘宝、出售淘宝、招兼职",
            "兼职日结、日结工资、加盟我们、诚招代理、诚邀加盟、无抵押贷款、办理贷款、一手货源、货源厂家、店铺装修、加微信领、加v领",
            "promote your store、boost your sales、seo service",
        ),
        _list("不刷单、没刷单"),
    ),
    "thanks": Words(
        _list(
            "谢谢、谢谢你、谢谢您、谢谢啦、谢谢了、谢了、谢啦、谢谢哈、谢、多谢、感谢、非常感谢、十分感谢、万分感谢、太感谢了",
            "感恩、3q、3x、thx、thanks、thank you、many thanks、ty、辛苦了、辛苦、麻烦了、麻烦你了、麻烦您了",
            "再见、拜拜、拜、886",
            "bye、byebye、goodbye、晚安、没事了、没问题了、没有了、不用了、知道了、我知道了、明白了、了解了、懂了、么么哒、爱你",
            "xiexie、祝生意兴隆、生意兴隆",
        ),
    ),
}
"""In this order: of a text that is several things the first counts."""
PARTICLES: Final = (
    "亲爱的", "亲", "您", "你", "你们", "们", "哦", "哈", "呢", "啊", "呀", "啦", "的", "了", "吧", "嗯", "哒", "滴",
    "咯", "好", "好的", "ok", "okay", "那", "先", "就", "这样", "老板", "店家", "掌柜", "客服", "小姐姐", "小哥哥",
    "please", "dear", "very", "much", "so",
)  # fmt: skip
"""What may stand beside thanks and changes nothing."""
