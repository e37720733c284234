// node guest_page.mjs, with API, PAGE, TOKEN, OTHER_TOKEN, ORDER and BROWSER in the environment: a page of another origin
// places an order with a guest token, by clients/javascript. Prints what it got as JSON.
import { chromium } from "playwright-core";

const { API, PAGE, TOKEN, OTHER_TOKEN, ORDER, BROWSER } = process.env;

const browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(PAGE);
  const got = await page.evaluate(async ([api, token, otherToken, order]) => {
    const { Client } = await import("/dumbwaiter.js");
    const failure = (promise) => promise.then(() => "done").catch((error) => error.code ?? error.name);
    const guest = new Client(api, { token, attempts: 1 });
    const menu = await guest.getMenu(order.store);
    const placed = await guest.placeOrder(order);
    return {
      currency: menu.currency,
      placed,
      read: await guest.getOrder(placed.id),
      cancelled: (await guest.cancelOrder(placed.id, "changed my mind")).fulfilment,
      list: await failure(guest.listOrders()),
      store: await failure(guest.request("GET", `/v1/stores/${order.store}`)),
      otherOrigin: await failure(new Client(api, { token: otherToken, attempts: 1 }).getMenu(order.store)),
      forged: await failure(new Client(api, { token: `${token.slice(0, -9)}AAAAAAA==`, attempts: 1 }).getMenu(order.store)),
      secret: (() => {
        try {
          return new Client(api, { keyId: "k", secret: "s" }) && "made";
        } catch (error) {
          return error.message;
        }
      })(),
    };
  }, [API, TOKEN, OTHER_TOKEN, JSON.parse(ORDER)]);
  console.log(JSON.stringify(got));
} finally {
  await browser.close();
}
