"""The forms of the simulated K3Cloud: which fields a bill has, which are required, and what base data they name.

Keys are those of public documents of K3Cloud WebAPI. A real tenant has many more fields; unknown ones are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Form:
    """`base`: field → form of its base data. `takes`, `adds`: the stock fields of an audited entry, by direction."""

    id: str
    head: tuple[str, ...]
    entry: str = ""
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    base: Mapping[str, str] = field(default_factory=dict)
    number: str = "FBillNo"
    key: str = "FID"
    quantity: str = ""
    priced: bool = False
    takes: str = ""
    adds: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a query: head, then entry."""
        computed = (self.key, self.number, "FDocumentStatus", "FCreateDate", "FModifyDate", "FApproveDate")
        entry = (f"{self.entry}_FEntryID", f"{self.entry}_FSeq") if self.entry else ()
        amounts = ("FAmount", "FEntryTaxAmount", "FAllAmount") if self.priced else ()
        return (*computed, *self.head, *(("FBillAllAmount",) if self.priced else ()), *entry, *self.fields, *amounts)

    @property
    def entry_columns(self) -> set[str]:
        """Names with small letters of the columns that belong to an entry: a query of one joins head × entries."""
        amounts = {"FAmount", "FEntryTaxAmount", "FAllAmount"} if self.priced else set()
        names = {f"{self.entry}_FEntryID", f"{self.entry}_FSeq", *self.fields, *amounts} if self.entry else set()
        return {name.lower() for name in names}


# Fields that a query gives as JSON numbers, whatever was sent: names with small letters.
NUMBERS = {"frealqty", "fqty", "fpriceqty", "ftaxprice", "fentrytaxrate", "fdebit", "fcredit", "fsaleprice"}
ORGANISATIONS, CUSTOMERS, SUPPLIERS = "ORG_Organizations", "BD_Customer", "BD_Supplier"
MATERIALS, UNITS, STOCKS, ACCOUNTS = "BD_MATERIAL", "BD_UNIT", "BD_STOCK", "BD_Account"
GOODS = {"FMaterialID": MATERIALS, "FUnitID": UNITS, "FStockID": STOCKS}


def _sale(name: str, quantity: str, *, takes: str = "", adds: str = "") -> Form:
    return Form(
        name,
        head=("FDate", "FBillTypeID", "FSaleOrgId", "FStockOrgId", "FCustomerID", "FNote"),
        entry="FEntity",
        fields=("FMaterialID", "FUnitID", quantity, "FStockID", "FTaxPrice", "FEntryTaxRate", "FIsFree", "FEntrynote"),
        required=("FDate", "FSaleOrgId", "FStockOrgId", "FCustomerID", "FMaterialID", "FUnitID", quantity),
        base={"FSaleOrgId": ORGANISATIONS, "FStockOrgId": ORGANISATIONS, "FCustomerID": CUSTOMERS, **GOODS},
        quantity=quantity,
        priced=True,
        takes=takes,
        adds=adds,
    )


def _stock(name: str, entry: str, quantity: str, *, takes: str = "", adds: str = "", **base: str) -> Form:
    stocks = tuple(filter(None, (takes, adds)))
    return Form(
        name,
        head=("FDate", "FBillTypeID", "FStockOrgId", "FNote", *base),
        entry=entry,
        fields=("FMaterialID", "FUnitID", quantity, *stocks, "FEntryNote"),
        required=("FDate", "FStockOrgId", "FMaterialID", "FUnitID", quantity, *stocks),
        base={"FStockOrgId": ORGANISATIONS, "FMaterialID": MATERIALS, "FUnitID": UNITS, **base}
        | dict.fromkeys(stocks, STOCKS),
        quantity=quantity,
        takes=takes,
        adds=adds,
    )


def _base(name: str, key: str, *fields: str) -> Form:
    return Form(
        name, head=("FName", "FForbidStatus", *fields), required=("FNumber", "FName"), number="FNumber", key=key
    )


BILLS = (
    _sale("SAL_OUTSTOCK", "FRealQty", takes="FStockID"),
    _sale("SAL_RETURNSTOCK", "FRealQty", adds="FStockID"),
    Form(
        "AR_receivable",
        head=("FDate", "FBillTypeID", "FCUSTOMERID", "FSETTLEORGID", "FAR_Remark"),
        entry="FEntityDetail",
        fields=("FMATERIALID", "FPriceQty", "FTaxPrice", "FEntryTaxRate", "FComment"),
        required=("FDate", "FCUSTOMERID", "FSETTLEORGID", "FPriceQty"),
        base={"FCUSTOMERID": CUSTOMERS, "FSETTLEORGID": ORGANISATIONS, "FMATERIALID": MATERIALS},
        quantity="FPriceQty",
        priced=True,
    ),
    Form(
        "GL_VOUCHER",
        head=("FDate", "FAccountBookID", "FVOUCHERGROUPID"),
        entry="FEntity",
        fields=("FEXPLANATION", "FACCOUNTID", "FDEBIT", "FCREDIT"),
        required=("FDate", "FACCOUNTID"),
        base={"FACCOUNTID": ACCOUNTS},
        key="FVOUCHERID",
    ),
    _stock("STK_InStock", "FInStockEntry", "FRealQty", adds="FStockID", FSupplierId=SUPPLIERS),
    _stock("STK_TransferDirect", "FBillEntry", "FQty", takes="FSrcStockId", adds="FDestStockId"),
    _stock("STK_MisDelivery", "FEntity", "FQty", takes="FStockID"),
)
BASE_DATA = (
    _base(ORGANISATIONS, "FOrgID"),
    _base(CUSTOMERS, "FCUSTID"),
    _base(SUPPLIERS, "FSupplierId"),
    _base(UNITS, "FUNITID"),
    _base(STOCKS, "FStockId"),
    _base(ACCOUNTS, "FACCTID"),
    _base(MATERIALS, "FMATERIALID", "FBaseUnitId", "FTaxRateId", "FSalePrice", "FMaterialGroup"),
)
INVENTORY = Form(
    "STK_Inventory",
    head=("FStockOrgId", "FStockId", "FMaterialId", "FBaseUnitId", "FBaseQty", "FUpdateTime"),
    base={"FStockOrgId": ORGANISATIONS, "FStockId": STOCKS, "FMaterialId": MATERIALS, "FBaseUnitId": UNITS},
)
FORMS = {form.id.lower(): form for form in (*BILLS, *BASE_DATA, INVENTORY)}
