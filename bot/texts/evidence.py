"""What an audit finds, and what models, keys and databases complain of, for readers of Chinese."""

from __future__ import annotations

from collections.abc import Mapping

EVIDENCE: Mapping[str, str] = {
    # the chain of a case
    r"(\d+) entries were written, (\d+) are there": "写过 {0} 条记录，现有 {1} 条",
    r"the last entry is not the one the case remembers": "最后一条不是案件记着的那一条",
    r"entry (\d+) is missing": "缺第 {0} 条记录",
    r"does not follow the entry before it": "和前一条接不上",
    r"was changed after it was written": "写下之后被改过",
    r"its private part was changed after it was written": "其中的个人信息写下之后被改过",
    r"its private part is gone": "其中的个人信息不见了",
    r"its evidence cannot be read: (.*)": "证据读不出来：{0}",
    r"there are entries of it, but no case": "有它的记录，却没有这件案件",
    r"its number was never given out": "这个号码从未发出过",
    r"case (\d+) is missing": "缺案件 {0}",
    r"canary (\d+) is missing": "缺送达测试 {0}",
    r"the cases (\d+) to (\d+) are missing": "缺案件 {0} 到 {1}",
    r"the canaries (\d+) to (\d+) are missing": "缺送达测试 {0} 到 {1}",
    r"the case cannot be read: (.*)": "案件读不出来：{0}",
    r"(\w+) is (.*), its entries say (.*)": "{0} 是 {1}，记录里是 {2}",
    r"its note is not the one that its entries tell": "备注和记录里的不一样",
    # pictures and deliveries
    r"the (\w+) picture (\w+) is not listed any more": "照片 {1}（{0}）已不在清单里",
    r"no entry tells of the (\w+) picture (\w+)": "没有记录提到照片 {1}（{0}）",
    r"no entry tells that the (\w+) picture (\w+) was erased": "没有记录说照片 {1}（{0}）已删除",
    r"the (\w+) picture (\w+) is missing": "照片 {1}（{0}）不见了",
    r"the (\w+) picture (\w+) was changed": "照片 {1}（{0}）被改过",
    r"delivery (\d+) \((.*)\) is not what was written down of it": (
        "投递 {0}（{1}）和当时的记录不一样"
    ),
    # checkpoints
    r"no checkpoint has the hash (.*): what it sealed was taken away or rewritten": (
        "没有哈希为 {0} 的封存点：它封存的内容被拿走或改写了"
    ),
    r"entry (\d+) is not the one that checkpoint (\d+) sealed": (
        "第 {0} 条不是封存点 {1} 封存的那一条"
    ),
    r"no checkpoint sealed as much of it as it remembers": "没有封存点封存过它记着的那么多",
    r"checkpoint (\d+) is missing": "缺封存点 {0}",
    r"checkpoint (\d+) was changed after it was taken": "封存点 {0} 封存之后被改过",
}

STORES: Mapping[str, str] = {
    # the model store
    r"model (.*?): unknown; shipped are (.*); `(.*)` keeps your own": (
        "没有模型 {0}；自带的有 {1}；自己的模型用 `{2}` 添加"
    ),
    r"model (.*?): not here yet; fetch it with `(.*)`": "模型 {0} 还没下载，请运行 `{1}`",
    r"model (.*?): SHA-256 is (\w+), expected (\w+); nothing was kept": (
        "模型 {0}：SHA-256 是 {1}，应为 {2}；没有保存"
    ),
    r"model (.*?): names are up to 32 of a-z, 0-9, - and _": (
        "模型名 {0} 不行：最多 32 个字符，只能用 a-z、0-9、- 和 _"
    ),
    r"model (.*?): this name is shipped; choose another one": "{0} 是自带模型的名字，请换一个",
    r"model (.*?): there is no file (.*)": "模型 {0}：没有文件 {1}",
    r"model (.*?): cannot be written: (.*)": "模型 {0} 写不进去：{1}",
    r"model (.*?): npm is needed to fetch (.*), and it is not here; install it \((.*)\)": (
        "模型 {0}：下载 {1} 要用 npm，这台机器上没有，请安装（{2}）"
    ),
    r"model (.*?): (\S+) does not hold (.*)": "模型 {0}：{1} 里没有 {2}",
    r"model (.*?): (.*)": "模型 {0}：{1}",
    r"added by hand": "手动添加的",
    r"download": "下载",
    r"unpack": "解包",
    r"verify": "校验",
    r"finds people, upright or lying on the ground; (.*)": "找人，站着的和倒地的；{0}",
    r"the network of the good voices; (.*)": "好嗓音用的网络；{0}",
    r"the good Mandarin voice, with the network kokoro": "普通话好嗓音，和 kokoro 网络一起用",
    r"the good English voice, with the network kokoro": "英文好嗓音，和 kokoro 网络一起用",
    r"hears speech; (.*)": "听懂说话；{0}",
    r"a street with people and a bus, (.*): a picture for the demo": (
        "有行人和公交车的街道，{0}：演示用的图片"
    ),
    r"cyclists passing, (.*): a clip for the demo": "骑车人经过，{0}：演示用的录像",
    # keys
    r"name: a living key has this name; 'key revoke' ends it": (
        "--name：已经有一把这个名字的有效密钥；要先作废它，用 key revoke"
    ),
    r"(\w+): up to 32 of a-z, 0-9, - and _, beginning with a letter or figure": (
        "--{0}：最多 32 个字符，只能用 a-z、0-9、- 和 _，以字母或数字开头"
    ),
    r"(.*): another process runs on this database; several need PostgreSQL": (
        "{0}：另一个进程正在用这个数据库；要几个进程请用 PostgreSQL"
    ),
    r"the database cannot be reached": "连不上数据库",
    r"PostgreSQL at (.*) does not answer within (\S+) s": "PostgreSQL {0} 在 {1} 秒内没有应答",
    r"PostgreSQL at (.*) cannot be used: (.*)": "PostgreSQL {0} 用不了：{1}",
}
