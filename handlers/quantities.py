"""What makes a number a quantity, a time, a date or the number on a door, and so no case.

A message is read in a group where people count boards, people and minutes all day.  The words stand
here as data, zh and en side by side, and `handlers.numbers` decides with them.
"""

from __future__ import annotations

import re

DOOR = re.compile(
    r"\s*(?:[门楼棚机房库线路井灯阀塔桩梯口仓栋幢车吊泵箱柜坑墙区段院厂桥洞罐炉]|电[箱柜梯]|基坑|施工"
    r"|升降|宿舍|食堂|摄像|喇叭|变电|配电)"
)
"""What has a number of its own: `5 号塔吊`, `12号门`."""

MEASURE = re.compile(
    r"\s*(?:[个扇盏辆米吨栋幢年月秒层块顶]|台(?!风)|件|项(?!目.)|处(?![理置罚于])|点(?![火名检])"
    r"|时(?!间)|分钟?|小时|号[门楼棚]"
    r"|区(?![域间])|版(?:本|(?=$|[\s,。了]))|根(?![据本])|份(?!额)|套(?![管筒])|条(?![件例])|楼(?![上下道梯里内顶])|天(?![气黑亮花晴色])"
    r"|日(?![常光])|次(?![日序要品])|起(?![重吊火始动来])|名(?![单字称])|位(?![置于移])|班(?![长组])"
    r"|组(?![长员织装])|张(?=[网板纸床桌椅图照票膜卡铁贴]|$|[\s,。了])|(?:人次?)(?=$|[\s,。了])"
    r"|(?:o'?clock|am|pm|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?|km|cm|mm|kg|tons?|m"
    r"|times|doors?|windows?|gates?|lights?|lamps?|cameras?|helmets?|hats?|vests?|ladders?|valves?"
    r"|taps|switches|breakers?|pumps?|fans|boards?|planks?|panels?|bolts?|holes?|openings?|barriers?"
    r"|guardrails?|cones|signs|ropes|cables?|scaffolds?|cranes?|trucks?|vehicles?|issues|items|cases"
    r"|alarms|hazards|pieces|pcs|boxes|bags|more|of|percent)\b|%)",
    re.IGNORECASE,
)
"""What makes the number before it a quantity and no case; a noun may follow: `12 块板`."""

COUNTED = re.compile(
    r"\s*(?:[人名位]|工人|师傅|员工|同事|民工"
    r"|(?:people|persons?|men|women|workers?|guys|visitors|injured)\b)",
    re.IGNORECASE,
)
"""Who may be counted in a reason: `升级 12 3 人受伤`."""

PLAIN_REASON = re.compile(
    r"\s*(?:已|都|全部?(?!长)|均|各|整改|处理|完成|搞定|弄好|修|改|没|无|未|不|误|现场|可以|撤|离开"
    r"|戴|穿|通过|合格|为|因|由|是|同|的确|确"
    r"|(?:fixed|done|all|both|ok|okay|rectified|resolved|cleared|closed|solved|finished|gone|no|not"
    r"|nobody|none|nothing|false|everyone|everybody|they|it|he|she|we|now|already|checked|verified"
    r"|please|because|since|thanks|thx|is|are|was|were)\b)",
    re.IGNORECASE,
)
"""How a reason begins that cannot make the number before it a quantity."""
