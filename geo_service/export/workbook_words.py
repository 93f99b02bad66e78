"""What a workbook of tables says around them."""

from __future__ import annotations

from geo_service.wording import Wording

__all__ = [
    "BACK",
    "BASE",
    "BASIS",
    "CELL",
    "COLLECTED",
    "COLUMN",
    "CONTENTS",
    "ROWS",
    "RULE",
    "SHEET",
    "SOURCES",
    "TABLE",
    "VALUE",
]

CONTENTS = Wording(en="Contents", ru="Содержание", kk="Мазмұны")
TABLE = Wording(en="Table", ru="Таблица", kk="Кесте")
ROWS = Wording(en="Rows", ru="Строк", kk="Жолдар")
BASIS = Wording(en="Basis", ru="Основа", kk="Негізі")
SHEET = Wording(en="Sheet", ru="Лист", kk="Парақ")
SOURCES = Wording(en="Sources", ru="Источники", kk="Дереккөздер")
BACK = Wording(en="← Contents", ru="← Содержание", kk="← Мазмұны")
COLLECTED = Wording(en="Collected", ru="Собрано", kk="Жиналған")
RULE = Wording(en="Rule", ru="Правило", kk="Ереже")
BASE = Wording(en="Base of shares", ru="База долей", kk="Үлестердің базасы")
VALUE = Wording(en="Value in the table", ru="Значение в таблице", kk="Кестедегі мән")
COLUMN = Wording(en="Column", ru="Столбец", kk="Баған")
CELL = Wording(en="Cell", ru="Ячейка", kk="Ұяшық")
