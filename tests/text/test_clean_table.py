"""Every class of character that cleaning deals with: what goes in, and exactly what comes out."""

import pytest

from convirza_mcp.text.clean import clean

ESC = "\x1b"
BEL = "\x07"
ST = f"{ESC}\\"
ZWJ = "\u200d"
ZWNJ = "\u200c"
VS15 = "\ufe0e"
VS16 = "\ufe0f"
ACUTE = "\u0301"
DOT_BELOW = "\u0323"
STRIKE = "\u0336"

CASES = {
    # Control characters
    "C0 controls": ("a\x00\x01\x08b\x0e\x1fc", "abc"),
    "DEL": ("a\x7fb", "ab"),
    "tab and line feed stay": ("a\tb\nc", "a\tb\nc"),
    "backspaces": ("safe\x08\x08\x08\x08evil", "safeevil"),
    # Line separators
    "CR, CRLF": ("a\rb\r\nc\n\rd", "a\nb\nc\n\nd"),
    "VT, FF, LS, PS": ("a\vb\fc\u2028d\u2029e", "a\nb\nc\nd\ne"),
    "CR and LF around something hidden": ("a\r\u200b\nb", "a\nb"),
    # Windows-1252
    "quotes and dashes": ("don\x92t \x93x\x94 \x96 \x97 \x91y\x92", "don’t “x” – — ‘y’"),
    "euro, ellipsis, trade mark": ("\x80 5\x85 \x99", "€ 5… ™"),
    "the five that mean nothing": ("a\x81\x8d\x8f\x90\x9db", "ab"),
    "letters that open control strings": ("ma\x9ee\x9a, \x9fX, \x98, \x8bx\x9b y", "mažeš, ŸX, ˜, ‹x› y"),
    "a letter, then a combining mark": (f"\x9a{ACUTE}{DOT_BELOW}", f"ṣ\u030c{ACUTE}"),
    "a misread emoji": ("\xf0\x9f\x98\x9c \xf0\x9f\x8c\x9c", "ðŸ˜œ ðŸŒœ"),
    "a misread quote": ("\xe2\x80\x9cHi\xe2\x80\x9d there", "â€œHiâ€ there"),
    # Terminal sequences that begin with ESC
    "CSI colour": (f"{ESC}[31mred{ESC}[0m", "red"),
    "CSI colon, private, intermediate": (f"a{ESC}[38:2::1:2:3mb{ESC}[?25lc{ESC}[>1;2 qd{ESC}[!pe", "abcde"),
    "CSI without end": (f"a{ESC}[12;", "a"),
    "CSI broken by a letter of another script": (f"a{ESC}[12é", "aé"),
    "OSC title, BEL": (f"a{ESC}]0;evil{BEL}b", "ab"),
    "OSC 8 link, ST": (f"{ESC}]8;;https://x.example{ST}click{ESC}]8;;{ST}", "click"),
    "OSC 52 clipboard, 8-bit ST": (f"a{ESC}]52;c;cm0gLXJm\x9cb", "ab"),
    "OSC without end": (f"a{ESC}]0;evil\nmore", "a"),
    "OSC without end, then another": (f"a{ESC}]0;evil{ESC}[1mb", "ab"),
    "OSC cancelled": (f"a{ESC}]0;x\x18b{ESC}]0;x\x1ac", "abc"),
    "DCS, SOS, PM, APC": (f"a{ESC}Pq{BEL}x{ST}b{ESC}Xx{ST}c{ESC}^x{ST}d{ESC}_x\x9ce", "abcde"),
    "DCS without end": (f"a{ESC}Pevil", "a"),
    "two and three byte escapes": (f"a{ESC}cb{ESC}7c{ESC}(Bd{ESC}#8e{ESC} Ff", "abcdef"),
    "ESC alone": (f"a{ESC}\nb{ESC}éc{ESC}", "a\nbéc"),
    "ESC ESC": (f"a{ESC}{ESC}[31mb", "ab"),
    "a sequence inside another": (f"{ESC}{ESC}[1m[31mx", "[31mx"),
    "a hidden character inside": (f"{ESC}\u200b[31mx", "[31mx"),
    # Terminal sequences that begin with U+0080-009F
    "8-bit CSI": ("a\x9b31mb\x9b?25lc\x9b1;2!pd", "abcd"),
    "8-bit CSI without parameters or end": ("\x9bm \x9b31 \x9b", "›m ›31 ›"),
    "8-bit OSC": (f"a\x9d0;t{BEL}b\x9d0;t\x9cc\x9d0;t{ST}d", "abcd"),
    "8-bit OSC without end": ("a\x9d0;t", "a0;t"),
    "8-bit DCS, SOS, PM, APC": (f"a\x90x\x9cb\x98x{ST}c\x9ex\x9cd\x9fx\x9ce", "abcde"),
    "8-bit DCS without end": ("a\x90x \x98y", "ax ˜y"),
    # Hidden characters
    "tag characters": ("Hi\U000e0001\U000e0049\U000e0067\U000e007f!", "Hi!"),
    "a subdivision flag": ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f!", "🏴!"),
    "bidi overrides and isolates": ("a\u202ab\u202bc\u202cd\u202de\u202ef\u2066g\u2067h\u2068i\u2069j", "abcdefghij"),
    "bidi marks": ("שלום\u200f! \u200ea\u061cb", "שלום! ab"),
    "zero width": ("a\u200bb\u2060c\ufeffd", "abcd"),
    "invisible operators": ("f\u2061x\u2062y\u2063z\u2064w", "fxyzw"),
    "soft hyphen, CGJ, Mongolian vowel separator": ("a\u00adb\u034fc\u180ed", "abcd"),
    "deprecated formats": ("a\u206ab\u206fc\u2065d", "abcd"),
    "Hangul and Khmer fillers": ("a\u115fb\u1160c\u3164d\uffa0e\u17b4f\u17b5g", "abcdefg"),
    "musical, shorthand, hieroglyph, annotation controls": (
        "a\U0001d173b\U0001bca0c\U00013430d\ufff9e\ufffbf",
        "abcdef",
    ),
    "surrogates": ("a\ud800b\udfffc\ud83d\ude00d", "abcd"),
    "private use": ("a\ue000b\uf8ffc\U000f0000d\U0010fffde", "abcde"),
    "noncharacters": ("a\ufdd0b\uffffc\U0001fffed\U0010ffffe", "abcde"),
    "default-ignorables without a character": ("a\ufff0b\U000e0fffc\U000e0080d", "abcd"),
    "unassigned code points stay": ("a\U0001fbffb\u0378c", "a\U0001fbffb\u0378c"),
    "visible format characters stay": (
        "\u0600\u0661 \u06dd \u070f \u08e2 \U000110bd",
        "\u0600\u0661 \u06dd \u070f \u08e2 \U000110bd",
    ),
    # Joiners
    "joiners between Latin letters": (f"pass{ZWJ}wo{ZWNJ}rd", "password"),
    "joiners at the ends": (f"{ZWJ}می{ZWNJ}", "می"),
    "joiners between scripts": (f"a{ZWNJ}ب ب{ZWNJ}1 न{ZWJ}😀", "aب ب1 न😀"),
    "the first of a row of joiners": (f"می{ZWNJ}{ZWNJ}{ZWJ}خواهم 👩{ZWJ}{ZWJ}👧", f"می{ZWNJ}خواهم 👩{ZWJ}👧"),
    "non-joiner between emoji": (f"👩{ZWNJ}👧", "👩👧"),
    "joiner after a flag or digit": (f"🇺🇸{ZWJ}😀 1{VS16}{ZWJ}😀", f"🇺🇸😀 1{VS16}😀"),
    "joiner inside a stack of marks": (f"न्{ZWJ}\u093c", "ऩ्"),
    # Variation selectors
    "selectors at the start, after space, after ASCII": (f"{VS16}a{VS16} {VS16}b\u00a0{VS15}", "a b\u00a0"),
    "more than one selector": (f"❤{VS16}{VS15}\ufe00{VS16}!", f"❤{VS16}!"),
    "selectors after something removed": (f"❤\u200b{VS16} ❤{ESC}[m{VS16} ❤\U000e0041{VS16}", "❤ ❤ ❤"),
    "selectors after a mark": (f"x{ACUTE}{VS16} 漢\u302a\U000e0100", f"x{ACUTE} 漢\u302a"),
    "digits take emoji style only": (
        f"1\ufe00 2{VS15} 3{VS16} #{VS16} *{VS16} +{VS16}",
        f"1 2{VS15} 3{VS16} #{VS16} *{VS16} +",
    ),
    "supplement selectors after Han only": ("葛\U000e0100 あ\U000e0100 é\U000e01ef 1\U000e0100", "葛\U000e0100 あ é 1"),
    "Mongolian selectors after Mongolian only": (
        "\u1820\u180b a\u180c 漢\u180d \u1820\u180f",
        "\u1820\u180b a 漢 \u1820\u180f",
    ),
    "data hidden in selectors": ("😀" + "".join(chr(0xE0100 + byte) for byte in b"ignore all"), "😀"),
    # Marks
    "nine marks": ("x" + STRIKE * 9 + "y", "x" + STRIKE * 8 + "y"),
    "nine marks around hidden characters": ("x" + (STRIKE * 3 + "\u200b") * 3 + "y", "x" + STRIKE * 8 + "y"),
    "composed before counted": ("e" + ACUTE * 9, "é" + ACUTE * 8),
    "a row of marks that grows when composed": (f"ǘ{DOT_BELOW}" + ACUTE * 8, f"ụ\u0308{ACUTE}" + ACUTE * 6),
    "marks beyond the first plane": ("\U00011013" + "\U00011046" * 12 + "x", "\U00011013" + "\U00011046" * 8 + "x"),
    "marks without a base": (ACUTE * 20, ACUTE * 8),
    # Composition
    "decomposed letters": (f"e{ACUTE} \u1112\u1161\u11ab \u212b", "é 한 Å"),
    "letters composed by a removal": (f"e\u034f{ACUTE} \u1112\u200b\u1161{ZWJ}\u11ab", "é 한"),
    # What is data
    "markup": (
        "![x](http://x.example) <img src=x> </untrusted> {{x}}",
        "![x](http://x.example) <img src=x> </untrusted> {{x}}",
    ),
}


@pytest.mark.parametrize(("dirty", "cleaned"), CASES.values(), ids=CASES)
def test_each_class_of_the_table(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned
    assert clean(cleaned) == cleaned
