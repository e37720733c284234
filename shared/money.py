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

# The largest amount of one order: fits a signed 64-bit column many thousand times over, and stops a slip of the keys.
MAX_AMOUNT = 1_000_000_000


def _known(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("not an ISO 4217 currency code")
    return code


Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT, description="Minor units of the currency (cents, fen).")]
PositiveAmount = Annotated[int, Field(ge=1, le=MAX_AMOUNT, description="Minor units of the currency (cents, fen).")]
Currency = Annotated[
    str, Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.", examples=["USD"]), AfterValidator(_known)
]


def share(amount: int, basis_points: int) -> int:
    """`basis_points` ten-thousandths of `amount`, halves away from zero: share(1005, 5000) is 503."""
    return (amount * basis_points + 5_000) // 10_000


def tax_within(amount: int, basis_points: int) -> int:
    """The tax that a price of `amount` already contains at the rate: tax_within(10600, 600) is 600."""
    divisor = 10_000 + basis_points
    return (2 * amount * basis_points + divisor) // (2 * divisor)
