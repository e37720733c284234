// Amounts for people. The decimals of a minor unit are ISO 4217's, as in shared/contracts/money.py: those of the browser are CLDR's,
// which have none for HUF, COP, IDR, PKR and others, and would show these amounts a hundred times too high.
const EXPONENTS = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0,
  XPF: 0, BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
};

// `amount` is in minor units; `whole` leaves the decimals away.
function money(amount, currency, whole = false) {
  const exponent = EXPONENTS[currency] ?? 2;
  const digits = whole ? 0 : exponent;
  const format = new Intl.NumberFormat(undefined, {
    style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
  return format.format(amount / 10 ** exponent);
}
