// Discount codes, the service charge and the delivery charge of a menu.
import type { JSX } from "preact";
import { Card, Checks, Lines, MoneyField, TextField, format, useTexts } from "../../kit";
import en from "./en";
import type { Menu, Editing } from "./model";
import zh from "./zh";

const percentOf = (rate: number): string => String(rate / 100);
const rateOf = (text: string): number => Math.round(Number(text.replace(",", ".")) * 100) || 0;

export function Charges({ opened, menu, change }: Editing): JSX.Element {
  const t = useTexts({ en, zh });
  if (!change) return <Shown menu={menu} currency={opened.currency} />;
  const set = (fields: Partial<Menu>) => change({ ...menu, ...fields });
  const charge = menu.service_charge;
  return (
    <>
      <Card title={t.discounts}>
        <Lines rows={menu.discounts ?? []} onChange={(discounts) => set({ discounts })} fresh={() => ({ code: "", rate: 1_000, amount: null })} add={t.addDiscount}>
          {(discount, setDiscount) => (
            <>
              <TextField label={t.code} value={discount.code} onChange={(code) => setDiscount({ ...discount, code })} required maxLength={64} />
              <TextField label={t.rate} type="number" min={0.01} max={100} step="0.01" value={discount.rate ? percentOf(discount.rate) : ""}
                onChange={(text) => setDiscount({ ...discount, rate: rateOf(text) || null, amount: rateOf(text) ? null : discount.amount ?? 1 })} />
              <MoneyField label={t.amount} value={discount.amount ?? null} currency={opened.currency}
                onChange={(amount) => setDiscount({ ...discount, amount, rate: amount === null ? (discount.rate ?? 1_000) : null })} />
            </>
          )}
        </Lines>
      </Card>
      <Card title={t.charges}>
        <TextField label={t.serviceCharge} type="number" min={0} max={100} step="0.01" value={charge ? percentOf(charge.rate) : ""}
          onChange={(text) => set({ service_charge: text === "" ? null : { services: charge?.services ?? ["dine_in"], rate: rateOf(text) } })} />
        {charge && <Checks label={t.serviceChargeFor} all={t.services} chosen={charge.services} onChange={(services) => set({ service_charge: { ...charge, services } })} />}
        <MoneyField label={t.deliveryCharge} value={menu.delivery_charge ?? null} currency={opened.currency} onChange={(delivery_charge) => set({ delivery_charge })} />
      </Card>
    </>
  );
}

function Shown({ menu, currency }: { menu: Menu; currency: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const amount = (value: number | null | undefined) => (value === null || value === undefined ? "–" : format.money(value, currency));
  return (
    <Card title={t.charges}>
      <dl class="facts">
        {(menu.discounts ?? []).map(({ code, rate, amount: fixed }) => <div key={code}><dt>{code}</dt><dd>{rate ? `${percentOf(rate)} %` : amount(fixed)}</dd></div>)}
        <div><dt>{t.serviceCharge}</dt><dd>{menu.service_charge ? percentOf(menu.service_charge.rate) : "–"}</dd></div>
        <div><dt>{t.deliveryCharge}</dt><dd>{amount(menu.delivery_charge)}</dd></div>
      </dl>
    </Card>
  );
}
