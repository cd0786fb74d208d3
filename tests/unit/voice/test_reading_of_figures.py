"""Figures are said as people on a site say them."""

from __future__ import annotations

import pytest

from voice.reading import cardinal, spoken_form


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("12号", "十二号"),
        ("105号", "一百零五号"),
        ("150号", "一百五十号"),
        ("1005", "一千零五"),
        ("1,200米", "一千二百米"),
        ("10:05", "十点零五分"),
        ("18:30", "十八点三十分"),
        ("8：00", "八点"),
        ("3.5米", "三点五米"),
        ("请打120", "请打幺二零"),
        ("拨打 119", "拨打幺幺九"),
        ("120号", "一百二十号"),
        ("#12", "十二"),
        ("编号007", "编号零零七"),
        ("13800000000", "一三八零零零零零零零零"),
        ("请戴好安全帽。", "请戴好安全帽。"),
        ("0号", "零号"),
        ("2个人", "两个人"),
        ("12个人", "十二个人"),
        ("第2台吊车", "第二台吊车"),
        ("2台吊车", "两台吊车"),
        ("2号塔吊", "二号塔吊"),
        ("2楼", "二楼"),
        ("1-3号仓库", "一到三号仓库"),
        ("-5℃", "零下五度"),
        ("湿度85%", "湿度百分之八十五"),
        ("第１２号门", "第十二号门"),
        ("12#楼", "十二号楼"),
        ("0755-8812", "零七五五 八千八百一十二"),
        ("K10+500", "K十加五百"),
        ("A/B区_*", "A B区  "),
    ],
)
def test_chinese_figures_become_words(written: str, said: str) -> None:
    assert spoken_form(written, "zh") == said


def test_english_keeps_its_figures_but_not_the_case_sign() -> None:
    assert spoken_form("Case #12 at gate 105", "en") == "Case 12 at gate 105"


def test_every_number_below_ten_thousand_reads_differently() -> None:
    """Nothing that is said may mean two numbers."""
    assert len({cardinal(value) for value in range(10_000)}) == 10_000
