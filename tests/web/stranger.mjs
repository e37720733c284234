// node stranger.mjs, with PAGE, EMULATOR, SOCKET and BROWSER in the environment: what a web page of another origin gets
// from the emulator, as JSON.
import { chromium } from "playwright-core";

const { PAGE, EMULATOR, SOCKET, BROWSER } = process.env;
const REBOUND = "http://rebound.example:" + new URL(EMULATOR).port;

const browser = await chromium.launch({
  executablePath: BROWSER,
  args: ["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"],
});
const page = await browser.newPage();

async function attempts(emulator) {
  return page.evaluate(async ([emulator, socket]) => {
    const text = (promise) => promise.then((reply) => reply.text()).catch(() => "unread");
    const opened = new Promise((resolve) => {
      const connection = new WebSocket(socket);
      connection.onopen = () => resolve("opened");
      connection.onerror = () => resolve("refused");
    });
    return {
      simple: await text(fetch(emulator, { method: "POST", body: new URLSearchParams({ Action: "ListQueues" }) })),
      preflight: await text(fetch(emulator, {
        method: "POST",
        body: "{}",
        headers: { "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.ListSecrets" },
      })),
      written: await fetch(emulator + "/?Action=CreateQueue&QueueName=by-a-stranger", { mode: "no-cors" })
        .then(() => "sent").catch(() => "unsent"),
      websocket: await opened,
    };
  }, [emulator, SOCKET]);
}

try {
  await page.goto(PAGE);
  const beside = await attempts(EMULATOR);
  await page.goto(PAGE.replace("127.0.0.1", "stranger.example"));
  const elsewhere = await attempts(EMULATOR);
  const reply = await page.goto(REBOUND + "/_ministack/health");
  const rebound = reply.status() === 200 ? await attempts(REBOUND) : { simple: "refused", preflight: "refused" };
  const own = await page.goto(EMULATOR + "/_ministack/health");
  console.log(JSON.stringify({ beside, elsewhere, rebound, own: [own.status(), await attempts(EMULATOR)] }));
} finally {
  await browser.close();
}
