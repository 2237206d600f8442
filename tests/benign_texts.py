"""Ordinary texts in many scripts that cleaning must not change. Invisible characters are written as escapes."""

from itertools import product

ZWJ = "\N{ZERO WIDTH JOINER}"
ZWNJ = "\N{ZERO WIDTH NON-JOINER}"
EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"
TEXT_STYLE = "\N{VARIATION SELECTOR-15}"

TONES = [chr(code) for code in range(0x1F3FB, 0x1F400)]

WRITTEN = {
    "English": [
        "Can you call me back?\nThanks,\tJohn",
        "It’s “fine” – really… 50 % off €9.99 ™ © ® № § ¶ †",
        "x² + y² ≤ z², ∑ ∫ √ ∞ ≠ ± × ÷ ∈ ∅ → ⇒ ½ ⅓ 10⁻⁶",
        "Don't tap <b>here</b> ![img](http://x.example/a.png) & \\x1b[31m",
        "𝐁𝐨𝐥𝐝 𝑖𝑡𝑎𝑙𝑖𝑐 𝕕𝕠𝕦𝕓𝕝𝕖 Ⓒircled ｆｕｌｌｗｉｄｔｈ",
        "a b\u00a0c\u2009d\u202fe\u3000f",
    ],
    "European": [
        "Grüße aus Köln, schöne Straße, ÄÖÜ ẞ",
        "Ça va ? L’été à la plage, cœur, naïve, où",
        "¿Mañana a qué hora? ¡Sí, señor!",
        "Zażółć gęślą jaźń",
        "Příliš žluťoučký kůň úpěl ďábelské ódy",
        "İstanbul'da ılık bir gün, şöyle böyle",
        "Blåbærsyltetøy på Ærø; þetta er íslenska",
        "Tiếng Việt: Nghiễm nhiên ở đường Trường Sa, ậ ặ ỗ ự",
        "Ελληνικά: Καλημέρα, πώς είστε; ᾧ ῥ ΐ",
        "Привет, как дела? Ёлка, объект, Їжак",
        "Здравей! Ћевапчићи, Ѓорѓи",
        "Բարեւ ձեզ, ինչպես եք",
        "გამარჯობა, როგორ ხარ?",
        "Lietuviškai: i\u0307\u0301 ir ė̃",
    ],
    "Hebrew": ["שלום, מה שלומך?", "שָׁלוֹם עֲלֵיכֶם", "צה״ל ומע״מ 17%", "בְּרֵאשִׁית"],
    "Arabic": [
        "مرحبا، كيف حالك؟",
        "السَّلَامُ عَلَيْكُمْ وَرَحْمَةُ اللهِ",
        "الساعة ٤:٣٠ مساءً",
        "محمـــد ﷺ",
        f"ه{ZWJ}م",
        "سورة ١\u06dd آية",
        "آپ کیسے ہیں؟ میں ٹھیک ہوں۔",
        "سڀ خير آهي",
    ],
    "Persian": [
        f"می{ZWNJ}خواهم با شما صحبت کنم",
        f"کتاب{ZWNJ}ها را آورده{ZWNJ}ام",
        f"نمی{ZWNJ}دانم؛ خانه{ZWNJ}ای بزرگ",
        f"بین{ZWNJ}المللی و پیش{ZWNJ}بینی{ZWNJ}ها",
        f"حرفهٔ{ZWNJ}ما",
    ],
    "Hindi": [
        "नमस्ते, आप कैसे हैं?",
        "कृपया मुझे कल सुबह १० बजे फ़ोन करें।",
        f"क्{ZWJ}ष और क्{ZWNJ}ष",
        "हिन्दी में ज़्यादा श्रृंखला",
        f"र्{ZWJ}य मराठीत: वाऱ्{ZWJ}यावर",
        "ॐ नमः शिवाय",
    ],
    "Bengali": [
        "আপনি কেমন আছেন?",
        f"র{ZWJ}\u09cd\u09af\u09be\u09ac ও র{ZWJ}\u09cd\u09af\u09be\u09ae",
        f"উদ্{ZWNJ}বেগ",
        "কো কৌ শো",
        "ধন্যবাদ, আগামীকাল দেখা হবে।",
    ],
    "Gurmukhi": ["ਸਤ ਸ੍ਰੀ ਅਕਾਲ, ਤੁਸੀਂ ਕਿਵੇਂ ਹੋ?"],
    "Gujarati": ["તમે કેમ છો? કાલે મળીશું."],
    "Odia": ["ଆପଣ କେମିତି ଅଛନ୍ତି?"],
    "Tamil": ["வணக்கம், எப்படி இருக்கிறீர்கள்?", "ஸ்ரீ க்ஷ கொ கோ கௌ", f"க்{ZWNJ}ஷ"],
    "Telugu": ["మీరు ఎలా ఉన్నారు?", f"రాజ్{ZWNJ}కుమార్"],
    "Kannada": ["ನೀವು ಹೇಗಿದ್ದೀರಿ?", f"ರ{ZWJ}\u0ccd\u0caf\u0cbe\u0c82\u0c95\u0ccd", "ಕೋ ಕೊ"],
    "Malayalam": ["സുഖമാണോ? ഞാൻ നാളെ വരാം.", f"ന്{ZWJ}റെ"],
    "Sinhala": [f"ශ්{ZWJ}රී ලංකාව", f"ක්{ZWJ}ෂණික ප්{ZWJ}රතිචාරය", "ඔබට කොහොමද?"],
    "Thai": ["สวัสดีครับ คุณสบายดีไหม", "น้ำแข็งเย็นที่นี่ ก็ดี", "๑๒๓ บาท"],
    "Lao": ["ສະບາຍດີ ເຈົ້າສະບາຍດີບໍ່"],
    "Khmer": ["សួស្តី តើអ្នកសុខសប្បាយទេ?", "ខ្ញុំចង់ណាត់ជួបថ្ងៃស្អែក"],
    "Burmese": ["မင်္ဂလာပါ နေကောင်းလား", "ကျေးဇူးတင်ပါတယ်"],
    "Tibetan": ["བཀྲ་ཤིས་བདེ་ལེགས།"],
    "Ethiopic": ["ሰላም እንዴት ነህ?"],
    "Mongolian": ["ᠮᠣᠩᠭᠣᠯ", "ᠭ\u180b ᠨ\u180b"],
    "Chinese": [
        "你好，请问几点开门？",
        "請問今天還有位子嗎？「有」",
        "葛\U000e0100飾区と葛\U000e0101城市",
        "辻\U000e0100さん",
        "𠮷野家𡈽",
    ],
    "Japanese": ["明日の予約を変更したいです。", "パーティーは何時？ ｶﾀｶﾅ", "が ぎ プ ゔ", "〜♪ (^_^)／", "￥1,000〜"],
    "Korean": ["안녕하세요, 예약 확인 부탁드려요.", "ㅋㅋㅋ ㅠㅠ 넵!", "훈민정음 ᄒᆞᆫ글"],
    "Symbols": [
        *(
            "☺\ufe0e",
            "☎\ufe0e 1-800",
            "❤\ufe0f",
            "✈\ufe0f",
            "©\ufe0f",
            "™\ufe0f",
            "‼\ufe0f",
            "ℹ\ufe0f",
            "〰\ufe0f",
            "㊗\ufe0f",
        ),
        *("∩\ufe00", "≨\ufe00", "⊕\ufe00", "、\ufe01", "က\ufe00", "\uff01\ufe00", "0\ufe0f", "♀\ufe0f"),
        *("ʕ•ᴥ•ʔ", "¯\\_(ツ)_/¯", "( ͡° ͜ʖ ͡°)", "ಠ_ಠ", "(╯°□°)╯︵ ┻━┻", "▓░ ■□ ♠♣♥♦", "⠓⠑⠇⠇⠕", "🄰🅱\ufe0f"),
    ],
    "Emoji": [
        *("😀😂🥹🫠", f"🏳{EMOJI_STYLE}{ZWJ}🌈", f"🏳{EMOJI_STYLE}{ZWJ}⚧{EMOJI_STYLE}", f"🏴{ZWJ}☠{EMOJI_STYLE}"),
        *(f"❤{EMOJI_STYLE}{ZWJ}🔥", f"❤{EMOJI_STYLE}{ZWJ}🩹", f"👁{EMOJI_STYLE}{ZWJ}🗨{EMOJI_STYLE}", f"🐕{ZWJ}🦺"),
        *(f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦", f"👩{ZWJ}❤{EMOJI_STYLE}{ZWJ}💋{ZWJ}👨", f"🧑{ZWJ}🧑{ZWJ}🧒{ZWJ}🧒"),
        *(f"🧑🏻{ZWJ}🤝{ZWJ}🧑🏿", f"👩🏽{ZWJ}❤{EMOJI_STYLE}{ZWJ}👨🏿", f"🫱🏻{ZWJ}🫲🏿", f"🕵🏽{ZWJ}♂{EMOJI_STYLE}"),
        *(
            f"🐻{ZWJ}❄{EMOJI_STYLE}",
            f"🐈{ZWJ}⬛",
            f"🐦{ZWJ}🔥",
            f"🍋{ZWJ}🟩",
            f"🙂{ZWJ}↔{EMOJI_STYLE}",
            f"⛓{EMOJI_STYLE}{ZWJ}💥",
        ),
        *(
            f"🚶{ZWJ}♀{EMOJI_STYLE}{ZWJ}➡{EMOJI_STYLE}",
            f"😶{ZWJ}🌫{EMOJI_STYLE}",
            f"😮{ZWJ}💨",
            f"🧔🏾{ZWJ}♂{EMOJI_STYLE}",
        ),
        # Added in Unicode 16 and later: unassigned for the Python that may run this.
        *("\U0001fae9 \U0001fac6 \U0001fabe \U0001fadc \U0001fa89 \U0001fa8f", "\U0001faea \U0001facd \U0001fa8e"),
        *("\U0001f468\U0001f3fd\u200d\U0001fab0", "See you 👍🏽!", "🎉🎂🥳 Happy birthday!!! 🎈"),
    ],
}

KEYCAPS = [f"{base}{EMOJI_STYLE}\N{COMBINING ENCLOSING KEYCAP}" for base in "#*0123456789"]

FLAGS = [
    "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country)
    for country in (
        "US",
        "CA",
        "MX",
        "GB",
        "DE",
        "FR",
        "ES",
        "IT",
        "NL",
        "PL",
        "UA",
        "IL",
        "SA",
        "IR",
        "IN",
        "BD",
        "LK",
        "TH",
        "KH",
        "CN",
        "JP",
        "KR",
        "BR",
        "AR",
        "ZA",
        "NG",
        "EG",
        "AU",
        "NZ",
        "EU",
    )
]

PROFESSIONS = [
    f"{person}{tone}{ZWJ}{thing}"
    for person, tone, thing in product(
        "👨👩🧑", ["", *TONES], ["⚕\ufe0f", "⚖\ufe0f", "✈\ufe0f", "🌾", "🍳", "🎓", "🚀", "💻"]
    )
]

BENIGN = [*(text for texts in WRITTEN.values() for text in texts), *KEYCAPS, *FLAGS, *PROFESSIONS]
