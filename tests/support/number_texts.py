"""Telephone numbers in the ways in which people write them, and texts with numbers that are none."""

import random
from collections.abc import Callable, Iterator

FULL_WIDTH = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}
FULL_WIDTH_SIGNS = FULL_WIDTH | {ord("("): "（", ord(")"): "）", ord("-"): "－", ord("+"): "＋", ord(" "): "\u3000"}


def numbers(random_numbers: random.Random, count: int) -> Iterator[str]:
    """North American numbers, ten digits each."""
    for _ in range(count):
        area = random_numbers.randrange(200, 1000)
        exchange = random_numbers.randrange(200, 1000)
        yield f"{area}{exchange}{random_numbers.randrange(10_000):04}"


WRITTEN: dict[str, Callable[[str, str, str], str]] = {
    "bare": lambda a, e, n: f"{a}{e}{n}",
    "with the country": lambda a, e, n: f"1{a}{e}{n}",
    "E.164": lambda a, e, n: f"+1{a}{e}{n}",
    "E.164 spaced": lambda a, e, n: f"+1 {a} {e} {n}",
    "E.164 in parentheses": lambda a, e, n: f"+1 ({a}) {e}-{n}",
    "spaced": lambda a, e, n: f"{a} {e} {n}",
    "dotted": lambda a, e, n: f"{a}.{e}.{n}",
    "dashed": lambda a, e, n: f"{a}-{e}-{n}",
    "dashed with the country": lambda a, e, n: f"1-{a}-{e}-{n}",
    "in parentheses": lambda a, e, n: f"({a}) {e}-{n}",
    "in parentheses, close": lambda a, e, n: f"({a}){e}-{n}",
    "en dashes": lambda a, e, n: f"{a}–{e}–{n}",
    "no-break hyphens": lambda a, e, n: f"{a}\u2011{e}\u2011{n}",
    "no-break spaces": lambda a, e, n: f"{a}\u00a0{e}\u00a0{n}",
    "wide dashes": lambda a, e, n: f"{a} - {e} - {n}",
    "slashes": lambda a, e, n: f"{a}/{e}/{n}",
    "two groups": lambda a, e, n: f"{a}-{e}{n}",
    "two other groups": lambda a, e, n: f"{a}{e}-{n}",
    "by fives": lambda a, e, n: f"{a}{e[:2]} {e[2:]}{n}",
    "one by one": lambda a, e, n: " ".join(f"{a}{e}{n}"),
    "full width": lambda a, e, n: f"{a}{e}{n}".translate(FULL_WIDTH),
    "full width throughout": lambda a, e, n: f"+1 ({a}) {e}-{n}".translate(FULL_WIDTH_SIGNS),
    "keycaps": lambda a, e, n: "".join(f"{digit}\ufe0f\u20e3" for digit in f"{a}{e}{n}"),
    "Arabic digits": lambda a, e, n: f"{a} {e} {n}".translate({48 + digit: 0x660 + digit for digit in range(10)}),
    "struck out": lambda a, e, n: "".join(f"{digit}\u0336" for digit in f"{a}{e}{n}"),
}


def a_number_of(random_numbers: random.Random, digits: int) -> str:
    return str(random_numbers.randrange(10 ** (digits - 1), 10**digits))


def benign(random_numbers: random.Random) -> Iterator[tuple[str, str]]:
    """A kind, and a text of that kind, for ever."""
    pick, n = random_numbers.choice, random_numbers.randrange

    def digits(count: int) -> str:
        return a_number_of(random_numbers, count)

    while True:
        year, month, day, hour, minute = n(2020, 2031), n(1, 13), n(1, 29), n(24), n(60)
        yield (
            "order number",
            pick(
                (
                    f"Where is my order {digits(n(4, 13))}?",
                    f"order #{digits(n(4, 13))} never came",
                    f"#{digits(n(4, 10))}",
                    f"Invoice {digits(n(4, 10))} is wrong",
                    f"ORD-{year}-{n(100_000):05} please",
                    f"{digits(3)}-{digits(7)}-{digits(7)} is the Amazon one",
                    f"tracking 1Z{digits(3)}AA{digits(10)}",
                    f"tracking number: {digits(12)}",
                    f"PO 45{digits(8)} was sent",
                    f"my confirmation number is {digits(10)}",
                    f"it says {digits(n(4, 10))} on the slip",
                    f"SKU {digits(5)}-{digits(3)} in blue",
                )
            ),
        )
        zip_code = f"{n(501, 99_951):05}"
        yield (
            "ZIP code",
            pick(
                (
                    f"I am in {zip_code}",
                    f"Salt Lake City, UT {zip_code}-{digits(4)}",
                    f"zip {zip_code}, house {digits(4)}",
                    f"{digits(4)} W {digits(4)} S, UT {zip_code}",
                )
            ),
        )
        yield (
            "one-time code",
            pick(
                (
                    f"Your code is {digits(n(4, 9))}",
                    f"{digits(6)} is your login code, valid for 10 minutes",
                    f"G-{digits(6)}",
                    f"{digits(3)}-{digits(3)} is your code",
                    f"Use {digits(3)} {digits(3)} to sign in",
                    f"{digits(4)} {digits(4)} is your code",
                )
            ),
        )
        yield (
            "date",
            pick(
                (
                    f"{year}-{month:02}-{day:02} works",
                    f"on {month}/{day}/{year}",
                    f"on {month:02}/{day:02}/{year % 100:02}",
                    f"{day}.{month}.{year}, please",
                    f"{day:02}-{month:02}-{year}",
                    f"{year}{month:02}{day:02}",
                    f"call {month}/{day}/{year}",
                    f"from {year}-{month:02}-{day:02} to {year}-{month:02}-{day + 1:02}",
                    f"{year}/{month:02}/{day:02} - {year}/{month:02}/{day + 1:02}",
                )
            ),
        )
        yield (
            "time",
            pick(
                (
                    f"{hour}:{minute:02} ok?",
                    f"{hour:02}:{minute:02}-{(hour + 2) % 24:02}:{minute:02}",
                    f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{minute:02}",
                    f"{month}/{day}/{year} {hour:02}:{minute:02}",
                    f"call me {month}/{day} between {hour}:{minute:02} and 18:00",
                    f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00.000Z",
                )
            ),
        )
        yield (
            "price",
            pick(
                (
                    f"${n(1, 10)},{n(100, 1000)}.{n(100):02} is too much",
                    f"$ {n(100, 100_000)}",
                    f"{n(1, 1000)} {n(100, 1000)},{n(100):02} €",
                    f"between ${n(1, 10)}00-{n(1, 5)}000",
                    f"${n(1, 10)},{n(100, 1000)},{n(100, 1000)}",
                    f"2 for {n(1, 100)}.{n(100):02}, 5 for {n(100, 1000)}.{n(100):02}",
                )
            ),
        )
