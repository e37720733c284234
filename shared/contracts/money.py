"""Money is an integer in the currency's minor unit; no float ever holds an amount."""

from typing import Annotated

from pydantic import AfterValidator, Field

# ISO 4217 (2024 list), the codes that are in circulation.
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG""".split()  # noqa: SIM905 - a list of quotes reads worse
)

# ISO 4217: decimals of the minor unit where they are not two. Browsers and Unicode's CLDR have other digits for HUF,
# IDR, COP, PKR, LBP and more: they say how people write an amount, not what its minor unit is.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)

# Minor units that cash is rounded to, where coins below are withdrawn, no longer made or no longer asked for. The euro
# has no entry: of its countries only those of `EURO_STEPS` round. After the central banks' announcements as
# https://en.wikipedia.org/wiki/Cash_rounding lists them. A store may say otherwise (`cash_rounding`).
CASH_STEPS = {
    "AUD": 5, "BBD": 5, "BRL": 5, "BSD": 5, "CAD": 5, "CHF": 5, "FJD": 5, "MYR": 5, "SGD": 5, "TTD": 5, "USD": 5,
    "CLP": 10, "CNY": 10, "HKD": 10, "ILS": 10, "KRW": 10, "NZD": 10, "PEN": 10, "ZAR": 10,
    "DKK": 50, "CZK": 100, "INR": 100, "JMD": 100, "NOK": 100, "SEK": 100, "TWD": 100, "UYU": 100,
    "HUF": 500, "COP": 5_000, "IDR": 10_000,
}  # fmt: skip

# Of the euro, by the country of the store (ISO 3166-1): Finland since 2002, the Netherlands 2004, Ireland 2015, Belgium
# 2019, Estonia 2025. Italy since 2018-01-01: article 13-quater of decree-law 50/2017 (Gazzetta Ufficiale, 17A04320).
# Slovakia since 2022-07-01: Act 18/1996 on prices, as the National Bank of Slovakia announced it. Lithuania since
# 2025-05-01: the law on the rounding of cash payments, press release of the Seimas of 2024-03-28 (www.lrs.lt).
EURO_STEPS = dict.fromkeys(("BE", "EE", "FI", "IE", "IT", "LT", "NL", "SK"), 5)

# The largest amount of one order in any currency: 10 billion rupiah or rials. A million of them fit a signed 64-bit
# column, and 9,000 what JavaScript counts exactly (2^53).
MAX_AMOUNT = 1_000_000_000_000
# The same for a currency without decimals, of which 10 billion are fewer minor units.
MAX_WHOLE_AMOUNT = 10_000_000_000


def _known(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("not an ISO 4217 currency code")
    return code


Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT, description="Minor units of the currency (cents, fen).")]
PositiveAmount = Annotated[int, Field(ge=1, le=MAX_AMOUNT, description="Minor units of the currency (cents, fen).")]
SignedAmount = Annotated[
    int, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT, description="Minor units of the currency, less than 0 for the other way.")
]
# Of a day: JavaScript counts up to 2^53 exactly.
SumOfAmounts = Annotated[int, Field(ge=-(2**53), le=2**53, description="Minor units of the currency, of many orders.")]
Currency = Annotated[
    str, Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.", examples=["USD"]), AfterValidator(_known)
]


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency, 2)


def largest_amount(currency: str) -> int:
    """Minor units of the largest order in the currency: 10 billion units of it, or a billion of one with 3 decimals."""
    return MAX_AMOUNT if exponent(currency) else MAX_WHOLE_AMOUNT


def cash_step(currency: str, country: str | None) -> int:
    """Minor units to which cash is rounded in this currency, in a country; 0 for no rounding."""
    return EURO_STEPS.get(country or "", 0) if currency == "EUR" else CASH_STEPS.get(currency, 0)


def written(amount: int, currency: str) -> str:
    """An amount as text in major units, without the currency: written(123456, "USD") is 1,234.56."""
    digits = exponent(currency)
    units, decimals = divmod(abs(amount), 10**digits)
    return f"{'-' * (amount < 0)}{units:,}" + (f".{decimals:0{digits}d}" if digits else "")


def share(amount: int, rate: int, per: int = 10_000) -> int:
    """`rate` ten-thousandths (or other parts) of `amount`, halves away from zero: share(1005, 5000) is 503."""
    return (2 * amount * rate + per) // (2 * per)


def tax_within(amount: int, rate: int, per: int = 10_000) -> int:
    """The tax that a price of `amount` already contains at the rate: tax_within(10600, 600) is 600."""
    divisor = per + rate
    return (2 * amount * rate + divisor) // (2 * divisor)
