"""Records of Tryton by their codes, remembered for a run."""

from decimal import Decimal

from functions.sync.adapters.tryton_rpc import Row, Rpc


class TrytonCodes:
    """Warehouses, products, units and suppliers of one company. A code that Tryton lacks is a `LookupError`."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._rows: dict[tuple[str, str], Row] = {}

    def warehouse(self, code: str) -> Row:
        """The locations of the warehouse of a store."""
        return self._one("stock.location", "code", code, "storage_location", "lost_found_location", "input_location")

    def product(self, code: str) -> Row:
        """The product, with its own unit and its cost."""
        return self._one("product.product", "code", code, "default_uom", "default_uom.factor", "cost_price")

    def unit(self, name: str) -> Row:
        """The unit."""
        return self._one("product.uom", "name", name, "factor")

    def supplier(self, code: str) -> Row:
        """The party from which receipts come."""
        return self._one("party.party", "code", code, "supplier_location")

    def in_own_unit(self, quantity: Decimal, product: str, unit: str) -> Decimal:
        """A quantity in the product's own unit, which inventories have: 2 of a unit of factor 1000 are 2000 of 1."""
        return quantity * _factor(self.unit(unit)["factor"]) / _factor(self.product(product)["default_uom."]["factor"])

    def unit_cost(self, product: str, unit: str) -> Decimal:
        """The product's cost for one of a unit."""
        cost: Decimal = self.product(product)["cost_price"] or Decimal(0)
        return (cost * self.in_own_unit(Decimal(1), product, unit)).quantize(Decimal("0.0001"))

    def _one(self, model: str, name: str, value: str, *fields: str) -> Row:
        if (model, value) not in self._rows:
            rows = self._rpc.read(model, [[name, "=", value]], ["id", *fields], 1)
            if not rows:
                raise LookupError(f"{model} {value}")
            self._rows[model, value] = rows[0]
        return self._rows[model, value]


def _factor(value: float) -> Decimal:
    return Decimal(str(value))
