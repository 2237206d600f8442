"""Given and family names to make up contacts from, by culture."""

from collections.abc import Mapping
from typing import NamedTuple


class Names(NamedTuple):
    """A culture's names: their frequency, the language of their owners, and how the two parts form a name."""

    weight: int
    language: str
    form: str
    given: tuple[str, ...]
    family: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_WESTERN = "{given} {family}"

NAMES: Mapping[str, Names] = {
    # An American business: most of its contacts have the names of the American census.
    "english": Names(
        150,
        "en",
        _WESTERN,
        _words(
            "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan "
            "Joseph Jessica Thomas Karen Daniel Lisa Anthony Nancy Mark Sandra Steven Ashley Andrew Emily Joshua "
            "Donna Kevin Tyrone Denise Brian Tessa"
        ),
        _words(
            "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson Martin Lee Thompson "
            "White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall "
            "Campbell Mitchell Carter Roberts O'Neill McBride Smith-Lane Washington"
        ),
    ),
    "spanish": Names(
        26,
        "es",
        _WESTERN,
        # Most people leave the accents out on an American keyboard.
        _words("Jose Maria Lucia Carlos Sofia Luis Camila Diego Ana Raul José Begoña Íñigo"),
        _words("Garcia Lopez Martinez Rodriguez Hernandez Gonzalez Ramirez Torres Rivera Muñoz Peña Ibáñez Güemes"),
    ),
    "portuguese": Names(
        3,
        "pt",
        _WESTERN,
        _words("João Beatriz Luís Conceição Antônio Mônica Tomás Inês Vinícius Lívia"),
        _words("Gonçalves Araújo Magalhães Simões Falcão Brandão Assunção Teles Queirós Leitão"),
    ),
    "french": Names(
        3,
        "fr",
        _WESTERN,
        _words("Zoé Benoît Chloé Étienne Maëlle François Agnès Loïc Hélène Gaël"),
        _words("Lefèvre Bérubé Château-Roux D'Aubigné Côté Gagné Noël Périer Rousseau Thérien"),
    ),
    "german": Names(
        3,
        "de",
        _WESTERN,
        _words("Jürgen Käthe Björn Anneliese Götz Ulrike Jörg Sabine Matthäus Rosemarie"),
        _words("Müller Schröder Weiß Köhler Großmann Jäger Böhm Vogel Strauß Lindenmaier"),
    ),
    "hebrew": Names(
        2,
        "he",
        _WESTERN,
        _words("נועה יוסף תמר אורי שירה דוד מיכל איתן רחל עומר"),
        _words("כהן לוי מזרחי פרידמן ביטון אברהם שפירא דהן רוזנברג אזולאי"),
    ),
    "arabic": Names(
        2,
        "ar",
        _WESTERN,
        _words("ليلى عمر فاطمة يوسف سلمى كريم نور هشام رانيا طارق"),
        _words("الحداد منصور العلي خوري النجار صالح بدوي الشامي قاسم فرح"),
    ),
    "chinese": Names(
        2,
        "zh",
        "{family}{given}",
        _words("伟 芳 秀英 建国 小明 丽华 子轩 雨桐 志强 美玲"),
        _words("王 李 张 刘 陈 杨 赵 黄 欧阳 周"),
    ),
    "japanese": Names(
        1,
        "ja",
        "{family} {given}",
        _words("さくら 健太 美咲 翔 陽子 大輔 葵 拓海 直樹 ひかり"),
        _words("佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 小林 吉田 斎藤"),
    ),
    "hindi": Names(
        2,
        "hi",
        _WESTERN,
        _words("आरव दीया रोहन प्रिया अनन्या विक्रम सुनीता अर्जुन कविता राहुल"),
        _words("शर्मा वर्मा गुप्ता सिंह पटेल मिश्रा जोशी अय्यर कपूर श्रीवास्तव"),
    ),
    "korean": Names(
        2,
        "ko",
        "{family}{given}",
        _words("민준 서연 지훈 수빈 하은 도윤 예진 현우 지우 은서"),
        _words("김 이 박 최 정 강 조 윤 장 임"),
    ),
    "ukrainian": Names(
        1,
        "en",
        _WESTERN,
        _words("Олена Андрій Наталія Тарас Ірина Богдан Соломія Юрій"),
        _words("Шевчук Коваленко Бондар Мельник Ткаченко Кравець Лисенко Гнатюк"),
    ),
    "vietnamese": Names(
        3,
        "en",
        "{family} {given}",
        _words("Anh Bình Châu Đức Hương Linh Tuấn Yến"),
        _words("Nguyễn Trần Lê Phạm Vũ Đặng Bùi Hồ"),
    ),
}
