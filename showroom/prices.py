"""Prices as people of a language write them (Unicode's CLDR), as `words.js` does in the browser."""

from babel import Locale, numbers


def price(hundredths: int, currency: str, locale: Locale) -> str:
    """Return an amount of a currency (ISO 4217), without decimals where there are none."""
    pattern = str(locale.currency_formats["standard"].pattern)
    if hundredths % 100 == 0:
        pattern = pattern.replace("0.00", "0")
    return str(
        numbers.format_currency(
            hundredths / 100, currency, pattern, locale, currency_digits=hundredths % 100 != 0
        )
    )
