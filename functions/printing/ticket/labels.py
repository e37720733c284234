"""The labels of a ticket, by language."""

from dataclasses import dataclass
from typing import NamedTuple

from functions.printing.ticket.records import Language
from shared.contracts.messages.orders import Service


class ServiceLabels(NamedTuple):
    """How the guest gets the food."""

    dine_in: str
    takeaway: str
    delivery: str

    def of(self, service: Service) -> str:
        """The label of a service."""
        return {Service.DINE_IN: self.dine_in, Service.TAKEAWAY: self.takeaway, Service.DELIVERY: self.delivery}[
            service
        ]


@dataclass(frozen=True)
class Labels:
    """The labels of one language. `not_this` stands before a cancelled line, `without` before an option left out."""

    services: ServiceLabels
    reprint: str
    cancelled: str
    do_not_make: str
    not_this: str
    times: str
    allergy: str
    table: str
    placed: str
    ready_at: str
    subtotal: str
    discount: str
    service_charge: str
    delivery_charge: str
    tax: str
    total: str
    rounding: str
    refunded: str
    change: str
    items: str
    test: str
    added: str
    removed: str
    changed: str
    change_of_order: str
    before: str
    guests: str
    bill: str
    tip: str
    tendered: str
    share: str
    without: str
    day_report: str
    sales: str
    tenders: str
    drawer: str
    hours: str
    persons: str
    late: str
    liabilities: str
    voids: str
    opening_float: str
    expected: str
    counted: str
    difference: str


LABELS = {
    Language.ENGLISH: Labels(
        services=ServiceLabels("DINE IN", "TAKEAWAY", "DELIVERY"),
        reprint="REPRINT",
        cancelled="CANCELLED",
        do_not_make="DO NOT MAKE",
        not_this="NO",
        times="x",
        allergy="ALLERGY",
        table="Table",
        placed="Placed",
        ready_at="WANTED",
        subtotal="Subtotal",
        discount="Discount",
        service_charge="Service",
        delivery_charge="Delivery",
        tax="Tax",
        total="TOTAL",
        rounding="Rounding",
        refunded="Refunded",
        change="Change",
        items="Items",
        test="TEST PAGE",
        added="NEW",
        removed="TAKE OFF",
        changed="CHANGED",
        change_of_order="CHANGE",
        before="before",
        guests="Guests",
        bill="BILL - NOT PAID",
        tip="Tip",
        tendered="Given",
        share="Share",
        without="NO",
        day_report="DAY REPORT",
        sales="Sales",
        tenders="Payments",
        drawer="Cash drawer",
        hours="By hour",
        persons="By person",
        late="Late, of earlier days",
        liabilities="Gift cards and deposits",
        voids="Voided",
        opening_float="Float",
        expected="Expected",
        counted="Counted",
        difference="Difference",
    ),
    Language.CHINESE: Labels(
        services=ServiceLabels("堂食", "外带", "外卖"),
        reprint="补打 REPRINT",
        cancelled="取消",
        do_not_make="不要制作",
        not_this="退",
        times="x",
        allergy="过敏",
        table="桌号",
        placed="下单",
        ready_at="预约",
        subtotal="小计",
        discount="优惠",
        service_charge="服务费",
        delivery_charge="配送费",
        tax="税",
        total="合计",
        rounding="抹零",
        refunded="退款",
        change="找零",
        items="件数",
        test="测试页",
        added="加菜",
        removed="退菜",
        changed="改菜",
        change_of_order="改单",
        before="原",
        guests="人数",
        bill="账单 未付",
        tip="小费",
        tendered="实收",
        share="分摊",
        without="不要",
        day_report="日结",
        sales="销售",
        tenders="收款",
        drawer="钱箱",
        hours="按小时",
        persons="按员工",
        late="补传的往日订单",
        liabilities="礼品卡和押金",
        voids="退菜",
        opening_float="备用金",
        expected="应有",
        counted="实点",
        difference="差额",
    ),
    Language.ARABIC: Labels(
        services=ServiceLabels("محلي", "سفري", "توصيل"),
        reprint="إعادة طباعة REPRINT",
        cancelled="ملغى",
        do_not_make="لا تحضّر",
        not_this="لا",
        times="×",
        allergy="حساسية",
        table="طاولة",
        placed="وقت الطلب",
        ready_at="مطلوب",
        subtotal="المجموع الفرعي",
        discount="خصم",
        service_charge="خدمة",
        delivery_charge="رسوم التوصيل",
        tax="ضريبة",
        total="الإجمالي",
        rounding="تقريب",
        refunded="مسترد",
        change="الباقي",
        items="عدد القطع",
        test="صفحة اختبار",
        added="جديد",
        removed="احذف",
        changed="معدّل",
        change_of_order="تعديل",
        before="قبل",
        guests="عدد الضيوف",
        bill="فاتورة - غير مدفوعة",
        tip="إكرامية",
        tendered="المستلم",
        share="حصة",
        without="بدون",
        day_report="تقرير اليوم",
        sales="المبيعات",
        tenders="المدفوعات",
        drawer="درج النقد",
        hours="حسب الساعة",
        persons="حسب الموظف",
        late="متأخر من أيام سابقة",
        liabilities="بطاقات هدايا وودائع",
        voids="ملغاة",
        opening_float="رصيد البداية",
        expected="المتوقع",
        counted="المعدود",
        difference="الفرق",
    ),
}
